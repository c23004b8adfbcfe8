import type { Seconds } from '../core/time.ts';
import { isSeconds, isText, readFields } from './fields.ts';

/** When a session was last used, as its second cookie says. */
export interface Seen {
  readonly family: string;
  readonly at: Seconds;
}

const VERSION = 1;

export const encodeSeen = ({ family, at }: Seen): string => JSON.stringify([VERSION, family, at]);

/** What an opened seen cookie says, or null for anything that {@link encodeSeen} does not write. */
export function decodeSeen(text: string): Seen | null {
  const fields = readFields(text, VERSION, 2);
  if (fields === null) return null;
  const [family, at] = fields;
  return isText(family) && isSeconds(at) ? { family, at } : null;
}
