// Join keys of different dtypes are cast to one that holds both exactly. Integers never meet floats this way: an int64
// would lose digits, and two different keys could match.

import {
  type DType,
  dtypeName,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  isFloat,
  isInteger,
  isUnsigned,
  sameDType,
  UINT16,
  UINT32,
  UINT64,
} from "../dtype/index.ts";
import { castNode, type ExprNode } from "../expr/index.ts";

/** Both keys under their common dtype; null when there is none. */
export function commonKeys(
  left: ExprNode,
  leftType: DType,
  right: ExprNode,
  rightType: DType,
): { left: ExprNode; right: ExprNode } | null {
  if (sameDType(leftType, rightType)) return { left, right };
  const common = commonKeyType(leftType, rightType);
  if (common === null) return null;
  const cast = (key: ExprNode, dtype: DType) =>
    sameDType(dtype, common) ? key : castNode(key, common, true);
  return { left: cast(left, leftType), right: cast(right, rightType) };
}

function commonKeyType(a: DType, b: DType): DType | null {
  if (isFloat(a) && isFloat(b)) return FLOAT64;
  if (!isInteger(a) || !isInteger(b)) return null;
  const bits = Math.max(bitsOf(a), bitsOf(b));
  if (isUnsigned(a) && isUnsigned(b)) return bits === 64 ? UINT64 : bits === 32 ? UINT32 : UINT16;
  const signed = Math.max(signedBits(a), signedBits(b));
  return [INT8, INT16, INT32, INT64].find((dtype) => bitsOf(dtype) >= signed) ?? null;
}

function bitsOf(dtype: DType): number {
  return Number(/\d+$/.exec(dtypeName(dtype))?.[0]);
}

/** The width of the signed integer that holds every value; more than 64 for uint64. */
function signedBits(dtype: DType): number {
  return isUnsigned(dtype) ? 2 * bitsOf(dtype) : bitsOf(dtype);
}
