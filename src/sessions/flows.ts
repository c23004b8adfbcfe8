import { CLOCK_STEP_TOLERANCE } from '../core/demand.ts';
import type { Seconds } from '../core/time.ts';
import type { Ledger, Random } from '../ports.ts';
import { FLOW_LIMIT, slotsBeside } from './budget.ts';
import { type CookieHost, cookieNames, deleteCookie, FLOW_SLOTS, type OwnCookies, setCookie } from './cookies.ts';
import {
  decodeFlow,
  decodeReference,
  decodeShortReference,
  encodeFlow,
  encodeReference,
  encodeShortReference,
  type Flow,
  type FlowReference,
  withoutSources,
} from './flow-codec.ts';
import { withoutQuery } from './return-limit.ts';
import type { Sealer } from './seal.ts';

/** How long a person may take at the provider. */
export const FLOW_LIFE: Seconds = 600;

/** Characters of `state`: providers and the logs between cut long URLs. */
export const STATE_LIMIT = 600;

/** Characters of a `RelayState` (SAML Bindings 3.4.3: at most 80 bytes). */
export const RELAY_STATE_LIMIT = 80;

/** 128 bits: nobody guesses a flow. */
const ID_BYTES = 16;

const PURPOSE_STATE = 'flow reference';

/** What a new flow is about, as far as it must be known when its cookie is gone. */
export type Departure = Pick<Flow, 'app' | 'returnTo' | 'restarted'>;

/** A slot and an id for a flow whose trip is being prepared. */
export interface Reserved {
  readonly id: string;
  readonly slot: number;
  readonly expires: Seconds;
  /** Goes to the provider and comes back: at most {@link STATE_LIMIT} characters. */
  readonly state: string;
  /** The return URL that `state` carries, null where it did not fit. */
  readonly returnTo: string | null;
}

/** What a callback's `state` turns out to be in this browser. */
export type Resumed =
  | { readonly kind: 'flow'; readonly flow: Flow; readonly slot: number }
  /** `state` is ours, but this browser does not hold its flow: nothing is exchanged. */
  | {
      readonly kind: 'orphan';
      readonly app: string;
      readonly returnTo: string | null;
      readonly restarted: boolean;
      /** Another flow has taken the slot. */
      readonly slotHeld: boolean;
      /** The browser holds some flow that is under way. */
      readonly anyFlow: boolean;
      /** The browser has kept a cookie of ours before. */
      readonly browserKnown: boolean;
    }
  | { readonly kind: 'expired'; readonly app: string; readonly returnTo: string | null }
  | { readonly kind: 'invalid' };

/** The trips that a browser has under way: sealed in a few cookies of fixed names, so that the gateway remembers nothing. */
export interface Flows {
  /** @param limit - of the characters of `state` */
  reserve(host: CookieHost, cookies: OwnCookies, departure: Departure, limit: number, now: Seconds): Reserved;
  /** The Set-Cookie value of a flow whose trip is prepared. */
  cookie(host: CookieHost, reserved: Pick<Reserved, 'slot' | 'returnTo'>, flow: Flow): string;
  /** A Set-Cookie value for a browser that does not have the cookie which tells that it keeps cookies; else null. */
  browserCookie(host: CookieHost, cookies: OwnCookies): string | null;
  /** Whether a `state` is ours and its trip can be under way still. */
  isReference(host: CookieHost, state: string, now: Seconds): boolean;
  resume(host: CookieHost, cookies: OwnCookies, state: string, now: Seconds): Resumed;
  /** A Set-Cookie value that empties a slot. */
  clear(host: CookieHost, slot: number): string;
  /** Set-Cookie values that empty the slots for which there is no room beside a session that has grown. */
  clearSurplus(host: CookieHost, cookies: OwnCookies): readonly string[];
}

export interface FlowsOptions {
  readonly sealer: Sealer;
  readonly prefix: string;
  /** A flow counts only under the ledger it was made under: that one knows whether it was used. */
  readonly ledger: Pick<Ledger, 'birth'>;
  readonly random: Random;
}

export function createFlows({ sealer, prefix, ledger, random }: FlowsOptions): Flows {
  const secure = cookieNames(prefix, true);
  const plain = cookieNames(prefix, false);
  const namesOn = (host: CookieHost) => (host.secure ? secure : plain);
  const purpose = (): string => `flow ${ledger.birth}`;

  /** The live flow in a slot, or null. */
  const flowIn = (
    host: CookieHost,
    cookies: OwnCookies,
    slot: number,
    carried: string | null,
    now: Seconds,
  ): Flow | null => {
    const sealed = cookies.get(namesOn(host).flow(slot));
    const text = sealed ? sealer.open(purpose(), host.origin, sealed) : null;
    const flow = text === null ? null : decodeFlow(text, carried);
    return flow !== null && isLive(flow, now) ? flow : null;
  };

  const sealReference = (host: CookieHost, reference: FlowReference): string =>
    sealer.seal(PURPOSE_STATE, host.origin, encodeReference(reference));

  function openReference(host: CookieHost, state: string): FlowReference | null {
    const text = sealer.open(PURPOSE_STATE, host.origin, state);
    return text === null ? null : (decodeShortReference(text, FLOW_SLOTS) ?? decodeReference(text, FLOW_SLOTS));
  }

  return {
    reserve(host, cookies, departure, limit, now) {
      // Of the same count in all tabs of a browser, so that together they do not take more than there is room for.
      const held = SLOTS.slice(0, slotsBeside(namesOn(host), cookies)).map((slot) =>
        flowIn(host, cookies, slot, null, now),
      );
      const slot = chooseSlot(held, random);
      const bare = { ...departure, id: random(ID_BYTES), slot, expires: now + FLOW_LIFE, returnTo: null };
      const { id, expires } = bare;
      const state = sealReference(host, { ...bare, returnTo: departure.returnTo });
      if (state.length <= limit) return { id, slot, expires, state, returnTo: departure.returnTo };
      const shorter = sealReference(host, bare);
      if (shorter.length <= limit) return { id, slot, expires, state: shorter, returnTo: null };
      return {
        id,
        slot,
        expires,
        state: sealer.seal(PURPOSE_STATE, host.origin, encodeShortReference(bare)),
        returnTo: null,
      };
    },
    cookie(host, { slot, returnTo }, flow) {
      const sealed = sealWithin(flow, flow.returnTo === returnTo, (text) => sealer.seal(purpose(), host.origin, text));
      return setCookie(namesOn(host).flow(slot), sealed, { secure: host.secure, maxAge: FLOW_LIFE });
    },
    browserCookie(host, cookies) {
      const name = namesOn(host).browser;
      return cookies.has(name) ? null : setCookie(name, random(ID_BYTES), { secure: host.secure });
    },
    isReference(host, state, now) {
      const reference = openReference(host, state);
      return reference !== null && isLive(reference, now);
    },
    resume(host, cookies, state, now) {
      const reference = openReference(host, state);
      if (reference === null) return { kind: 'invalid' };
      const { id, slot, app, returnTo, restarted } = reference;
      if (!isLive(reference, now)) return { kind: 'expired', app, returnTo };
      const flow = flowIn(host, cookies, slot, returnTo, now);
      if (flow?.id.startsWith(id)) return { kind: 'flow', flow, slot };
      return {
        kind: 'orphan',
        app,
        returnTo,
        restarted,
        slotHeld: flow !== null,
        anyFlow: SLOTS.some((other) => flowIn(host, cookies, other, null, now) !== null),
        browserKnown: cookies.has(namesOn(host).browser),
      };
    },
    clear: (host, slot) => deleteCookie(namesOn(host).flow(slot), host),
    clearSurplus(host, cookies) {
      const names = SLOTS.slice(slotsBeside(namesOn(host), cookies)).map((slot) => namesOn(host).flow(slot));
      return names.filter((name) => cookies.has(name)).map((name) => deleteCookie(name, host));
    },
  };
}

const SLOTS: readonly number[] = Array.from({ length: FLOW_SLOTS }, (_, slot) => slot);

/** Neither over nor, after the clock was set back, from a future in which it would live longer than a flow does. */
const isLive = ({ expires }: { readonly expires: Seconds }, now: Seconds): boolean =>
  expires > now && expires <= now + FLOW_LIFE + CLOCK_STEP_TOLERANCE;

/** A free slot by chance, so that tabs opened at once, which all see the same cookies, do not all take the same; else the oldest. */
function chooseSlot(held: readonly (Flow | null)[], random: Random): number {
  const slots = [...held.keys()];
  const free = slots.filter((slot) => !held[slot]);
  if (free.length > 0) return free[pick(free.length, random)] ?? 0;
  const startedAt = (slot: number): Seconds => held[slot]?.startedAt ?? 0;
  return slots.reduce((oldest, slot) => (startedAt(slot) < startedAt(oldest) ? slot : oldest));
}

/** A whole number below `count`, evenly enough for so few. */
function pick(count: number, random: Random): number {
  let number = 0;
  for (const byte of Buffer.from(random(4), 'base64url')) number = (number * 256 + byte) % count;
  return number;
}

/** Seals a flow within {@link FLOW_LIMIT}. What the reference carries is not sealed twice. */
function sealWithin(flow: Flow, carried: boolean, seal: (text: string) => string): string {
  let sealed = '';
  for (const [content, returnTo] of ways(flow, carried)) {
    sealed = seal(encodeFlow(content, returnTo));
    if (sealed.length <= FLOW_LIMIT) break;
  }
  // Over the limit only with the longest names a configuration may have; browsers still take four times as much.
  return sealed;
}

/**
 * A flow, giving up in this order what of it is least missed: the query to return with, who asked for the demands, the
 * path to return to, the easiest demands. What is asked and what was tried stay: without them trips might not end.
 */
function* ways(flow: Flow, carried: boolean): Iterable<readonly [flow: Flow, returnTo: string | null]> {
  const path = carried ? null : withoutQuery(flow.returnTo);
  if (!carried) yield [flow, flow.returnTo];
  yield [flow, path];
  const demands = withoutSources(flow.demands, flow.app);
  const anonymous = { ...flow, demands };
  yield [anonymous, path];
  const home = carried ? null : '/';
  for (let count = demands.length; count >= 0; count--) {
    yield [{ ...anonymous, demands: demands.slice(0, count) }, home];
  }
}
