// The order of test files: with the longest first, no worker is left alone with one at the end.
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes more than ten seconds of processor time, longest first; the others are shorter than the error of the order. */
const LONG = [
  "engines/engines",
  // Long before event_loop, which takes the file of flights that it writes.
  "engines/main_job",
  "fuzz/operations",
  "cpu/cancellation",
  "csv/scale",
  "cpu/allocation_faults",
  "fuzz/queries",
  "execution/memory/peak_memory",
  "event_loop/event_loop",
  "lattice/collisions",
  "lattice/evaluate",
  "lattice/operations",
  "lattice/partitions",
  "gpu_operators/group_tiers",
  "cpu/text_functions",
  "codegen/programs",
  "gpu_operators/stress",
  "aggregate/strategies",
  "lattice/testfloat",
  "lattice/row_orders",
  "gpu_operators/primitives",
  "cpu/large",
  "exchange/exchange",
  "scheduler/policy",
  "codegen/wgsl_text",
  "gpu/float",
  "gpu_operators/top_rows",
  "frame/streamed_memory",
  "function/time_zones",
  "cpu/dictionary_operations",
  "optimizer/metamorphic",
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
