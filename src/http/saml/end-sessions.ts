import type { Seconds } from '../../core/time.ts';
import type { Passage } from '../answer.ts';

/** How much longer than a session lives: one that began under an earlier configuration may live longer than those of today. */
const KEPT_LONGER: Seconds = 86_400;

/**
 * Ends the sessions that came of a provider's, on every origin and in every process.
 *
 * @param names - as the ledger takes them
 * @throws what the ledger throws
 */
export async function endProviderSessions(
  { context, current, now }: Passage,
  issuer: string,
  names: readonly string[],
): Promise<void> {
  const expires = now + current.world.session.lifetime + KEPT_LONGER;
  await context.ledger.voidProviderSessions(issuer, names, now, expires);
}
