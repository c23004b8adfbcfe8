import { tidy } from './log-text.ts';

/** What is logged of an error. */
export interface ErrorFacts {
  /** Its class. */
  readonly type: string;
  readonly code?: string;
  /** Names of functions and places in source files, innermost first. */
  readonly at?: readonly string[];
  readonly cause?: ErrorFacts;
}

const MAX_FRAMES = 6;
const MAX_CAUSES = 3;
/** A line of a stack trace of V8: it ends in line and column. */
const FRAME = /^ {4}at (\S.{0,200}:\d+:\d+\)?)$/;
/** Names as programs give them to classes and to codes. Anything else came from elsewhere. */
const CLASS = /^[A-Za-z]{1,64}$/;
const CODE = /^(?:[A-Z][A-Z0-9_]{0,63}|[a-z][a-z_-]{0,63})$/;

/**
 * What an operator may read of an error: its class, its code, where it was thrown, and the same of its causes. Never
 * its message: those of JSON.parse, of `ERR_INVALID_ARG_TYPE`, of Fastify and of HTTP clients quote what they choked on.
 */
export function errorFacts(error: unknown, depth = 0): ErrorFacts {
  if (!(error instanceof Error)) return { type: error === null ? 'null' : typeof error };
  const code = 'code' in error && typeof error.code === 'string' && CODE.test(error.code) ? error.code : null;
  const frames = framesOf(error);
  return {
    type: CLASS.test(error.name) ? error.name : 'Error',
    ...(code === null ? {} : { code }),
    ...(frames.length === 0 ? {} : { at: frames }),
    ...(error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: errorFacts(error.cause, depth + 1) }),
  };
}

/** A stack begins with the message, which may have lines that look like frames: it is cut off first, or nothing is kept. */
function framesOf(error: Error): readonly string[] {
  const stack = String(error.stack ?? '');
  const end = stack.indexOf(error.message);
  if (end < 0) return [];
  const frames: string[] = [];
  for (const line of stack.slice(end + error.message.length).split('\n')) {
    const place = FRAME.exec(line)?.[1];
    if (place !== undefined && frames.length < MAX_FRAMES) frames.push(tidy(place));
  }
  return frames;
}
