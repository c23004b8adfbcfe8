import { ERRORS, type ErrorCode } from '../errors.ts';
import { renderError } from '../pages/error-page.ts';
import type { LevelNeeded } from '../pages/level-needed.ts';
import { page, problem } from './answers.ts';
import type { Arrival } from './arrival.ts';
import type { Answer } from './context.ts';
import { clientOf } from './navigation.ts';

export interface Refusal {
  readonly requestId: string;
  readonly actions?: readonly { readonly label: string; readonly href: string }[];
  readonly level?: LevelNeeded | null;
  /** The name of the claim that it is about. */
  readonly claim?: string | null;
  readonly cookies?: readonly string[];
  /** Seconds after which another try may succeed, where that is known. */
  readonly retryAfter?: number | null;
}

/** Seconds after which a client may try again what failed for a moment. */
const RETRY_AFTER = '5';

/** A refusal as a page, for a person in front of a browser. */
export function refusalPage(code: ErrorCode, refusal: Refusal): Answer {
  const { requestId, actions = [], level, claim, cookies = [] } = refusal;
  return page(ERRORS[code].status, renderError(code, { requestId, actions, level, claim }), {
    cookies,
    headers: [...retryAfter(code, refusal), ...closing(code)],
  });
}

/** A refusal in the form its client can read: a page for people, a problem document for programs. */
export function refusalAnswer(
  code: ErrorCode,
  arrival: Pick<Arrival, 'method' | 'headers' | 'contentType'>,
  refusal: Refusal,
): Answer {
  if (clientOf(arrival) !== 'other') return refusalPage(code, refusal);
  const cookies = (refusal.cookies ?? []).map((value) => ['Set-Cookie', value] as const);
  return problem(code, refusal.requestId, {}, [...retryAfter(code, refusal), ...closing(code), ...cookies]);
}

function retryAfter(code: ErrorCode, refusal: Refusal): readonly (readonly [string, string])[] {
  if (refusal.retryAfter) return [['Retry-After', String(Math.ceil(refusal.retryAfter))]];
  return ERRORS[code].status === 503 ? [['Retry-After', RETRY_AFTER]] : [];
}

/** What could be read in two ways may be the start of something else: nothing more is taken from its connection. */
const closing = (code: ErrorCode): readonly (readonly [string, string])[] =>
  code === 'ambiguous_request' ? [['Connection', 'close']] : [];
