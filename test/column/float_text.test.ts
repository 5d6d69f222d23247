// The text of float32: held against the addon's (std::to_chars) and against its definition.
import { describe, expect, test } from "vitest";
import { columnFromValues, formatFloatText } from "../../src/column/index.ts";
import { csvFormatter, loadAddon } from "../../src/device/cpu/index.ts";
import { FLOAT32, FLOAT64, Schema } from "../../src/dtype/index.ts";

const load = loadAddon();
if (!load.ok) throw new Error(load.reason);
const format = csvFormatter({ native: load.native, threads: 2 });

/** Powers of two, where the neighbours below are nearer, theirs, halves of digits, and bits at random. */
function floats(count: number): Float32Array {
  const bits: number[] = [0, 0x80000000, 1, 0x7fffff, 0x800000, 0x7f7fffff, 0x7f800000];
  for (let exponent = 0; exponent < 255; exponent++) {
    for (const near of [-1, 0, 1]) bits.push(((exponent << 23) + near) & 0x7fffffff);
  }
  let state = 20261123;
  while (bits.length < count) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bits.push(state);
  }
  return new Float32Array(Uint32Array.from(bits).buffer).filter((value) => !Number.isNaN(value));
}

describe.each([
  { dtype: FLOAT32, values: floats(40_000) },
  { dtype: FLOAT64, values: Float64Array.from(floats(40_000), (value) => value / 3) },
])("$dtype.kind", ({ dtype, values }) => {
  test("as the addon writes it", async () => {
    const columns = [columnFromValues(values, dtype)];
    const schema = new Schema([{ name: "x", dtype }]);
    const pieces = await format(schema, { rowCount: values.length, columns }, 0, values.length, {
      delimiter: 44,
      nullValue: "",
    });
    const lines = Buffer.concat(pieces as Uint8Array[])
      .toString()
      .trimEnd()
      .split("\n");
    const single = dtype === FLOAT32;
    expect(Array.from(values, (value) => formatFloatText(value, single))).toEqual(lines);
  });
});

test("the fewest digits, the nearest, the even one of two as near", () => {
  const cases: [number, string][] = [
    [2 ** -12, "0.00024414062"],
    [-0, "-0.0"],
    [0, "0.0"],
    [2 ** -149, "1e-45"],
    [Math.fround(0.1), "0.1"],
    [2 ** 24, "16777216.0"],
    [Math.fround(3.4028234663852886e38), "3.4028235e+38"],
  ];
  for (const [value, text] of cases) expect(formatFloatText(value, true)).toBe(text);
});
