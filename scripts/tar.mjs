// Reads the regular files of a ustar archive held in memory.

const blockBytes = 512;

/** Yields `{ name, bytes }` for each regular file. */
export function* readTar(archive) {
  for (let at = 0; at + blockBytes <= archive.length; ) {
    const header = archive.subarray(at, at + blockBytes);
    const name = text(header, 0, 100);
    if (name === "") return;
    const byteLength = Number.parseInt(text(header, 124, 12), 8);
    const type = String.fromCharCode(header[156]);
    const bytes = archive.subarray(at + blockBytes, at + blockBytes + byteLength);
    if (type === "0" || type === "\0") yield { name, bytes };
    at += blockBytes * (1 + Math.ceil(byteLength / blockBytes));
  }
}

const text = (header, start, length) =>
  header
    .subarray(start, start + length)
    .toString("latin1")
    .replace(/\0.*$/s, "")
    .trim();
