import type { Seconds } from '../../core/time.ts';
import { PARKED_LENGTH } from '../../ledger/parking.ts';
import type { Ledger, Random, Received, Refused } from '../../ports.ts';
import type { CookieHost } from '../../sessions/cookies.ts';
import { decodeHandedOver, encodeHandedOver, type HandedOver } from '../../sessions/received-codec.ts';
import type { Sealer } from '../../sessions/seal.ts';
import { largestPart, type SessionPart, waysToFit } from '../../sessions/session-size.ts';

/** How long a response that was posted waits for the browser to come for it. */
export const HAND_OVER_LIFE: Seconds = 60;

/** Random bytes of a handle: whoever has it can ask, and only the browser that began gets an answer. */
const HANDLE_BYTES = 16;
const HANDLE = /^[\w-]{22}$/;

const PURPOSE = 'saml hand-over';
const PURPOSE_REFUSED = 'saml refusal';

export interface HandOver {
  readonly ledger: Pick<Ledger, 'park' | 'parked'>;
  readonly sealer: Sealer;
  readonly host: CookieHost;
}

export type Handed =
  /** With this the browser comes for it. */
  | { readonly ok: true; readonly handle: string }
  /** Nothing is parked: there is no room just now, or never will be for so much of this. */
  | { readonly ok: false; readonly largest: SessionPart | null };

/**
 * Hands on what came of a response that was posted across sites, without any cookie of this browser. What is verified is
 * parked under a handle, sealed, so that the ledger knows nobody's name; never the XML. What is refused is small and
 * travels in the handle itself: whoever has no account at the provider gets nothing into the ledger.
 *
 * @param namesGroup - whether an app or policy names this very group: the others go where there are too many
 * @throws what the ledger throws
 */
export async function handOver(
  parts: HandOver,
  { result, ...from }: HandedOver,
  namesGroup: (group: string) => boolean,
  random: Random,
  now: Seconds,
): Promise<Handed> {
  const { ledger, sealer, host } = parts;
  if (!result.ok) {
    return { ok: true, handle: sealer.seal(PURPOSE_REFUSED, host.origin, encodeHandedOver({ ...from, result })) };
  }
  let smallest = result;
  for (const identity of waysToFit(result.identity, namesGroup)) {
    smallest = { ...result, identity };
    const sealed = sealer.seal(PURPOSE, host.origin, encodeHandedOver({ ...from, result: smallest }));
    if (sealed.length > PARKED_LENGTH) continue;
    const handle = random(HANDLE_BYTES);
    const isParked = await ledger.park(keyOf(handle), sealed, now + HAND_OVER_LIFE);
    return isParked ? { ok: true, handle } : { ok: false, largest: null };
  }
  return { ok: false, largest: largestPart({ ...smallest.identity, proofs: [smallest.proof] }) };
}

/**
 * What was handed on under a handle on this host; null where there is nothing, or nothing any more. It stays there.
 *
 * @throws what the ledger throws
 */
export async function takeOver({ ledger, sealer, host }: HandOver, handle: string): Promise<HandedOver | null> {
  if (!HANDLE.test(handle)) return opened(sealer.open(PURPOSE_REFUSED, host.origin, handle));
  const sealed = await ledger.parked(keyOf(handle));
  return sealed === null ? null : opened(sealer.open(PURPOSE, host.origin, sealed));
}

const opened = (text: string | null): HandedOver | null => (text === null ? null : decodeHandedOver(text));

const keyOf = (handle: string): string => `saml:${handle}`;

/** Characters of the ID of a request that is read from a response: ours are shorter. */
const LONGEST_ID = 64;

/** Whether a response says whose trip it answers. One that does not is nobody's, and may be somebody's if it is sent again. */
export const isAddressed = ({ inResponseTo }: Received | Refused): boolean =>
  inResponseTo !== null && inResponseTo.length <= LONGEST_ID;
