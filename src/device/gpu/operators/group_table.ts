// The shape of a table of accumulators and of the one that each workgroup keeps in front of it. Kernel:
// kernels/aggregate/group_table.wesl.

/** Of the workgroup's table; with its owners' 1024 words the 16 KiB that every adapter has. */
export const LOCAL_WORDS = 3072;
const MOST_ENTRIES = 1024;
/** More copies do not make threads meet less often, but each is merged in the end. */
const MOST_COPIES = 32;

export interface TableShape {
  readonly capacity: number;
  readonly words: number;
  /** 0: slots claim entries. */
  readonly copies: number;
  readonly entries: number;
}

export function tableShape(capacity: number, words: number, localWords: number): TableShape {
  const own = Math.floor(localWords / (capacity * words));
  if (own >= 1) {
    return { capacity, words, copies: Math.min(MOST_COPIES, powerBelow(own)), entries: 1 };
  }
  const entries = Math.min(MOST_ENTRIES, powerBelow(Math.max(1, localWords / words)));
  return { capacity, words, copies: 0, entries };
}

function powerBelow(count: number): number {
  return 2 ** Math.floor(Math.log2(count));
}

const LEAST_ROWS = 8192;
const MOST_WORKGROUPS = 2048;

/** Rows that one workgroup folds: enough to make merging its table cheap. A multiple of 1024. */
export function rowsPerWorkgroup(rowCount: number): number {
  return Math.max(LEAST_ROWS, Math.ceil(rowCount / MOST_WORKGROUPS / 1024) * 1024);
}
