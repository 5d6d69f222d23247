// gpudataframe head FILE, gpudataframe schema FILE.

import { dtypeName } from "../dtype/index.ts";
import { type DataFrame, Session } from "../frame/index.ts";
import { withProgressBar } from "./progress_bar.ts";

export async function printHead(file: string, rows: number, write: Write): Promise<void> {
  await withFile(file, async (frame) => {
    const table = await withProgressBar((onProgress) => frame.head(rows, { onProgress }));
    write(table.toString({ rows }));
  });
}

export async function printSchema(file: string, write: Write): Promise<void> {
  await withFile(file, async (frame) => {
    const width = Math.max(...frame.columns.map((name) => JSON.stringify(name).length));
    for (const { name, dtype } of frame.schema.fields) {
      write(`${JSON.stringify(name).padEnd(width)}  ${dtypeName(dtype)}`);
    }
  });
}

export type Write = (text: string) => void;

async function withFile(file: string, use: (frame: DataFrame) => Promise<void>): Promise<void> {
  const session = new Session();
  try {
    const arrow = /\.(arrow|feather|ipc)$/i.test(file);
    await use(arrow ? await session.readArrow(file) : ((await session.readCsv(file)) as DataFrame));
  } finally {
    await session.close();
  }
}
