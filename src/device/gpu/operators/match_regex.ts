// Whether a pattern matches the entries of a dictionary, by its automaton on the device.

import { at } from "../../../base/index.ts";
import type { Dictionary } from "../../../column/index.ts";
import type { Alphabet, Dfa } from "../../../text/index.ts";
import type { GpuContext } from "../context.ts";
import { groupsFor } from "./scan.ts";
import { type Workspace, withWorkspace } from "./workspace.ts";

/** Does the device hold the dictionary's bytes in one buffer? */
export function canMatchRegex({ device }: GpuContext, { bytes, offsets }: Dictionary): boolean {
  const limit = device.limits.maxStorageBufferBindingSize;
  return bytes.byteLength + 4 <= limit && offsets.byteLength <= limit;
}

/** Bit k & 31 of word k >> 5: entry k has a match. */
export async function matchRegex(
  context: GpuContext,
  dictionary: Dictionary,
  alphabet: Alphabet,
  dfa: Dfa,
): Promise<Uint32Array> {
  if (dictionary.size === 0) return new Uint32Array(0);
  return withWorkspace(context, (workspace) => match(workspace, dictionary, alphabet, dfa));
}

async function match(
  workspace: Workspace,
  dictionary: Dictionary,
  alphabet: Alphabet,
  dfa: Dfa,
): Promise<Uint32Array> {
  const { size, offsets, bytes } = dictionary;
  const wordCount = Math.ceil(size / 32);
  const recording = workspace.context.record();
  const parts = [alphabet.pages, alphabet.classes, dfa.next, Uint16Array.from(dfa.acceptsAtEnd)];
  const { words, starts } = packHalves(parts);
  const matches = workspace.acquire(4 * wordCount);
  recording.dispatch({
    kernel: { path: "text/match_regex" },
    buffers: {
      offsets: workspace.table(dictionary, "offsets", () => offsets),
      texts: workspace.table(dictionary, "texts", () => wholeWords(bytes)),
      automaton: workspace.constant(recording, words),
      matches,
    },
    params: {
      entryCount: size,
      classCount: dfa.classCount,
      startState: dfa.start,
      classesAt: at(starts, 1),
      nextAt: at(starts, 2),
      acceptsAt: at(starts, 3),
    },
    workgroups: groupsFor(size),
  });
  const result = recording.read(matches, 0, 4 * wordCount);
  await recording.submit();
  return new Uint32Array(await result);
}

/** The arrays one after the other, two numbers a word; where each begins. */
function packHalves(parts: readonly Uint16Array[]) {
  const starts: number[] = [];
  let length = 0;
  for (const part of parts) {
    starts.push(length);
    length += part.length;
  }
  const halves = new Uint16Array(length + (length & 1));
  for (const [index, part] of parts.entries()) halves.set(part, at(starts, index));
  return { words: new Uint32Array(halves.buffer), starts };
}

function wholeWords(bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0 && bytes.length % 4 === 0) return bytes;
  const padded = new Uint8Array(4 * Math.ceil((bytes.length + 1) / 4));
  padded.set(bytes);
  return padded;
}
