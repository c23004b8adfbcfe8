import type { Clock } from '../ports.ts';
import { errorFacts } from './error-facts.ts';
import { jsonText, tidy, timeText } from './log-text.ts';

/** What is known about an event. Names are ours; values may have come from anywhere. */
export type Facts = Readonly<Record<string, unknown>>;

/** The application log: what operators read when something is wrong. */
export interface Log {
  /** @param event - a fixed name, never made of values */
  info(event: string, facts?: Facts): void;
  warn(event: string, facts?: Facts): void;
  error(event: string, facts?: Facts): void;
}

/** Facts of these names are never logged, whatever they hold: a mistake at the place that logs must not leak. */
const SECRET_NAME =
  /cookie|token|secret|passw|authori[sz]ation|query|body|assertion|verifier|nonce|state|^url$|headers/i;
/** JSON Web Tokens, and long opaque runs: what keys, tokens and codes look like. */
const OPAQUE = /\beyJ[\w.-]+|[\w+=-]{24,}/g;
const QUERY = /[?#]\S*/g;
/** Error codes and other names are long too. Of random text almost none looks so. */
const WORDS = /^(?:[A-Z_]+|[a-z_-]+)$/;
/** Facts that are opaque runs themselves, and no secret. */
const OPAQUE_NAMES: ReadonlySet<string> = new Set(['world', 'request_id']);

/**
 * Writes one JSON line per event: `time`, `level`, `msg`, then the facts. Fifteen lines of our own, because a logger
 * that takes any object also takes any secret in it: here only text, numbers and what is safe of an error get through.
 *
 * @param write - takes a line without its end
 */
export function createLog(write: (line: string) => void, clock: Clock): Log {
  const time = timeText(clock);
  const at =
    (level: string) =>
    (event: string, facts: Facts = {}): void => {
      let line = `{"time":"${time()}","level":"${level}","msg":${jsonText(event)}`;
      for (const [name, value] of Object.entries(facts)) {
        if (value !== undefined) line += `,${jsonText(name)}:${JSON.stringify(presentable(name, value))}`;
      }
      write(`${line}}`);
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

function presentable(name: string, value: unknown): unknown {
  if (SECRET_NAME.test(name)) return '(withheld)';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'string') return tidy(OPAQUE_NAMES.has(name) ? value : withoutOpaque(value));
  if (value instanceof Error) return errorFacts(value);
  return '(withheld)';
}

/** Text without queries and without what looks like a key, a token or a code. */
function withoutOpaque(text: string): string {
  return text.replace(QUERY, '?…').replace(OPAQUE, (run) => (WORDS.test(run) ? run : '…'));
}
