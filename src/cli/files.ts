// gpudataframe head FILE, gpudataframe schema FILE.

import { dtypeName } from "../dtype/index.ts";
import { type DataFrame, Session } from "../frame/index.ts";
import { interruptible } from "./interrupt.ts";
import { withProgressBar } from "./progress_bar.ts";

export async function printHead(file: string, rows: number, write: Write): Promise<void> {
  await withFile(file, async (frame, signal) => {
    const table = await withProgressBar((onProgress) => frame.head(rows, { onProgress, signal }));
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

type Use = (frame: DataFrame, signal: AbortSignal) => Promise<void>;

async function withFile(file: string, use: Use): Promise<void> {
  await interruptible(async (signal) => {
    const session = new Session();
    try {
      await use(await open(session, file), signal);
    } finally {
      await session.close();
    }
  });
}

async function open(session: Session, file: string): Promise<DataFrame> {
  const isArrow = /\.(arrow|feather|ipc)$/i.test(file);
  return isArrow ? await session.readArrow(file) : ((await session.readCsv(file)) as DataFrame);
}
