// Holds the rules of ARCHITECTURE.md that a machine can hold.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Lower layers first: a folder of src/ imports only from folders that stand before it. */
const layers = [
  "base",
  "text",
  "dtype",
  "column",
  "expr",
  "ir",
  "function",
  "io",
  "plan",
  "optimizer",
  "physical",
  "codegen",
  "device",
  "execution",
  "frame",
  "cli",
  "index.ts",
];

/** Forbidden although the order would allow it. */
const forbidden: Record<string, readonly string[]> = { device: ["expr", "plan", "optimizer"] };

interface Import {
  readonly from: string;
  readonly line: number;
  readonly specifier: string;
}

const sources = filesUnder("src", /\.ts$/);
const imports = sources.flatMap(importsOf);

describe("imports of src/", () => {
  test("every folder is a known layer", () => {
    expect(sources.map(layerOf).filter((layer) => !layers.includes(layer))).toEqual([]);
  });

  test("go down, through the index.ts of a folder", () => {
    expect(imports.flatMap((found) => layerViolation(found) ?? [])).toEqual([]);
  });

  test("name files with their .ts ending", () => {
    const wrong = imports.filter(
      ({ specifier }) => specifier.startsWith(".") && !/\.(ts|json)$/.test(specifier),
    );
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test("take webgpu only in src/device/gpu", () => {
    const wrong = imports.filter(
      ({ from, specifier }) => specifier === "webgpu" && !from.startsWith("src/device/gpu/"),
    );
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test("load the addon only in src/device/cpu", () => {
    const loading = /process\.dlopen|["'`/]gdf_/;
    const wrong = sources.filter(
      (path) => !path.startsWith("src/device/cpu/") && loading.test(read(path)),
    );
    expect(wrong).toEqual([]);
  });
});

describe("sizes", () => {
  const limits: [string, number, readonly string[]][] = [
    [
      "TypeScript",
      500,
      ["src", "test", "bench", "scripts"].flatMap((d) => filesUnder(d, /\.m?ts$|\.mjs$/)),
    ],
    ["WGSL", 300, filesUnder("kernels", /\.(wgsl|wesl)$/)],
    ["C++", 400, filesUnder("native", /\.(cc|h)$/)],
  ];

  test.each(limits)("%s files have at most %i lines", (_language, limit, paths) => {
    const long = paths
      .filter((path) => !/(^|[/_.])tables?\.|\.generated\./.test(path))
      .map((path) => ({ path, lines: read(path).split("\n").length - 1 }))
      .filter(({ lines }) => lines > limit);
    expect(long).toEqual([]);
  });

  test("functions in src/ have at most 60 lines", () => {
    expect(sources.filter((path) => !/tables?\./.test(path)).flatMap(longFunctions)).toEqual([]);
  });
});

describe("operator mirror", () => {
  test("every folder of kernels/ states its contract", () => {
    const missing = operatorsIn("kernels").filter(
      (operator) => !existsSync(join(root, "kernels", operator, "README.md")),
    );
    expect(missing).toEqual([]);
  });

  test("every folder of native/kernels/ has its contract in kernels/", () => {
    const missing = operatorsIn("native/kernels").filter(
      (operator) => !existsSync(join(root, "kernels", operator, "README.md")),
    );
    expect(missing).toEqual([]);
  });
});

function layerViolation({ from, line, specifier }: Import): string[] | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const target = relative(root, join(root, dirname(from), specifier));
  if (!target.startsWith("src/")) return undefined;
  const [own, other] = [layerOf(from), layerOf(target)];
  if (own === other) return undefined;
  const described = describeImport({ from, line, specifier });
  if (layers.indexOf(other) > layers.indexOf(own)) return [`${described}: upwards`];
  if (forbidden[own]?.includes(other)) return [`${described}: ${own} must not see ${other}`];
  if (target !== `src/${other}/index.ts`) return [`${described}: not through index.ts`];
  return undefined;
}

const describeImport = ({ from, line, specifier }: Import) =>
  `${from}:${line} imports ${specifier}`;

function importsOf(path: string): Import[] {
  const text = read(path);
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    from: path,
    line: text.slice(0, pos).split("\n").length,
    specifier: fileName,
  }));
}

function longFunctions(path: string): string[] {
  const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
  const long: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body) {
      const start = file.getLineAndCharacterOfPosition(node.getStart()).line;
      const lines = file.getLineAndCharacterOfPosition(node.end).line - start + 1;
      if (lines > 60) long.push(`${path}:${start + 1} has ${lines} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return long;
}

/** src/expr/node.ts -> expr, src/index.ts -> index.ts */
function layerOf(path: string): string {
  return path.split("/")[1]!;
}

function operatorsIn(folder: string): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "shared")
    .filter((entry) => readdirSync(join(path, entry.name)).length > 0)
    .map((entry) => entry.name);
}

function filesUnder(folder: string, pattern: RegExp): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name).replaceAll("\\", "/"))
    .filter((name) => pattern.test(name) && !name.includes("node_modules/"));
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
