// Programs over every operation and lane, for every executor.

import {
  BOOL,
  type DType,
  decimal,
  dtypeName,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  STRING,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} from "../../src/dtype/index.ts";
import {
  type ArithmeticOp,
  type CompareOp,
  type Constant,
  laneOf,
  type NarrowLane,
  type NumericLane,
  type Program,
  type UnaryOp,
} from "../../src/ir/index.ts";
import { ALL_DTYPES, EDGE_COUNTS } from "../lattice/dtypes.ts";
import type { LatticeCase } from "../lattice/lattice.ts";
import { type ColumnShape, randomBatch } from "../lattice/random.ts";
import { ProgramBuilder } from "./program_builder.ts";

const LANES: readonly [NumericLane, DType][] = [
  ["i32", INT32],
  ["u32", UINT32],
  ["i64", INT64],
  ["u64", UINT64],
  ["f32", FLOAT32],
  ["f64", FLOAT64],
  ["i128", decimal(38, 3)],
];
const isFloatLane = (lane: string) => lane.startsWith("f");
const isSigned = (lane: string) => !lane.startsWith("u");

function programCase(
  name: string,
  shapes: readonly ColumnShape[],
  write: (b: ProgramBuilder) => void,
  rowCount = 700,
): LatticeCase {
  const builder = new ProgramBuilder(shapes.map(({ dtype }) => dtype));
  write(builder);
  const program: Program = builder.build();
  const batch = randomBatch(name.length * 7919 + rowCount, rowCount, shapes);
  return { name, operation: { kind: "evaluate", program }, inputs: [batch] };
}

const zero = (lane: NumericLane): Constant =>
  lane === "i64" || lane === "u64" || lane === "i128" ? { lane, value: 0n } : { lane, value: 0 };

const INTEGER_OPS: readonly ArithmeticOp[] = [
  "add",
  "sub",
  "mul",
  "div",
  "rem",
  "floorDiv",
  "mod",
  "shl",
  "shr",
  "bitAnd",
  "bitOr",
  "bitXor",
];
const FLOAT_OPS: readonly ArithmeticOp[] = ["add", "sub", "mul", "div", "rem", "floorDiv", "mod"];

const arithmetic = LANES.flatMap(([lane, dtype]) =>
  (isFloatLane(lane) ? FLOAT_OPS : INTEGER_OPS).map((op) =>
    programCase(`${op} ${lane}`, [{ dtype }, { dtype }], (b) => {
      const [x, y] = [b.load(0), b.load(1)];
      const divides = !isFloatLane(lane) && /div|rem|mod/i.test(op);
      const defined = b.compare("ne", lane, y, b.constant(zero(lane)));
      const valid = b.logic("and", b.valid(0), b.valid(1));
      b.output(
        dtype,
        b.arithmetic(op, lane, x, y),
        divides ? b.logic("and", valid, defined) : valid,
      );
    }),
  ),
);

const UNARY: readonly UnaryOp[] = ["neg", "abs", "sqrt", "floor", "ceil", "trunc", "round"];
const unary = LANES.filter(([lane]) => isSigned(lane)).flatMap(([lane, dtype]) =>
  UNARY.slice(0, isFloatLane(lane) ? UNARY.length : 2).map((op) =>
    programCase(`${op} ${lane}`, [{ dtype }], (b) => {
      b.output(dtype, b.unary(op, lane, b.load(0)), b.valid(0));
    }),
  ),
);

const CHECKED: readonly ArithmeticOp[] = ["add", "sub", "mul", "div", "floorDiv", "rem", "mod"];
/** The seeds differ by name, so that some of these fail in an early row, some in a late one, some never. */
const checked = LANES.filter(([lane]) => !isFloatLane(lane)).flatMap(([lane, dtype]) =>
  CHECKED.flatMap((op) =>
    [false, true].map((tame) =>
      programCase(
        `checked ${op} ${lane}${tame ? ", tame" : ""}`,
        [
          { dtype, tame },
          { dtype, tame },
        ],
        (b) => {
          const valid = b.logic("and", b.valid(0), b.valid(1));
          const [x, y] = [b.load(0), b.load(1)];
          const defined = b.compare("ne", lane, y, b.constant(zero(lane)));
          const guard = b.logic("and", valid, defined);
          const check = b.check({ error: "overflow", text: `a ${op} b` }, guard);
          b.output(dtype, b.arithmetic(op, lane, x, y, check), guard);
        },
      ),
    ),
  ),
);

const COMPARISONS: readonly CompareOp[] = ["eq", "ne", "lt", "le"];
const compare = ALL_DTYPES.flatMap((dtype) =>
  [undefined, 5].map((distinct) =>
    programCase(
      `compare ${dtypeName(dtype)}${distinct ? ", few values" : ""}`,
      [
        { dtype, distinct },
        { dtype, distinct },
      ].map(({ dtype, distinct }) => (distinct === undefined ? { dtype } : { dtype, distinct })),
      (b) => {
        const [x, y] = [b.load(0), b.load(1)];
        const valid = b.logic("and", b.valid(0), b.valid(1));
        for (const op of COMPARISONS) b.output(BOOL, b.compare(op, laneOf(dtype), x, y), valid);
        b.output(BOOL, b.compare("le", laneOf(dtype), x, x), b.valid(0));
      },
    ),
  ),
);

const select = ALL_DTYPES.map((dtype) =>
  programCase(`select ${dtypeName(dtype)}`, [{ dtype: BOOL }, { dtype }, { dtype }], (b) => {
    const condition = b.logic("and", b.load(0), b.valid(0));
    const value = b.select(laneOf(dtype), condition, b.load(1), b.load(2));
    b.output(dtype, value, b.select("bool", condition, b.valid(1), b.valid(2)));
  }),
);

const NARROW: readonly [NarrowLane, DType][] = [
  ...LANES,
  ["i8", INT8],
  ["i16", INT16],
  ["u8", UINT8],
  ["u16", UINT16],
];
const convert = LANES.flatMap(([from, dtype]) =>
  NARROW.map(([to, target]) =>
    programCase(`convert ${from} to ${to}`, [{ dtype }], (b) => {
      const value = b.load(0);
      const fits = b.fits(from, to, value);
      const valid = b.valid(0);
      b.output(target, b.convert(from, laneOf(target), value), b.logic("and", valid, fits));
      b.output(BOOL, fits, valid);
    }),
  ),
);
const quotients = (
  [
    ["f64", FLOAT64],
    ["f32", FLOAT32],
  ] as const
).map(([lane, dtype]) =>
  programCase(
    `quotient to ${lane}`,
    [{ dtype: decimal(38, 3) }, { dtype: decimal(38, 3) }],
    (b) => {
      const [x, y] = [b.load(0), b.load(1)];
      const defined = b.compare("ne", "i128", y, b.constant(zero("i128")));
      const valid = b.logic("and", b.valid(0), b.valid(1));
      const value = b.add({ op: "quotient", lane, of: "i128", a: x, b: y });
      b.output(dtype, value, b.logic("and", valid, defined));
    },
  ),
);
const quotients64 = (
  [
    ["i64", INT64],
    ["u64", UINT64],
  ] as const
).map(([of, dtype]) =>
  programCase(`quotient of ${of}`, [{ dtype }, { dtype }], (b) => {
    const [x, y] = [b.load(0), b.load(1)];
    const defined = b.compare("ne", of, y, b.constant(zero(of)));
    const valid = b.logic("and", b.valid(0), b.valid(1));
    const value = b.add({ op: "quotient", lane: "f64", of, a: x, b: y });
    b.output(FLOAT64, value, b.logic("and", valid, defined));
  }),
);
const products = programCase(
  "product of f64 and i128",
  [{ dtype: FLOAT64 }, { dtype: decimal(38, 3), tame: true }],
  (b) => {
    const [x, y] = [b.load(0), b.load(1)];
    const limit = b.constant({ lane: "f64", value: 1e33 });
    const isSmall = b.compare(
      "lt",
      "f64",
      b.add({ op: "abs", lane: "f64", a: x, check: null }),
      limit,
    );
    const valid = b.logic("and", b.valid(0), b.valid(1));
    const value = b.add({ op: "roundedProduct", lane: "i128", of: "f64", a: x, b: y });
    b.output(decimal(38, 0), value, b.logic("and", valid, isSmall));
  },
);
const bools = [
  programCase(
    "bool to and from every lane",
    [{ dtype: BOOL }, ...LANES.map(([, dtype]) => ({ dtype }))],
    (b) => {
      for (const [index, [lane, dtype]] of LANES.entries()) {
        b.output(dtype, b.convert("bool", lane, b.load(0)), b.valid(0));
        b.output(BOOL, b.convert(lane, "bool", b.load(index + 1)), b.valid(index + 1));
      }
    },
  ),
  programCase("logic", [{ dtype: BOOL }, { dtype: BOOL }], (b) => {
    const [x, y] = [b.load(0), b.load(1)];
    const valid = b.logic("and", b.valid(0), b.valid(1));
    for (const op of ["and", "or", "xor"] as const) b.output(BOOL, b.logic(op, x, y), valid);
    b.output(BOOL, b.not(x), b.valid(0));
  }),
  programCase("isNan and isFinite", [{ dtype: FLOAT64 }, { dtype: FLOAT32 }], (b) => {
    for (const [column, of] of [[0, "f64"] as const, [1, "f32"] as const]) {
      for (const op of ["isNan", "isFinite"] as const) {
        b.output(BOOL, b.add({ op, lane: "bool", of, a: b.load(column) }), b.valid(column));
      }
    }
  }),
];

const sets = [
  programCase(
    "inSet of every lane",
    [...LANES.map(([, dtype]) => ({ dtype })), { dtype: STRING }],
    (b) => {
      const add = (column: number, value: number) => b.output(BOOL, value, b.valid(column));
      add(0, b.inSet({ lane: "i32", values: [-2147483648, -1, 0, 5, 2147483647] }, b.load(0)));
      add(1, b.inSet({ lane: "u32", values: [0, 1, 2147483648, 4294967295] }, b.load(1)));
      add(
        2,
        b.inSet({ lane: "i64", values: [-(1n << 63n), -1n, 0n, (1n << 63n) - 1n] }, b.load(2)),
      );
      add(3, b.inSet({ lane: "u64", values: [0n, 1n << 32n, (1n << 64n) - 1n] }, b.load(3)));
      add(4, b.inSet({ lane: "f32", values: [-Infinity, 0, 0.5, NaN] }, b.load(4)));
      add(5, b.inSet({ lane: "f64", values: [-Infinity, -2.5, 0, 3.5, NaN] }, b.load(5)));
      add(5, b.inSet({ lane: "f64", values: [] }, b.load(5)));
      add(
        6,
        b.inSet({ lane: "i128", values: [-(10n ** 38n) + 1n, -1n, 0n, 1n << 64n] }, b.load(6)),
      );
      add(7, b.inSet({ lane: "string", values: ["", "__proto__", "ab", "nowhere"] }, b.load(7)));
    },
  ),
  programCase("rank, and lookup of every lane", [{ dtype: INT64 }, { dtype: UINT32 }], (b) => {
    const most = (1n << 63n) - 1n;
    const sets = [[], [0n], [-most - 1n, -50n, 0n, 1n, 7n, 1n << 32n, most]];
    for (const values of sets) {
      b.output(UINT32, b.rank({ lane: "i64", values }, b.load(0)), b.valid(0));
    }
    const place = b.rank({ lane: "i64", values: sets[2] as bigint[] }, b.load(0));
    const words = Uint32Array.from({ length: 10 }, (_, index) => 0x40400000 + 0x8f000 * index);
    for (const [lane, dtype] of LANES) {
      const wide = lane === "i64" || lane === "u64" || lane === "f64";
      const table = { lane, length: lane === "i128" ? 2 : wide ? 5 : 6, words };
      b.output(dtype, b.lookup(table, place), b.valid(0));
      b.output(dtype, b.lookup(table, b.load(1)), b.valid(1));
    }
    const bools = { lane: "bool", length: 7, words: Uint32Array.of(0x55) } as const;
    b.output(BOOL, b.lookup(bools, place), b.valid(0));
  }),
];

const STRING_SHAPES: readonly ColumnShape[] = [
  { dtype: STRING },
  { dtype: STRING, plain: true },
  { dtype: BOOL },
];
const strings = [
  ...(["contains", "startsWith", "endsWith", "like"] as const).map((predicate, index) =>
    programCase(`strings: ${predicate}`, STRING_SHAPES, (b) => {
      const like = ["a%", "%b%", "\\%", "__", "%_\\_%", "\\", ""];
      const column = index % 2;
      for (const text of predicate === "like" ? like : ["a", "", "😀", "__proto__", "\0"]) {
        b.output(BOOL, b.match(predicate, b.load(column), text), b.valid(column));
      }
    }),
  ),
  programCase("strings against constants", STRING_SHAPES, (b) => {
    for (const text of ["ab", "not there"]) {
      const constant = b.constant({ lane: "string", value: text });
      for (const op of COMPARISONS) {
        b.output(BOOL, b.compare(op, "string", b.load(0), constant), b.valid(0));
        b.output(BOOL, b.compare(op, "string", constant, b.load(0)), b.valid(0));
      }
    }
  }),
  programCase("constants against constants", STRING_SHAPES, (b) => {
    const [x, y] = ["b", "ab"].map((value) => b.constant({ lane: "string", value })) as [
      number,
      number,
    ];
    for (const op of COMPARISONS) b.output(BOOL, b.compare(op, "string", x, y));
    b.output(STRING, x);
    b.output(STRING, b.select("string", b.load(2), x, y), b.valid(2));
  }),
  programCase("strings chosen between columns and constants", STRING_SHAPES, (b) => {
    const constant = b.constant({ lane: "string", value: "neither here nor there" });
    const known = b.constant({ lane: "string", value: "ab" });
    const first = b.select("string", b.load(2), b.load(0), constant);
    const second = b.select("string", b.match("contains", first, "a"), known, b.load(1));
    const third = b.select("string", b.load(2), second, first);
    const valid = b.logic("and", b.valid(0), b.logic("and", b.valid(1), b.valid(2)));
    for (const value of [first, second, third]) b.output(STRING, value, valid);
    b.output(BOOL, b.compare("lt", "string", second, third), valid);
    b.output(BOOL, b.compare("eq", "string", third, constant), valid);
  }),
];

const PARSED: readonly DType[] = ALL_DTYPES.filter(({ kind }) => kind !== "string");
const parse = PARSED.map((dtype) =>
  programCase(`parse ${dtypeName(dtype)}`, [{ dtype: STRING }], (b) => {
    const text = b.load(0);
    const fits = b.add({ op: "parseFits", lane: "bool", dtype, radix: 10, a: text });
    const value = b.add({ op: "parse", lane: laneOf(dtype), dtype, radix: 10, a: text });
    b.output(dtype, value, b.logic("and", b.valid(0), fits));
  }),
);

const everyDtype: readonly ColumnShape[] = ALL_DTYPES.map((dtype) => ({ dtype }));
const nonNull: readonly ColumnShape[] = ALL_DTYPES.map((dtype) => ({ dtype, nullRatio: 0 }));
function passAll(b: ProgramBuilder): void {
  for (const column of ALL_DTYPES.keys()) b.pass(column);
}
const filters = [
  ...EDGE_COUNTS.map((rows) =>
    programCase(
      `filter every dtype, ${rows} rows`,
      everyDtype,
      (b) => {
        b.filter(b.logic("and", b.load(0), b.valid(0)));
        passAll(b);
      },
      rows,
    ),
  ),
  programCase("filter columns without nulls", nonNull, (b) => {
    b.filter(b.load(0));
    passAll(b);
  }),
  programCase("filter that keeps all", everyDtype, (b) => {
    b.filter(b.constant({ lane: "bool", value: true }));
    passAll(b);
  }),
  programCase("filter that keeps none", everyDtype, (b) => {
    b.filter(b.constant({ lane: "bool", value: false }));
    passAll(b);
  }),
  programCase("filter without outputs", everyDtype, (b) => {
    b.filter(b.logic("and", b.load(0), b.valid(0)));
  }),
  programCase("columns in another order, some twice", everyDtype, (b) => {
    for (const column of [3, 1, 3, 0]) b.pass(column);
  }),
];

const overflow = (text: string) => ({ error: "overflow" as const, text });
const failures = [
  programCase("a check sees only kept rows", [{ dtype: INT32 }, { dtype: INT32 }], (b) => {
    const [x, y] = [b.load(0), b.load(1)];
    const both = b.logic("and", b.valid(0), b.valid(1));
    const small = b.logic(
      "and",
      both,
      b.compare("lt", "i32", x, b.constant({ lane: "i32", value: 1000 })),
    );
    const large = b.compare("lt", "i32", b.constant({ lane: "i32", value: -1000 }), x);
    b.filter(b.logic("and", small, large));
    b.output(INT32, b.arithmetic("mul", "i32", x, x, b.check(overflow("x * x"))));
    b.output(INT32, y);
  }),
  programCase("a check of the predicate sees every row", [{ dtype: INT32 }], (b) => {
    const check = b.check(overflow("x + x"), b.valid(0));
    const sum = b.arithmetic("add", "i32", b.load(0), b.load(0), check);
    b.filter(b.compare("lt", "i32", sum, b.constant({ lane: "i32", value: 0 })));
    b.pass(0);
  }),
  programCase(
    "the first row, and in it the first site",
    [{ dtype: INT32 }, { dtype: INT64 }],
    (b) => {
      const [late, early] = [
        b.check(overflow("late"), b.valid(0)),
        b.check(overflow("early"), b.valid(0)),
      ];
      const other = b.check({ error: "cast", text: "other" }, b.valid(1));
      b.output(INT32, b.arithmetic("mul", "i32", b.load(0), b.load(0), early), b.valid(0));
      b.output(INT32, b.arithmetic("add", "i32", b.load(0), b.load(0), late), b.valid(0));
      b.require(b.fits("i64", "i32", b.load(1)), other);
    },
  ),
  programCase("a check that no output depends on", [{ dtype: INT64, tame: true }], (b) => {
    const positive = b.compare("lt", "i64", b.constant({ lane: "i64", value: -499n }), b.load(0));
    b.require(positive, b.check({ error: "cast", text: "positive" }, b.valid(0)));
    b.pass(0);
  }),
  programCase(
    "a failing check of the predicate after one of an output",
    [{ dtype: INT32 }],
    (b) => {
      const x = b.load(0);
      const ofPredicate = b.check(
        overflow("predicate"),
        b.compare("eq", "i32", x, b.constant({ lane: "i32", value: 2147483647 })),
      );
      const sum = b.arithmetic("add", "i32", x, x, ofPredicate);
      b.filter(
        b.logic(
          "and",
          b.valid(0),
          b.compare("ne", "i32", sum, b.constant({ lane: "i32", value: 12345 })),
        ),
      );
      b.output(INT32, b.unary("neg", "i32", x, b.check(overflow("-x"))));
    },
  ),
];

/** More columns than any adapter binds: outputs are spread over dispatches, and one needs them all. */
const wide: readonly ColumnShape[] = Array.from({ length: 20 }, () => ({ dtype: INT64 }));
const wideWithFewNulls = wide.map((shape) => ({ ...shape, nullRatio: 0.02 }));
const bindings = [
  programCase("more outputs than can be bound", wide, (b) => {
    for (let column = 0; column < 20; column++) {
      b.output(INT64, b.arithmetic("add", "i64", b.load(column), b.load(column)), b.valid(column));
    }
  }),
  programCase("an output of more columns than can be bound", wideWithFewNulls, (b) => {
    let sum = b.load(0);
    let valid = b.valid(0);
    for (let column = 1; column < 20; column++) {
      sum = b.arithmetic("add", "i64", sum, b.load(column));
      valid = b.logic("and", valid, b.valid(column));
    }
    const isLarge = b.compare("lt", "i64", b.constant({ lane: "i64", value: -(1n << 60n) }), sum);
    b.filter(b.logic("and", valid, isLarge));
    b.output(INT64, sum, valid);
    b.output(INT64, b.load(0), valid);
  }),
];

export const programCases: readonly (readonly [string, readonly LatticeCase[]])[] = [
  ["arithmetic", arithmetic],
  ["unary", unary],
  ["checked arithmetic", checked],
  ["comparisons", compare],
  ["select", select],
  ["conversions", convert],
  ["quotients", [...quotients, ...quotients64, products]],
  ["bools", bools],
  ["sets", sets],
  ["strings", strings],
  ["parse", parse],
  ["filters", filters],
  ["failures", failures],
  ["bindings", bindings],
];
