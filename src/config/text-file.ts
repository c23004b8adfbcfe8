import { isUtf8 } from 'node:buffer';
import type { Findings } from './findings.ts';

/** Stands for the text of a file that cannot be read. */
export const MISSING = Symbol('missing');

/** The text of a file; null after reporting that it is not UTF-8. */
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
