// Every kernel of the operators in every variant that the host asks for passes Dawn's validation. No GPU is needed: the
// null backend compiles with the full front end.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GpuContext } from "../../src/device/gpu/context.ts";
import { type KernelSpec, kernelPaths } from "../../src/device/gpu/kernel_source.ts";
import { openNull } from "../gpu/adapters.ts";

type Conditions = Readonly<Record<string, boolean>>;
type Constants = Readonly<Record<string, string>>;

/** All ways to switch the named conditions on and off. */
function switches(...names: string[]): Conditions[] {
  return names.reduce<Conditions[]>(
    (sets, name) => sets.flatMap((set) => [set, { ...set, [name]: true }]),
    [{}],
  );
}

/** The ways in which cells are read: storage, then what the bits mean. */
const CELLS: readonly { conditions: Conditions; constants: Constants }[] = [
  ["1u", {}],
  ["8u", { signed: true }],
  ["8u", {}],
  ["16u", { signed: true }],
  ["16u", {}],
  ["32u", { signed: true }],
  ["32u", {}],
  ["32u", { float: true }],
  ["32u", { table: true }],
  ["64u", { signed: true }],
  ["64u", {}],
  ["64u", { float: true }],
  ["128u", { decimal: true }],
].flatMap(([bits, meaning]) =>
  switches("nullable").map((nullable) => ({
    conditions: { ...(meaning as Conditions), ...nullable },
    constants: { CELL_BITS: bits as string },
  })),
);
/** Direct addressing, folds and quantiles have no 128-bit cells. */
const NARROW = CELLS.filter(({ conditions }) => !conditions.decimal);
const NUMBERS = CELLS.filter(
  ({ conditions, constants }) => !conditions.table && constants.CELL_BITS !== "1u",
);
const NARROW_NUMBERS = NUMBERS.filter(({ conditions }) => !conditions.decimal);

function variants(path: string, sets: readonly Conditions[] = [{}], constants?: Constants) {
  return sets.map(
    (conditions): KernelSpec => ({ path, conditions, ...(constants && { constants }) }),
  );
}

function cellVariants(
  path: string,
  cells: typeof CELLS,
  sets: readonly Conditions[],
  more?: Constants,
) {
  return cells.flatMap(({ conditions, constants }) =>
    sets.map(
      (set): KernelSpec => ({
        path,
        conditions: { ...conditions, ...set },
        constants: { ...constants, ...more },
      }),
    ),
  );
}

const STATE_SETS: readonly Readonly<Record<string, boolean>>[] = [
  { nullable: true },
  { nullable: true, last: true },
  { carried: true },
];
const REDUCTIONS = ["aggregate/reduce_all", "aggregate/reduce_groups"];
const SUM_ROOMS: readonly [Constants, Conditions][] = [
  [{ LIMBS: "2u" }, {}],
  [{ LIMBS: "5u" }, {}],
  [{ LIMBS: "140u" }, { wide: true }],
];

const SPECS: readonly KernelSpec[] = [
  ...["scan_reduce", "scan_tiles", "scan_spread"].flatMap((name) => variants(`shared/${name}`)),
  ...variants("shared/select_rows"),
  ...variants("shared/hash_parts"),
  ...variants("shared/part_rows", switches("masked")),
  ...variants("shared/radix_histogram"),
  ...variants("shared/radix_count"),
  ...variants("shared/radix_scatter"),
  ...cellVariants("shared/encode_key", CELLS, switches("accumulate")),
  ...cellVariants(
    "shared/encode_key",
    CELLS.filter(({ conditions, constants }) => constants.CELL_BITS === "64u" && !conditions.float),
    switches("accumulate").map((set) => ({ ...set, low: true })),
  ),
  ...variants("shared/hash_insert", switches("duplicates", "masked")),
  ...variants("shared/direct_insert", switches("duplicates")),
  ...["prefix_histogram", "mark_candidates", "rank_rows"].flatMap((name) =>
    variants(`sort/${name}`),
  ),
  ...variants("join/unique_rights", switches("identity")),
  ...cellVariants(
    "shared/direct_slot",
    NARROW.filter(({ conditions }) => !conditions.float),
    switches("first"),
  ),
  ...["1u", "2u", "4u", "7u"].flatMap((WIDTH) => variants("shared/gather_words", [{}], { WIDTH })),
  ...["1u", "2u"].flatMap((WIDTH) =>
    variants("shared/gather_words", [{ canonical: true }], { WIDTH }),
  ),
  ...["1u", "8u", "16u"].flatMap((CELL_BITS) =>
    variants("shared/gather_bits", [{}], { CELL_BITS }),
  ),
  ...variants("shared/gather_bits", [{ presence: true }], { CELL_BITS: "1u" }),
  ...variants("shared/copy_bits", switches("ones")),
  ...variants("concat/remap_codes"),
  ...["count_slots", "hash_probe"].flatMap((name) => variants(`join/${name}`)),
  ...variants("join/match_counts", switches("keepUnmatched")),
  ...variants("join/mark_matches", switches("negate")),
  ...variants("join/emit_pairs", switches("unique", "append")),
  ...["group_first", "group_index", "group_starts", "finish_validity", "finish_sum_words"].flatMap(
    (name) => variants(`aggregate/${name}`),
  ),
  ...["both_valid", "ratio_load", "ratio_steps", "ratio"].flatMap((name) =>
    variants(`aggregate/${name}`),
  ),
  ...variants("aggregate/finish_count", switches("allRows")),
  ...variants("aggregate/pick_rows", switches("last")),
  ...variants(
    "aggregate/pick_rows",
    switches("last").map((set) => ({ ...set, allRows: true })),
  ),
  ...["key_slots", "mark_firsts", "slot_groups", "row_groups"].flatMap((name) =>
    variants(`aggregate/${name}`),
  ),
  ...variants("aggregate/few_slots", switches("masked")),
  ...variants("aggregate/dense_slots"),
  ...variants("aggregate/group_states", switches("counted")),
  ...cellVariants(
    "aggregate/fold_groups",
    NARROW_NUMBERS,
    switches("squared").map((set) => ({ ...set, sum: true })),
  ),
  ...variants(
    "aggregate/fold_groups",
    switches("nullable").map((set) => ({ ...set, sum: true, powers: true })),
    { CELL_BITS: "32u" },
  ),
  ...cellVariants("aggregate/fold_groups", NARROW, [{ extreme: true }]),
  ...variants(
    "aggregate/fold_groups",
    switches("nullable").map((set) => ({ ...set, countValues: true })),
    {
      CELL_BITS: "32u",
    },
  ),
  ...variants(
    "aggregate/fold_groups",
    switches("nullable", "last").map((set) => ({ ...set, place: true })),
    {
      CELL_BITS: "32u",
    },
  ),
  ...variants("aggregate/finish_sum_integer", switches("unsigned")),
  ...variants("aggregate/finish_sum_decimal"),
  ...SUM_ROOMS.flatMap(([constants, wide]) => [
    ...variants(
      "aggregate/finish_sum_float",
      switches("mean", "single").map((set) => ({ ...set, ...wide })),
      constants,
    ),
    ...REDUCTIONS.flatMap((path) => [
      ...cellVariants(
        path,
        NARROW_NUMBERS,
        switches("squared").map((set) => ({ ...set, sum: true, ...wide })),
        constants,
      ),
      ...variants(
        path,
        switches("nullable").flatMap((set) =>
          ["words", "powers"].map((kind) => ({ ...set, sum: true, [kind]: true, ...wide })),
        ),
        { CELL_BITS: "32u", ...constants },
      ),
      ...variants(path, [{ sum: true, carried: true, ...wide }], {
        CELL_BITS: "64u",
        ...constants,
      }),
    ]),
  ]),
  ...REDUCTIONS.flatMap((path) => [
    ...cellVariants(path, CELLS, [{ extreme: true }]),
    ...["32u", "64u", "128u"].flatMap((CELL_BITS) =>
      variants(path, [{ extreme: true, carried: true }], { CELL_BITS }),
    ),
    ...["countValues", "place"].flatMap((kind) =>
      variants(
        path,
        STATE_SETS.map((set) => ({
          ...set,
          [kind]: true,
        })),
        { CELL_BITS: "32u" },
      ),
    ),
  ]),
  ...cellVariants("aggregate/mark_rows", CELLS, [{ extreme: true, grouped: true }]),
  ...variants(
    "aggregate/mark_rows",
    switches("grouped", "masked").map((set) => ({ ...set, before: true })),
  ),
  ...cellVariants(
    "aggregate/finish_extreme",
    CELLS.filter(({ conditions }) => !conditions.nullable),
    [{}],
  ),
  ...cellVariants(
    "aggregate/quantile",
    NARROW_NUMBERS.filter(({ conditions }) => !conditions.nullable),
    switches("counted", "identity"),
  ),
  ...cellVariants("exponent_range/bounds", NUMBERS, [{}]),
  ...variants("group_rows/mark_kept", switches("identity", "grouped")),
  ...variants("exponent_range/finish"),
  ...variants("text/match_regex"),
];

let context: GpuContext;
beforeAll(async () => {
  context = await openNull();
});
afterAll(() => context.destroy());

const paths = [...new Set(SPECS.map(({ path }) => path))];

test.each(paths)("%s compiles in every variant", async (path) => {
  const failures: string[] = [];
  for (const spec of SPECS.filter((candidate) => candidate.path === path)) {
    try {
      const { bindings } = await context.kernels.load(spec);
      // SwiftShader has 12 storage buffers, and WebGPU promises 8; the operators keep to 10.
      expect(bindings.filter(({ access }) => access !== "uniform").length).toBeLessThanOrEqual(10);
      await context.device.settle(0);
    } catch (error) {
      failures.push(`${JSON.stringify(spec)}: ${String(error)}`);
    }
  }
  expect(failures).toEqual([]);
});

test("no kernel of the operators is left out", () => {
  const others = /^(evaluate|csv|generated)|^shared\/(float|int)/;
  expect(kernelPaths().filter((path) => !others.test(path) && !paths.includes(path))).toEqual([]);
});
