import type { Seconds } from '../../core/time.ts';
import type { Ledger, Random } from '../../ports.ts';
import type { CookieHost } from '../../sessions/cookies.ts';
import { decodeHandedOver, encodeHandedOver, type HandedOver } from '../../sessions/received-codec.ts';
import type { Sealer } from '../../sessions/seal.ts';

/** How long a response that was posted waits for the browser to come for it. */
export const HAND_OVER_LIFE: Seconds = 60;

/** Random bytes of a handle: whoever has it can ask, and only the browser that began gets an answer. */
const HANDLE_BYTES = 16;

const PURPOSE = 'saml hand-over';

export interface HandOver {
  readonly ledger: Pick<Ledger, 'park' | 'parked'>;
  readonly sealer: Sealer;
  readonly host: CookieHost;
}

/**
 * Parks what came of a response that was posted across sites, without any cookie of this browser. Sealed, so that the
 * ledger knows nobody's name; never the XML.
 *
 * @returns the handle
 * @throws what the ledger throws
 */
export async function handOver(
  { ledger, sealer, host }: HandOver,
  handedOver: HandedOver,
  random: Random,
  now: Seconds,
): Promise<string> {
  const handle = random(HANDLE_BYTES);
  const sealed = sealer.seal(PURPOSE, host.origin, encodeHandedOver(handedOver));
  await ledger.park(keyOf(handle), sealed, now + HAND_OVER_LIFE);
  return handle;
}

/**
 * What was parked under a handle on this host; null where nothing is, or nothing any more. It stays there.
 *
 * @throws what the ledger throws
 */
export async function takeOver({ ledger, sealer, host }: HandOver, handle: string): Promise<HandedOver | null> {
  const sealed = await ledger.parked(keyOf(handle));
  const text = sealed === null ? null : sealer.open(PURPOSE, host.origin, sealed);
  return text === null ? null : decodeHandedOver(text);
}

const keyOf = (handle: string): string => `saml:${handle}`;
