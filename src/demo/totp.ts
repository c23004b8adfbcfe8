import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds that one code is shown for (RFC 6238 section 4.1). */
const STEP = 30;
/** Codes of this many steps before and after now are accepted: clocks differ, people type slowly (RFC 6238 section 5.2). */
const DRIFT_STEPS = 1;

/**
 * The six digits of a time-based one-time password (RFC 6238, HMAC-SHA-1).
 *
 * @param milliseconds - since 1970
 */
export function totpCode(secret: Buffer, milliseconds: number): string {
  return codeOfStep(secret, stepOf(milliseconds));
}

/**
 * Whether `given` is a code of about now. A code may be used again within its minute and a half, against RFC 6238
 * section 5.2: the demo prints the code on the page, so a memory of used codes would protect nothing and would make
 * whoever steps up twice within half a minute wait.
 */
export function isTotpCode(secret: Buffer, given: string, milliseconds: number): boolean {
  const digits = given.replace(/[\s-]/g, '');
  if (!/^[0-9]{6}$/.test(digits)) return false;
  const now = stepOf(milliseconds);
  let matches = false;
  for (let step = now - DRIFT_STEPS; step <= now + DRIFT_STEPS; step++) {
    if (timingSafeEqual(Buffer.from(codeOfStep(secret, step)), Buffer.from(digits))) matches = true;
  }
  return matches;
}

function stepOf(milliseconds: number): number {
  return Math.floor(milliseconds / 1000 / STEP);
}

/** HOTP (RFC 4226 section 5.3) with the step as the counter. */
function codeOfStep(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.max(step, 0)));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000;
  return String(number).padStart(6, '0');
}
