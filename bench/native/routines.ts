// The mathematical functions of the CPU executor on columns in memory, beside this JavaScript engine's:
//
//   node --import tsx bench/native/routines.ts [rows=1e6] [runs=7] [only=exp,pow]
//
// One thread. Reported is the least CPU time of the runs, because other work may share the machine, a value.
import { type Batch, columnFromValues } from "../../src/column/index.ts";
import { CpuExecutor } from "../../src/device/cpu/index.ts";
import { FLOAT64 } from "../../src/dtype/index.ts";
import { ProgramBuilder } from "../../src/function/builder.ts";
import {
  type BinaryRoutine,
  ROUTINES,
  type RoutineName,
  type UnaryRoutine,
} from "../../src/ir/index.ts";

const options = Object.fromEntries(process.argv.slice(2).map((word) => word.split("=")));
const rowCount = Number(options.rows ?? 1e6);
const runs = Number(options.runs ?? 7);
const only: readonly string[] = options.only?.split(",") ?? ROUTINES;
const executor = CpuExecutor.open({ threads: 1 });

function columnsOf(name: RoutineName): [Float64Array, Float64Array] {
  const inside = name === "asin" || name === "acos";
  const draw = () => (inside ? 2 * Math.random() - 1 : 0.01 + 20 * Math.random());
  return [
    Float64Array.from({ length: rowCount }, draw),
    Float64Array.from({ length: rowCount }, draw),
  ];
}

function programOf(name: RoutineName) {
  const builder = new ProgramBuilder([FLOAT64, FLOAT64]);
  const [a, b] = [builder.column(0).value, builder.column(1).value];
  const isBinary = name === "pow" || name === "atan2" || name === "hypot";
  const value = isBinary
    ? builder.call2(name as BinaryRoutine, a, b)
    : builder.call(name as UnaryRoutine, a);
  return builder.finish([{ dtype: FLOAT64, value, validity: null }], null);
}

/** Nanoseconds of CPU a value, of the fastest run. */
async function fastest(run: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k < runs; k++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, ((user + system) * 1000) / rowCount);
  }
  return best;
}

function inJavaScript(name: RoutineName, [a, b]: [Float64Array, Float64Array]): () => unknown {
  const functions = Math as unknown as Readonly<Record<string, (x: number, y: number) => number>>;
  const of = functions[name];
  if (of === undefined) return () => undefined;
  const result = new Float64Array(rowCount);
  return () => {
    for (let row = 0; row < rowCount; row++) result[row] = of(a[row] as number, b[row] as number);
  };
}

for (const name of ROUTINES.filter((routine) => only.includes(routine))) {
  const columns = columnsOf(name);
  const batch: Batch = {
    rowCount,
    columns: columns.map((values) => columnFromValues(values)),
  };
  const resident = await executor.upload(batch);
  const operation = { kind: "evaluate", program: programOf(name) } as const;
  const ours = await fastest(() => executor.execute(operation, [resident]));
  const theirs = name in Math ? (await fastest(inJavaScript(name, columns))).toFixed(1) : "-";
  console.log(
    `${name.padEnd(8)} ${ours.toFixed(1).padStart(6)} ns   Math ${theirs.padStart(6)} ns`,
  );
}
