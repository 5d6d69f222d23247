// Joins over every way through the operator: unique and repeated right keys, dense and hashed ones, keys that are slots
// already, rows without a match on either side or on none. Against the reference.
import { type Batch, type Column, columnFromValues } from "../../src/column/index.ts";
import { type DType, INT32, INT64 } from "../../src/dtype/index.ts";
import type { JoinHow } from "../../src/physical/index.ts";
import type { LatticeCase } from "../lattice/lattice.ts";
import { Random } from "../lattice/random.ts";
import { testOnAdapters } from "./on_adapters.ts";

const HOWS: readonly JoinHow[] = ["inner", "left", "right", "full", "semi", "anti"];

interface Keys {
  readonly name: string;
  readonly left: (row: number, random: Random) => number | null;
  readonly right: (row: number, random: Random) => number | null;
}

const ROWS = { left: 3000, right: 1000 };
const KEYS: readonly Keys[] = [
  { name: "unique, all matched", left: (row) => (row * 7) % 1000, right: (row) => 999 - row },
  { name: "unique, some matched", left: (row) => row % 1500, right: (row) => row + 300 },
  { name: "unique from 1", left: (row) => 1 + (row % 1000), right: (row) => 1 + row },
  { name: "one repeated", left: (row) => row % 1000, right: (row) => Math.min(row, 998) },
  {
    name: "unique with nulls",
    left: (row, random) => (random.chance(0.1) ? null : row % 1000),
    right: (row) => (row === 5 ? null : row),
  },
  { name: "far apart", left: (row) => (row % 1000) * 65_536, right: (row) => row * 131_072 },
];

function side(rowCount: number, keyOf: Keys["left"], bounded: boolean, dtype: DType): Batch {
  const random = new Random(rowCount);
  const values = Array.from({ length: rowCount }, (_, row) => keyOf(row, random));
  const known = values.filter((value) => value !== null);
  const statistics = { min: BigInt(Math.min(...known)), max: BigInt(Math.max(...known)) };
  const cells = values.map((value) => (value !== null && dtype === INT64 ? BigInt(value) : value));
  const key: Column = columnFromValues(cells, dtype);
  const payload = columnFromValues(
    values.map((_, row) => (row % 5 === 0 ? null : row)),
    INT32,
  );
  return { rowCount, columns: [bounded ? { ...key, statistics } : key, payload] };
}

const CASES: readonly LatticeCase[] = [true, false].flatMap((bounded) =>
  KEYS.flatMap(({ name, left, right }) =>
    HOWS.flatMap((how) =>
      (["left", "right"] as const).map((buildSide): LatticeCase => {
        // Of 64 bits, whose high words bounds leave out, or of 32.
        const dtype = buildSide === "left" ? INT64 : INT32;
        const filters = how === "semi" || how === "anti";
        return {
          name: `${how}, ${name}${bounded ? "" : ", hashed"}, ${buildSide} built`,
          operation: {
            kind: "join",
            how,
            leftKeys: [0],
            rightKeys: [0],
            nullEquals: name.length % 2 === 0,
            buildSide,
            leftOutputs: [0, 1],
            rightOutputs: filters ? [] : [1],
          },
          inputs: [side(ROWS.left, left, bounded, dtype), side(ROWS.right, right, bounded, dtype)],
        };
      }),
    ),
  ),
);

testOnAdapters(CASES);
