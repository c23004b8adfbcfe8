import { createHash } from 'node:crypto';
import type { World } from '../../config/world.ts';
import type { Seconds } from '../../core/time.ts';
import type { StepUpFailure } from '../../errors.ts';
import type { Ledger } from '../../ports.ts';

/** A person, as providers tell them apart. */
export interface Someone {
  readonly issuer: string;
  readonly subject: string;
}

type Limits = Pick<World, 'attempts'>;

/** Failures that the person, or whoever acts in their browser, had a part in. A provider that is away locks nobody out. */
const COUNTED: ReadonlySet<StepUpFailure> = new Set([
  'level_not_met',
  'stale_authentication',
  'subject_mismatch',
  'access_denied',
  'invalid_response',
]);

/**
 * Counts that this signed-in person is sent to their provider again, so that nobody who holds a session can bombard its
 * owner with prompts, nor try for ever.
 *
 * @returns 0 where they may go, else the seconds until they may
 * @throws what the ledger throws
 */
export async function countStart(ledger: Ledger, world: Limits, person: Someone, now: Seconds): Promise<Seconds> {
  const { starts, failures, window } = world.attempts;
  const wait = await ledger.attemptWait(keyOf('failure', person), failures, now, window);
  return wait > 0 ? wait : ledger.recordAttempt(keyOf('start', person), starts, now, window);
}

/** Counts a trip of this person that failed. Where that cannot be recorded, neither can the next one begin. */
export async function countFailure(
  ledger: Ledger,
  world: Limits,
  person: Someone | null,
  failure: StepUpFailure,
  now: Seconds,
): Promise<void> {
  if (person === null || !COUNTED.has(failure)) return;
  const { failures, window } = world.attempts;
  await ledger.recordAttempt(keyOf('failure', person), failures, now, window).catch(() => {});
}

/** As long for everybody, whatever providers call people; and it names nobody. */
const keyOf = (kind: 'start' | 'failure', { issuer, subject }: Someone): string =>
  `${kind} ${createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('base64url')}`;
