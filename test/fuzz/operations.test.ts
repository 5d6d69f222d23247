// Random operations on random batches: every executor against the reference. A failure prints its seed and a small
// counterexample; GPUDATAFRAME_FUZZ_RUNS sets how many runs.
import fc from "fast-check";
import { afterAll, test } from "vitest";
import { type DType, dtypeName, isNumeric } from "../../src/dtype/index.ts";
import { Expr } from "../../src/expr/index.ts";
import { bindExpression, exprText, lowerProgram } from "../../src/function/index.ts";
import type { JoinHow, Operation } from "../../src/physical/index.ts";
import { turnsOf } from "../lattice/adapter_turns.ts";
import { aggregateOperation, callsOn, onlyCalls } from "../lattice/cases/aggregate.ts";
import { ALL_DTYPES } from "../lattice/dtypes.ts";
import { executorsUnderTest, type TestExecutor } from "../lattice/executors.ts";
import { Gaps } from "../lattice/gaps.ts";
import { expectReferenceResult, type LatticeCase } from "../lattice/lattice.ts";
import { expectPartitionedResult, hasHolisticCalls } from "../lattice/partition.ts";
import { type ColumnShape, randomBatch } from "../lattice/random.ts";
import { assertCounted, type Trial } from "./counted.ts";
import { EXPRESSION_SCHEMA, expressions } from "./expressions.ts";

const RUNS = Number(process.env.GPUDATAFRAME_FUZZ_RUNS ?? 40);
const executors = await executorsUnderTest();
const gaps = new Gaps();
afterAll(() => gaps.report());

const shape: fc.Arbitrary<ColumnShape> = fc.record({
  dtype: fc.constantFrom(...ALL_DTYPES),
  nullRatio: fc.constantFrom(0, 0.1, 0.5, 1),
  distinct: fc.constantFrom(1, 3, 20, 1000),
  tame: fc.boolean(),
  plain: fc.boolean(),
});
/** A counterexample shows what a case was made from, not megabytes of made data. */
function described<P extends object, C extends LatticeCase>(
  make: (parameters: P) => C,
): (parameters: P) => C {
  return (parameters) =>
    Object.assign(make(parameters), {
      [fc.toStringMethod]: () => JSON.stringify(parameters, readable),
    });
}

function readable(_: string, value: unknown): unknown {
  if (value instanceof Expr) return exprText(value.node);
  if (typeof value === "object" && value !== null && "kind" in value)
    return dtypeName(value as DType);
  return value;
}

// What breaks at a few rows breaks more often than what needs thousands, which cost a hundred times as much.
const rowCount = fc.oneof(
  { arbitrary: fc.nat(70), weight: 11 },
  { arbitrary: fc.nat(3000), weight: 1 },
);
const seed = fc.nat();

const sorts = fc
  .record({
    seed,
    rows: rowCount,
    shapes: fc.array(shape, { minLength: 1, maxLength: 4 }),
    directions: fc.array(fc.record({ descending: fc.boolean(), nullsFirst: fc.boolean() }), {
      maxLength: 3,
    }),
    limit: fc.option(fc.nat(100)),
  })
  .map(
    described(({ seed, rows, shapes, directions, limit }): LatticeCase => {
      const keys = directions.map(({ descending, nullsFirst }, index) => ({
        column: index % shapes.length,
        descending,
        nulls: nullsFirst ? ("first" as const) : ("last" as const),
      }));
      return {
        name: "sort",
        operation: { kind: "sort", keys, limit },
        inputs: [randomBatch(seed, rows, shapes)],
      };
    }),
  );

const joins = fc
  .record({
    seed,
    rows: fc.tuple(fc.nat(300), fc.nat(300)),
    keys: fc.array(shape, { minLength: 1, maxLength: 3 }),
    payload: fc.array(shape, { maxLength: 2 }),
    how: fc.constantFrom<JoinHow>("inner", "left", "right", "full", "semi", "anti"),
    nullEquals: fc.boolean(),
    buildSide: fc.constantFrom("left" as const, "right" as const),
  })
  .map(
    described(({ seed, rows, keys, payload, how, nullEquals, buildSide }): LatticeCase => {
      const leftKeys = keys.map((_, index) => index);
      const outputs = [...leftKeys, ...payload.map((_, index) => keys.length + index)];
      const operation: Operation = {
        kind: "join",
        how,
        leftKeys,
        rightKeys: leftKeys,
        nullEquals,
        buildSide,
        leftOutputs: outputs,
        rightOutputs: how === "semi" || how === "anti" ? [] : outputs,
      };
      // One seed: both sides draw from the same pools.
      const inputs = rows.map((count) => randomBatch(seed, count, [...keys, ...payload]));
      return { name: `${how} join`, operation, inputs };
    }),
  );

const aggregates = fc
  .record({
    seed,
    rows: rowCount,
    keys: fc.array(shape, { maxLength: 3 }),
    value: shape,
    family: fc.constantFrom(
      "value",
      "mean",
      "sum",
      "ratio",
      "quantile",
      "nUnique",
      "mode",
      "argExtreme",
    ),
    dropNullKeys: fc.boolean(),
    parts: fc.constantFrom(1, 2, 7, 31),
  })
  .map(
    described(({ seed, rows, keys, value, family, dropNullKeys, parts }) => {
      const positions = keys.map((_, index) => index);
      const isNumber = isNumeric(value.dtype);
      const wanted =
        isNumber || ["nUnique", "mode", "argExtreme"].includes(family) ? family : "value";
      const all = aggregateOperation(positions, callsOn(keys.length, value.dtype), dropNullKeys);
      const operation = onlyCalls(all, ({ kind }) => kind === wanted);
      const inputs = [randomBatch(seed, rows, [...keys, value])];
      return { name: `aggregate ${wanted}`, operation, inputs, parts };
    }),
  );

const evaluations = fc
  .record({
    seed,
    rows: rowCount,
    outputs: fc.array(fc.oneof(...Object.values(expressions)), { minLength: 1, maxLength: 3 }),
    predicate: fc.option(expressions.bool),
    tame: fc.boolean(),
  })
  .map(
    described(({ seed, rows, outputs, predicate, tame }): LatticeCase => {
      const bind = (expr: (typeof outputs)[number]) =>
        bindExpression(expr.node, EXPRESSION_SCHEMA, "fuzz");
      const dtypes = EXPRESSION_SCHEMA.fields.map(({ dtype }) => dtype);
      const program = lowerProgram(
        dtypes,
        outputs.map(bind),
        predicate === null ? null : bind(predicate),
      );
      const inputs = [
        randomBatch(
          seed,
          rows,
          dtypes.map((dtype) => ({ dtype, tame })),
        ),
      ];
      return { name: "evaluate", operation: { kind: "evaluate", program }, inputs };
    }),
  );

const tables: [string, fc.Arbitrary<LatticeCase>][] = [
  ["sort", sorts],
  ["join", joins],
  ["evaluate", evaluations],
  ["aggregate", aggregates],
];

// Every random program is a pipeline of its own, which software adapters take a second to compile.
const GPU_PROGRAM_SHARE = Math.max(10, RUNS / 20);
const GPU_SHARE = Math.max(2, RUNS / 100);

const adapters = executors.filter(({ executor }) => executor.descriptor.kind === "gpu");
const turns = turnsOf(adapters.map(({ name }) => name));

/** The host's executors take every case, adapters take turns. The reference alone is what all are compared with. */
function takes(executor: TestExecutor, trial: Trial, share: number): boolean {
  const adapter = adapters.indexOf(executor);
  // Of `share` cases each adapter takes one on the average.
  const round = Math.floor((share * turns.length) / adapters.length);
  return adapter < 0 || trial.isShrinking || turns[trial.index % round] === adapter;
}

const compared = executors.filter(({ name }) => name !== "reference");

test.each(compared.length === 0 ? [] : tables)("%s", async (kind, cases) => {
  const share = kind === "evaluate" ? GPU_PROGRAM_SHARE : GPU_SHARE;
  const holds = async (entry: LatticeCase, trial: Trial) => {
    for (const executor of compared) {
      if (!takes(executor, trial, share)) continue;
      const gap = await expectReferenceResult(executor, entry);
      gaps.note(executor, kind, gap);
      if (gap === null) trial.held(executor.name);
    }
  };
  await assertCounted(kind, cases, holds, { numRuns: RUNS });
});

// Of the reference only partial and final phases can differ from its complete one.
test("aggregates over partitions", async () => {
  const cases = aggregates.filter(({ operation }) => !hasHolisticCalls(operation));
  const holds = async ({ name, operation, inputs, parts }: PartitionedCase, trial: Trial) => {
    for (const executor of executors) {
      if (!takes(executor, trial, GPU_SHARE)) continue;
      const gap = await expectPartitionedResult(executor, name, operation, inputs[0]!, parts);
      gaps.note(executor, "partial aggregate", gap);
      if (gap === null) trial.held(executor.name);
    }
  };
  await assertCounted("aggregate over partitions", cases, holds, { numRuns: RUNS });
});

type PartitionedCase = typeof aggregates extends fc.Arbitrary<infer Case> ? Case : never;
