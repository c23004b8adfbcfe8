import type { IncomingMessage } from 'node:http';

/** More than any form of the demo sends that people type into. */
const MAX_FORM_BYTES = 4096;

/** The fields of a form POST, or null when the body is no form or larger than `limit` bytes (4 kB). */
export async function readForm(request: IncomingMessage, limit = MAX_FORM_BYTES): Promise<URLSearchParams | null> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') return null;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
