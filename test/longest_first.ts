// The order of test files: with the longest first, no worker is left alone with one at the end.
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes more than ten seconds of processor time, longest first; the others are shorter than the error of the order. */
const LONG = [
  "engines/engines",
  "lattice/partitions",
  "lattice/operations",
  "lattice/evaluate",
  "fuzz/operations",
  "gpu_operators/stress",
  "lattice/row_orders",
  "gpu_operators/primitives",
  "codegen/programs",
  "lattice/masked",
  "cpu/cancellation",
  "cpu/text_functions",
  "gpu_operators/group_tiers",
  "cpu/dictionary_operations",
  "lattice/testfloat",
  "lattice/collisions",
  "lattice/routines",
  "aggregate/strategies",
  "csv/scale",
  "gpu_operators/top_rows",
  "event_loop/event_loop",
  "optimizer/metamorphic",
  "scheduler/policy",
  "engines/main_job",
  "cpu/large",
  "exchange/exchange",
  "exchange/queries",
  "codegen/wgsl_text",
  "fuzz/queries",
].map((name) => `/test/${name}.test.ts`);

export class LongestFirst extends BaseSequencer {
  /** Files that share a process come last and together: a worker keeps its process as long as another of them follows. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex((name) => moduleId.endsWith(name));
      return place < 0 ? LONG.length : place;
    };
    const shares = ({ project }: TestSpecification) => Number(!project.config.isolate);
    return files.toSorted((a, b) => shares(a) - shares(b) || rank(a) - rank(b));
  }
}
