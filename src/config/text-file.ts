import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';
import type { Findings } from './findings.ts';

/** No configuration that a person keeps is longer, in bytes. */
export const MOST_BYTES = 1_048_576;
const PIECE = 65_536;

/**
 * Reads a file as far as anybody would look at it: enough to see that it is too long. So no device and no log file named
 * by mistake fills the memory.
 *
 * @throws what the file system throws
 */
export function readStart(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const pieces: Buffer[] = [];
    for (let left = MOST_BYTES + 1; left > 0; ) {
      const piece = Buffer.alloc(Math.min(left, PIECE));
      const length = readSync(file, piece, 0, piece.length, null);
      if (length === 0) break;
      pieces.push(piece.subarray(0, length));
      left -= length;
    }
    return Buffer.concat(pieces);
  } finally {
    closeSync(file);
  }
}

/** Stands for the text of a file that cannot be read. */
export const MISSING = Symbol('missing');

/** The text of a file; null after reporting that it is too long or not UTF-8. */
export function readText(
  file: string,
  readFile: (path: string) => Buffer | string,
  findings: Findings,
): string | typeof MISSING | null {
  let bytes: Buffer;
  try {
    bytes = Buffer.from(readFile(file));
  } catch {
    return MISSING;
  }
  if (bytes.length > MOST_BYTES) {
    reportTooLarge(file, findings);
    return null;
  }
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let line = 1;
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from);
    if (end < 0 || !isUtf8(bytes.subarray(from, end))) break;
    from = end + 1;
  }
  findings.problemOfFile(file, 'file-not-utf8', 'the file is not UTF-8', { line });
  return null;
}

export const reportTooLarge = (file: string, findings: Findings): void =>
  findings.problemOfFile(file, 'file-too-large', `the file has more than ${MOST_BYTES} bytes`);
