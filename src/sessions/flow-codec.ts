import { COMPARISONS, type Comparison } from '../core/demand.ts';
import { returnPath } from '../core/return-url.ts';
import type { Seconds } from '../core/time.ts';
import { isCount, isSeconds, isSecondsOrNull, isText, isTextOrNull, readFields, readList } from './fields.ts';

/** A demand by its level's name: what is sealed outlives the world it was made in. */
export interface TripDemand {
  readonly level: string;
  readonly comparison: Comparison;
  readonly maxAge: Seconds | null;
  readonly since: Seconds | null;
  /** Who asks: `default`, the app's name, `app/rule` or `floor/id`. */
  readonly source: string;
}

/** A demand that was asked for before in this chain of trips. None is asked twice, but for one forced retry. */
export type TriedDemand = Omit<TripDemand, 'source'>;

/** One trip to the provider that is under way, as only the browser that left can show it. */
export interface Flow {
  /** 128 random bits; used once. */
  readonly id: string;
  readonly provider: string;
  readonly app: string;
  /** Path and query on this origin. */
  readonly returnTo: string;
  readonly startedAt: Seconds;
  readonly expires: Seconds;
  readonly nonce: string;
  readonly verifier: string;
  /** The session the trip was born in; null for a sign-in. */
  readonly family: string | null;
  /** Who left; null for a sign-in. */
  readonly subject: string | null;
  /** What the request demands, hardest first; without the easiest where not all of it fits. */
  readonly demands: readonly TripDemand[];
  /** What this trip is to prove. */
  readonly asked: TripDemand;
  readonly tried: readonly TriedDemand[];
  /** The provider was told to authenticate anew. */
  readonly forced: boolean;
  /** This sign-in replaces one whose flow was gone: it is not replaced again. */
  readonly restarted: boolean;
}

/** What comes back through the provider, readable without the flow. */
export interface FlowReference {
  readonly id: string;
  readonly slot: number;
  readonly expires: Seconds;
  readonly app: string;
  /** Null where it did not fit. */
  readonly returnTo: string | null;
  readonly restarted: boolean;
}

const FLOW_VERSION = 3;
const FLOW_FIELDS = 14;
const REFERENCE_VERSION = 1;
const REFERENCE_FIELDS = 6;

/** @param returnTo - what of the return URL is sealed here: null where the reference carries it */
export function encodeFlow(flow: Flow, returnTo: string | null): string {
  return JSON.stringify([
    FLOW_VERSION,
    flow.id,
    flow.provider,
    flow.app,
    returnTo,
    flow.startedAt,
    flow.expires,
    flow.nonce,
    flow.verifier,
    flow.family,
    flow.subject,
    writeDemands(flow.demands),
    placeOr(writeDemand, flow.asked, flow.demands),
    flow.tried.map((demand) => placeOr(writeTried, demand, flow.demands)),
    (flow.forced ? FORCED : 0) + (flow.restarted ? RESTARTED : 0),
  ]);
}

/** What is asked, or was tried, is almost always one of the demands: said by its place then. */
function placeOr<D>(write: (demand: D) => unknown, demand: D, demands: readonly D[]): unknown {
  const written = JSON.stringify(write(demand));
  const place = demands.findIndex((other) => JSON.stringify(write(other)) === written);
  return place < 0 ? write(demand) : place;
}

const FORCED = 1;
const RESTARTED = 2;

/**
 * The flow in an opened cookie, or null for anything odd.
 *
 * @param carried - the return URL that the reference carries, for a flow that was sealed without one
 */
export function decodeFlow(text: string, carried: string | null): Flow | null {
  const fields = readFields(text, FLOW_VERSION, FLOW_FIELDS);
  if (fields === null) return null;
  const [id, provider, app, returnTo, startedAt, expires, nonce, verifier, family, subject, ...trip] = fields;
  if (!isText(id) || !isText(provider) || !isText(app) || !isTextOrNull(returnTo)) return null;
  if (!isSeconds(startedAt) || !isSeconds(expires) || !isText(nonce) || !isText(verifier)) return null;
  if (!isTextOrNull(family) || !isTextOrNull(subject)) return null;
  const [listed, askedFor, triedBefore, flags] = trip;
  const demands = readDemands(listed);
  const tried = demands && readList(triedBefore, (item) => (isCount(item) ? termsOf(demands[item]) : readTried(item)));
  if (demands === null || tried === null || !isCount(flags) || flags > FORCED + RESTARTED) return null;
  const asked = isCount(askedFor) ? (demands[askedFor] ?? null) : readDemand(askedFor);
  if (asked === null) return null;
  return {
    id,
    provider,
    app,
    returnTo: safeReturn(returnTo ?? carried) ?? '/',
    startedAt,
    expires,
    nonce,
    verifier,
    family,
    subject,
    demands,
    asked,
    tried,
    forced: (flags & FORCED) !== 0,
    restarted: (flags & RESTARTED) !== 0,
  };
}

export function encodeReference({ id, slot, expires, app, returnTo, restarted }: FlowReference): string {
  return JSON.stringify([REFERENCE_VERSION, id, slot, expires, app, returnTo, restarted]);
}

/** @param slots - how many there are */
export function decodeReference(text: string, slots: number): FlowReference | null {
  const fields = readFields(text, REFERENCE_VERSION, REFERENCE_FIELDS);
  if (fields === null) return null;
  const [id, slot, expires, app, returnTo, restarted] = fields;
  if (!isText(id) || !isCount(slot) || slot >= slots || !isSeconds(expires)) return null;
  if (!isText(app) || !isTextOrNull(returnTo) || typeof restarted !== 'boolean') return null;
  return { id, slot, expires, app, returnTo: safeReturn(returnTo), restarted };
}

/** Without who asked for them; what several ask for is one demand then. */
export function withoutSources(demands: readonly TripDemand[], source: string): readonly TripDemand[] {
  const distinct = new Map(demands.map((demand) => [JSON.stringify(writeTried(demand)), { ...demand, source }]));
  return [...distinct.values()];
}

/** Characters of an id that fit into a short reference: 120 bits, which nobody guesses either. */
const SHORT_ID = 20;

/** The first moment of 2020. Six digits of base 36 reach for 69 years from here, and from 1970 only to 2038. */
const SHORT_EPOCH: Seconds = 1_577_836_800;

/**
 * The reference of a provider that takes no more than 80 bytes (SAML Bindings 3.4.3): 27 characters, so that it is 80 once
 * it is sealed.
 */
export const encodeShortReference = ({ id, slot, expires }: FlowReference): string =>
  `${slot}${(Math.ceil(expires) - SHORT_EPOCH).toString(36).padStart(6, '0')}${id.slice(0, SHORT_ID)}`;

/**
 * What a short reference says. Of the rest it knows nothing, so nobody is sent anywhere by it: its flow is not started
 * anew where it is lost.
 */
export function decodeShortReference(text: string, slots: number): FlowReference | null {
  const [, slot = '', expires = '', id = ''] = /^(\d)([0-9a-z]{6})([\w-]{20})$/.exec(text) ?? [];
  if (id === '' || Number(slot) >= slots) return null;
  const until = SHORT_EPOCH + Number.parseInt(expires, 36);
  return { id, slot: Number(slot), expires: until, app: '', returnTo: null, restarted: true };
}

export const writeDemands = (demands: readonly TripDemand[]) => demands.map(writeDemand);

export const readDemands = (value: unknown): readonly TripDemand[] | null => readList(value, readDemand);

/** What was sealed was judged before; judged again here, since a person is sent where this says. */
export const safeReturn = (returnTo: string | null): string | null => (returnTo === null ? null : returnPath(returnTo));

const writeDemand = (demand: TripDemand) => [demand.source, ...writeTried(demand)] as const;

/** What is hardly ever asked takes no room where it is not. */
const writeTried = ({ level, maxAge, comparison, since }: TriedDemand) =>
  comparison === 'minimum' && since === null
    ? ([level, maxAge] as const)
    : ([level, maxAge, COMPARISONS.indexOf(comparison), since] as const);

function readDemand(value: unknown): TripDemand | null {
  if (!Array.isArray(value)) return null;
  const [source, ...rest]: unknown[] = value;
  const tried = readTried(rest);
  return tried !== null && isText(source) ? { ...tried, source } : null;
}

function readTried(value: unknown): TriedDemand | null {
  if (!Array.isArray(value) || (value.length !== 2 && value.length !== 4)) return null;
  const [level, maxAge, compared = 0, since = null]: unknown[] = value;
  const comparison = isCount(compared) ? COMPARISONS[compared] : undefined;
  if (!isText(level) || !isSecondsOrNull(maxAge) || comparison === undefined || !isSecondsOrNull(since)) return null;
  return { level, comparison, maxAge, since };
}

function termsOf(demand: TripDemand | undefined): TriedDemand | null {
  if (demand === undefined) return null;
  const { source: _source, ...terms } = demand;
  return terms;
}
