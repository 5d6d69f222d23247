// Every routine on every executor against the reference: dense and adversarial operands.
import { describe, expect, test } from "vitest";
import { columnFromValues } from "../../src/column/index.ts";
import { type DType, dtypeName, FLOAT32, FLOAT64, Schema } from "../../src/dtype/index.ts";
import { type AnyExpr, col } from "../../src/expr/index.ts";
import { bindExpression, lowerProgram } from "../../src/function/index.ts";
import { BINARY_ROUTINES, ROUTINES, type RoutineName } from "../../src/ir/index.ts";
import { operandsOf } from "../math/operands.ts";
import { casesFor, executorsUnderTest } from "./executors.ts";
import { expectReferenceResult, type LatticeCase } from "./lattice.ts";

function callOf(name: RoutineName): AnyExpr {
  const x = col("x") as unknown as Readonly<Record<RoutineName, (...args: AnyExpr[]) => AnyExpr>>;
  const isBinary = (BINARY_ROUTINES as readonly string[]).includes(name);
  return isBinary ? x[name](col("y")) : x[name]();
}

function caseOf(name: RoutineName, dtype: DType): LatticeCase {
  const operands = operandsOf(name, 1000);
  const fields = ["x", "y"].map((field) => ({ name: field, dtype }));
  const call = bindExpression(callOf(name).node, new Schema(fields), "test");
  const program = lowerProgram([dtype, dtype], [call], null);
  const round = dtype === FLOAT32 ? Math.fround : Number;
  const columns = [0, 1].map((index) =>
    columnFromValues(
      operands.map((pair, row) => (row % 97 === 96 ? null : round(pair[index] as number))),
      dtype,
    ),
  );
  return {
    name: `${name} of ${dtypeName(dtype)}`,
    operation: { kind: "evaluate", program },
    inputs: [{ rowCount: operands.length, columns }],
  };
}

const executors = await executorsUnderTest();
const doubles = ROUTINES.map((name) => caseOf(name, FLOAT64));
const singles = ROUTINES.map((name) => caseOf(name, FLOAT32));
// float32 adds conversions only; software adapters compile a routine for seconds.
const someSingles = singles.filter(({ name }) => /^(exp|sin|pow) /.test(name));

describe.each(executors)("$name", (executor) => {
  const isGpu = executor.name.startsWith("gpu");
  const cases = [...doubles, ...(isGpu ? someSingles : singles)];
  test.each(casesFor(executor, executors, cases))("$name", async (entry) => {
    expect(await expectReferenceResult(executor, entry)).toBeNull();
  });
});
