// Floats are rounded once: all vectors of nigeltao/parse-number-fxx-test-data, where they are beside the repository.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readers, sourceOf } from "./readers.ts";

const folder = fileURLToPath(new URL("../../../shared/data/parse-float", import.meta.url));
const found = existsSync(folder);
if (!found) console.log(`skipped: ${folder} is not there`);
const files = found ? readdirSync(folder).filter((name) => name.endsWith(".txt.gz")) : [];
describe
  .runIf(found)
  .each(readers.filter((_, index) => index === 0 || index >= readers.length - 1))(
  "$name",
  (reader) => {
    test.each(files)("%s", async (name) => {
      const lines = gunzipSync(readFileSync(join(folder, name)))
        .toString()
        .split("\n")
        .filter(Boolean);
      const vectors = lines.map((line) => line.split(" "));
      expect(vectors.length).toBeGreaterThan(0);
      const content = `f,d\n${vectors.map((vector) => `${vector[3]},${vector[3]}\n`).join("")}`;
      const source = await sourceOf(content, { schema: { f: "float32", d: "float64" } });
      const result = await reader.read(source, { columns: ["f", "d"] });
      if (result.kind !== "rows") throw new Error("conflicts");
      const [f, d] = result.batch.columns.map(({ data }) =>
        data.encoding === "fixed" ? data.values : null,
      );
      const bits32 = new Uint32Array((f as Float32Array).buffer, f!.byteOffset, f!.length);
      const bits64 = new BigUint64Array((d as Float64Array).buffer, d!.byteOffset, d!.length);
      expect(bits64).toHaveLength(vectors.length);
      const wrong = vectors.filter(
        (vector, row) =>
          bits32[row] !== Number.parseInt(vector[1] as string, 16) ||
          bits64[row] !== BigInt(`0x${vector[2]}`),
      );
      expect(wrong.slice(0, 5)).toEqual([]);
    });
  },
);
