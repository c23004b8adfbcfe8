import type { App, HostEntry, World } from '../config/world.ts';
import { acceptPath, type CanonicalPath, parseTarget } from '../core/canonical-path.ts';
import { type Decision, decide, type Question } from '../core/decide.ts';
import { overridesMethod } from '../core/method-override.ts';
import { OWN_SEGMENT } from '../core/return-url.ts';
import { wasSought } from '../core/sought.ts';
import type { Seconds } from '../core/time.ts';
import type { RefusalCode } from '../errors.ts';
import type { Current } from '../live/live.ts';
import { type OwnCookies, readOwnCookies } from '../sessions/cookies.ts';
import type { Holding, Opened } from '../sessions/session-cookies.ts';
import type { Arrival } from './arrival.ts';
import { requestFacts } from './request-facts.ts';

/** Longest request target, in characters, before 414. */
export const MAX_TARGET = 8 * 1024;
/** Longest Cookie header, in characters, before 431. */
export const MAX_COOKIE = 12 * 1024;

/** What the gate found out about a request on its way to an app. */
export interface Judged {
  readonly kind: 'judged';
  readonly host: HostEntry;
  readonly app: App;
  readonly path: CanonicalPath;
  readonly cookies: OwnCookies;
  readonly opened: Opened | null;
  /** What was asked of the app's policy. */
  readonly question: Question;
  readonly decision: Decision;
}

/** A request that is refused before anybody asks who sent it. */
export interface RefusedRequest {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  /** Null where the host is not ours: then nothing is known of cookies either. */
  readonly host: HostEntry | null;
  /** Which check refused it, for the log. */
  readonly detail: string;
}

export type Verdict = Judged | RefusedRequest;

/**
 * Judges one request: which app, which rules, who, and may it pass? Called by the hook on every proxied route and by the
 * listener for upgrades. No I/O, no await.
 *
 * @param holding - set for a request that was allowed before, and whose connection is still open
 */
export function judge(current: Current, arrival: Arrival, now: Seconds, holding: Holding | null = null): Verdict {
  const placed = place(current, arrival);
  if ('code' in placed) return placed;
  const { host, app, path } = placed;
  const provider = current.world.providers.get(app.provider);
  const cookies = readOwnCookies(arrival.cookie, current.world.cookiePrefix);
  const opened =
    provider === undefined ? null : current.sessions.open(host, provider, app.evidence, cookies, now, holding);
  const request = requestFacts(host, arrival, path, now);
  const standing = opened !== null && knowsEnough(opened, app) ? opened.standing : null;
  const question: Question = { request, readings: path.readings, standing, now };
  const decision = withoutOneTime(decide(app, question));
  return { kind: 'judged', host, app, path, cookies, opened, question, decision };
}

/**
 * Whether a session says all that the app's policies read of a person. One from before they read it counts as none, so that
 * the person is sent to the provider once more, who says it; they are not refused, nor let in, for what nobody has asked.
 */
export const knowsEnough = ({ standing, informed }: Opened, { sought }: App): boolean =>
  informed || wasSought(sought, standing.session.sought);

/**
 * No trip lets a single request through, so a configuration that asks for one is refused where it is loaded to be served.
 * One that came here all the same must not send anybody round for ever.
 */
function withoutOneTime(decision: Decision): Decision {
  if (decision.kind !== 'challenge' || decision.why !== 'one_time') return decision;
  const { rule, reported, missing } = decision;
  return { kind: 'deny', why: 'unsatisfiable', by: missing.source, rule, reported };
}

/** The host a request is for, or why it is refused. */
export function findHost(
  { world }: { readonly world: Pick<World, 'hosts'> },
  arrival: Pick<Arrival, 'host' | 'target' | 'cookie'>,
): HostEntry | RefusedRequest {
  if (arrival.host === null) return refuse('ambiguous_request', null, 'host_header');
  if (!arrival.target.startsWith('/')) return refuse('ambiguous_request', null, 'not_origin_form');
  const host = world.hosts.get(arrival.host);
  if (host === undefined) return refuse('unknown_host', null, 'unknown_host');
  if (arrival.target.length > MAX_TARGET) return refuse('url_too_long', host, 'target');
  if ((arrival.cookie?.length ?? 0) > MAX_COOKIE) return refuse('cookies_too_large', host, 'cookie');
  return host;
}

type Placed = Pick<Judged, 'host' | 'app' | 'path'>;

function place(current: Current, arrival: Arrival): Placed | RefusedRequest {
  const host = findHost(current, arrival);
  if ('code' in host) return host;
  return locate(host, arrival.target, arrival);
}

/** Finds the app of a request target on a host and the one path that is judged and forwarded. */
export function locate(
  host: HostEntry,
  requestTarget: string,
  arrival: Pick<Arrival, 'headers'> | null,
): Placed | RefusedRequest {
  const target = parseTarget(requestTarget);
  if ('refused' in target) return refuse('ambiguous_request', host, target.refused);
  if (target.segments[0] === OWN_SEGMENT) return refuse('not_found', host, 'own_route');
  const app = host.mounts.find(target.segments)[0]?.app;
  if (app === undefined) return refuse('no_app', host, 'no_mount');
  const path = acceptPath(target, app.paths);
  if ('refused' in path) return refuse('ambiguous_request', host, path.refused);
  if (path.readings.some((reading) => reading[0]?.toLowerCase() === OWN_SEGMENT)) {
    return refuse('not_found', host, 'own_route');
  }
  if (readAsAnotherApps(host, app, path)) return refuse('ambiguous_request', host, 'mount');
  const came = (name: string): boolean => arrival?.headers[name] !== undefined;
  if (app.namesMethods && arrival !== null && overridesMethod(came, path.query)) {
    return refuse('ambiguous_request', host, 'method_override');
  }
  return { host, app, path };
}

/** Whether some reading of the path, as this app's upstream may take it, lies in the mount of another app. */
function readAsAnotherApps(host: HostEntry, app: App, { readings }: CanonicalPath): boolean {
  if (readings.length === 1 && !app.paths.windows) return false;
  const mounts = app.paths.windows ? host.foldedMounts : host.mounts;
  return readings.some((reading) => mounts.find(reading)[0]?.app !== app);
}

const refuse = (code: RefusalCode, host: HostEntry | null, detail: string): RefusedRequest => ({
  kind: 'refused',
  code,
  host,
  detail,
});
