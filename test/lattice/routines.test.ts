// Every routine on every executor against the reference: dense and adversarial operands, float64 and float32.
import { describe, expect, test } from "vitest";
import { columnFromValues } from "../../src/column/index.ts";
import { FLOAT32, FLOAT64, Schema } from "../../src/dtype/index.ts";
import { type AnyExpr, col } from "../../src/expr/index.ts";
import { bindExpression, lowerProgram } from "../../src/function/index.ts";
import { BINARY_ROUTINES, ROUTINES, type RoutineName } from "../../src/ir/index.ts";
import { operandsOf } from "../math/operands.ts";
import { casesFor, executorsUnderTest } from "./executors.ts";
import { expectReferenceResult, type LatticeCase } from "./lattice.ts";

const fields = [
  { name: "x", dtype: FLOAT64 },
  { name: "y", dtype: FLOAT64 },
  { name: "x32", dtype: FLOAT32 },
  { name: "y32", dtype: FLOAT32 },
];

function callOf(name: RoutineName, x: AnyExpr, y: AnyExpr): AnyExpr {
  const methods = x as unknown as Readonly<Record<RoutineName, (...args: AnyExpr[]) => AnyExpr>>;
  const isBinary = (BINARY_ROUTINES as readonly string[]).includes(name);
  return isBinary ? methods[name](y) : methods[name]();
}

/** Both dtypes in one program: a shader has the routine once. */
function caseOf(name: RoutineName): LatticeCase {
  const operands = operandsOf(name, 1000);
  const bind = (expr: AnyExpr) => bindExpression(expr.node, new Schema(fields), "test");
  const calls = [callOf(name, col("x"), col("y")), callOf(name, col("x32"), col("y32"))];
  const program = lowerProgram(
    fields.map(({ dtype }) => dtype),
    calls.map(bind),
    null,
  );
  const columns = fields.map(({ dtype }, index) =>
    columnFromValues(
      operands.map((pair, row) => (row % 97 === 96 ? null : (pair[index % 2] as number))),
      dtype,
    ),
  );
  return {
    name,
    operation: { kind: "evaluate", program },
    inputs: [{ rowCount: operands.length, columns }],
  };
}

const executors = await executorsUnderTest();
const cases = ROUTINES.map(caseOf);

describe.each(executors)("$name", (executor) => {
  test.each(casesFor(executor, executors, cases))("$name", async (entry) => {
    expect(await expectReferenceResult(executor, entry)).toBeNull();
  });
});
