// Join keys of different dtypes are cast to the one in which they meet, if it holds both exactly. Integers and decimals
// never meet floats this way: an int64 would lose digits, and two different keys could match.

import { commonDType, type DType, isFloat, sameDType } from "../dtype/index.ts";
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
  return isFloat(a) === isFloat(b) ? commonDType(a, b) : null;
}
