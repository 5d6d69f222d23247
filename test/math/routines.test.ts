// Accuracy and special cases of the routines, on the reference; test/lattice/routines.test.ts holds that the other
// executors give the same bits.
import { describe, expect, test } from "vitest";
import { routineFunction } from "../../src/device/reference/routine.ts";
import { BINARY_ROUTINES, ROUTINES, type RoutineName, UNARY_ROUTINES } from "../../src/ir/index.ts";
import { operandsOf } from "./operands.ts";
import { BINARY32, BINARY64, exactly, type Format, unitsOff } from "./oracle.ts";

/** The worst of the operands, as a sentence. */
function worstOf(name: RoutineName, count: number, format: Format): { off: number; text: string } {
  const routine = routineFunction(name);
  const round = format === BINARY32 ? Math.fround : (value: number) => value;
  let worst = { off: 0, text: "nothing" };
  let compared = 0;
  for (const [a, b] of operandsOf(name, count)) {
    const [x, y] = [round(a), round(b)];
    const exact = exactly(name, x, y);
    if (exact === null) continue;
    compared += 1;
    const result = round(routine([x, y]));
    const off = unitsOff(result, exact, format);
    if (!(off <= worst.off)) worst = { off, text: `${name}(${x}, ${y}) = ${result}` };
  }
  expect(compared).toBeGreaterThan(150);
  return worst;
}

describe.each(ROUTINES)("%s", (name) => {
  test("is off by less than 0.55 units in the last place", () => {
    const { off, text } = worstOf(name, 300, BINARY64);
    expect(off, text).toBeLessThan(0.55);
  });

  test("of float32 is off by less than 0.5001 units", () => {
    const { off, text } = worstOf(name, 100, BINARY32);
    expect(off, text).toBeLessThan(0.5001);
  });
});

/** Where C99 (annex F) and ECMAScript agree and the result is exact, this machine's functions say what it is. */
describe("special cases", () => {
  const values = [
    0,
    -0,
    1,
    -1,
    Infinity,
    -Infinity,
    NaN,
    2,
    -2,
    0.5,
    1e300,
    -1e300,
    5e-324,
    -5e-324,
  ];
  const isSpecial = (value: number) =>
    !Number.isFinite(value) || value === 0 || Math.abs(value) === 1;

  test.each(UNARY_ROUTINES.filter((name) => name in Math))("%s", (name) => {
    const here = Math[name as "exp"];
    for (const x of values.filter((value) => isSpecial(here(value)))) {
      expect(routineFunction(name)([x]), `${name}(${x})`).toBe(here(x));
    }
  });

  test.each(["atan2", "hypot"] as const)("%s", (name) => {
    for (const x of values) {
      for (const y of values) {
        if (!isSpecial(Math[name](x, y))) continue;
        expect(routineFunction(name)([x, y]), `${name}(${x}, ${y})`).toBe(Math[name](x, y));
      }
    }
  });

  test("atan2 on the axes", () => {
    const at = (y: number, x: number) => routineFunction("atan2")([y, x]);
    expect([at(0, -0), at(-0, -0), at(0, -1), at(-0, -1)]).toEqual(
      [1, -1, 1, -1].map((sign) => sign * Math.PI),
    );
    expect([at(1, 0), at(-1, -0), at(Infinity, 5), at(-Infinity, -5)]).toEqual(
      [1, -1, 1, -1].map((sign) => (sign * Math.PI) / 2),
    );
    expect([at(Infinity, Infinity), at(-Infinity, Infinity)]).toEqual([Math.PI / 4, -Math.PI / 4]);
    expect([at(Infinity, -Infinity), at(-Infinity, -Infinity)]).toEqual([
      2.356194490192345, -2.356194490192345,
    ]);
    expect([at(5e-324, 1e300), at(-5e-324, 2)]).toEqual([0, -0]);
  });
});

describe("pow, IEEE 754-2008, 9.2.1", () => {
  const pow = (x: number, y: number) => routineFunction("pow")([x, y]);
  const all = [0, 1, 2, 3, 0.5, 2.5, 1e300, 2 ** 53 - 1, 2 ** 53, 5e-324, Infinity, NaN].flatMap(
    (value) => [value, -value],
  );
  const isOdd = (y: number) => Math.abs(y % 2) === 1;

  /** The standard's list, in its order; null where it does not speak. */
  function listed(x: number, y: number): number | null {
    if (y === 0) return 1;
    if (x === 1) return 1;
    if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
    const minus = isOdd(y) && (x < 0 || Object.is(x, -0)) ? -1 : 1;
    const signedZero = minus < 0 ? -0 : 0;
    if (x === 0) return y < 0 ? minus * Infinity : signedZero;
    if (x === -1 && !Number.isFinite(y)) return 1;
    if (!Number.isFinite(y)) return Math.abs(x) > 1 === y > 0 ? Infinity : 0;
    if (!Number.isFinite(x)) return y < 0 ? signedZero : minus * Infinity;
    return x < 0 && !Number.isInteger(y) ? NaN : null;
  }

  test.each(all)("pow(%d, y)", (x) => {
    for (const y of all) {
      const expected = listed(x, y);
      if (expected !== null) expect(pow(x, y), `pow(${x}, ${y})`).toBe(expected);
    }
  });

  test("is exact where the result is a double", () => {
    for (let y = -1080; y <= 1030; y++) expect(pow(2, y)).toBe(y < -1074 ? 0 : 2 ** y);
    for (let y = -537; y <= 511; y++)
      expect(pow(-4, y)).toBe((y % 2 === 0 ? 1 : -1) * 2 ** (2 * y));
    for (let x = 1; x < 60; x++) {
      for (let y = 0; BigInt(x) ** BigInt(y) < 2n ** 53n && y < 54; y++) {
        expect(pow(x, y)).toBe(Number(BigInt(x) ** BigInt(y)));
        expect(pow(-x, y)).toBe(Number(BigInt(-x) ** BigInt(y)));
      }
    }
    for (let root = 1; root < 3000; root += 7) {
      expect(pow(root * root, 0.5)).toBe(root);
      expect(pow(root ** 4, 0.25)).toBe(root);
    }
  });
});

test("logarithms and roots of powers are exact", () => {
  const call = (name: (typeof UNARY_ROUTINES)[number], x: number) => routineFunction(name)([x]);
  for (let k = -1074; k < 1024; k++) expect(call("log2", 2 ** k)).toBe(k);
  for (let k = 0; k <= 22; k++) expect(call("log10", 10 ** k)).toBe(k);
  for (let k = -1074; k < 1024; k++) expect(call("exp2", k)).toBe(2 ** k);
  for (let k = 1; k < 20_000; k += 37) expect(call("cbrt", -(k ** 3))).toBe(-k);
});

test("functions of two take two", () => {
  expect([...BINARY_ROUTINES].sort()).toEqual(["atan2", "hypot", "pow"]);
});
