import { isPlainMap } from '../../config/source-file.ts';
import type { Claims } from '../../providers/claims.ts';
import type { Misuse } from '../config-files.ts';

/** The claims of a file, and whether they were taken out of a token that nobody verified. */
export interface TokenClaims {
  readonly claims: Claims;
  readonly decoded: boolean;
}

/** No ID token is longer, in bytes. */
const LONGEST = 262_144;
/** A signed JWT in its compact form (RFC 7515 7.1). */
const JWT = /^[\w-]+\.([\w-]+)\.[\w-]*$/;

/** Reads claims from JSON, or out of a JWT. Of what is wrong with them nothing is quoted. */
export function readTokenFile(file: string, readFile: (path: string) => Buffer): TokenClaims | Misuse {
  let bytes: Buffer;
  try {
    bytes = readFile(file);
  } catch {
    return { misuse: `the file ${file} cannot be read` };
  }
  if (bytes.length > LONGEST) return { misuse: `${file} is longer than any ID token` };
  const text = bytes.toString('utf8').trim();
  const payload = JWT.exec(text)?.[1];
  const claims = parse(payload === undefined ? text : Buffer.from(payload, 'base64url').toString('utf8'));
  if (claims !== null) return { claims, decoded: payload !== undefined };
  const encrypted = text.split('.').length === 5 ? ': an encrypted one is not opened' : '';
  return { misuse: `${file} is neither a JSON object of claims nor a signed JWT${encrypted}` };
}

function parse(text: string): Claims | null {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainMap(value) ? value : null;
  } catch {
    return null;
  }
}
