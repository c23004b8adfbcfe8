import { acceptPath, type PathRefusal, parseTarget } from '../core/canonical-path.ts';
import type { Question } from '../core/decide.ts';
import type { Standing } from '../core/evidence.ts';
import type { RequestFacts } from '../core/facts.ts';
import type { Ladder, Level } from '../core/ladder.ts';
import { overridesMethod } from '../core/method-override.ts';
import { type Query, readQuery } from '../core/query.ts';
import type { Proof, Session } from '../core/session.ts';
import type { Seconds } from '../core/time.ts';
import type { App } from './world.ts';

/** A request that never came, as somebody describes it: for `explain`, and for the tests of policies. */
export interface Scenario {
  readonly method: string;
  /** Path and query, as in a request line. */
  readonly target: string;
  /** By names in lower case; null where nothing is said of them. */
  readonly headers: ReadonlyMap<string, string> | null;
  /** The `User-Agent` where it is said by itself; null or absent where it is not. */
  readonly userAgent?: string | null;
  readonly hasBody: boolean;
  /** Null where it is not said. */
  readonly clientIp: string | null;
  /** Who is signed in; null for nobody. */
  readonly person: ScenarioPerson | null;
  /** When; null where it is not said. */
  readonly at: Seconds | null;
}

/** Somebody who is signed in. What is null is not said. */
export interface ScenarioPerson {
  /** Level -> how long ago it was proven. */
  readonly proofs: ReadonlyMap<Level, Seconds>;
  /** How long ago they signed in. */
  readonly signedIn: Seconds | null;
  readonly provider: string;
  readonly subject: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly groups: readonly string[] | null;
  readonly claims: ReadonlyMap<string, readonly string[]> | null;
}

/** Whether a request of which only this is said has a body. */
export function bodyLikely(method: string, headers: Scenario['headers']): boolean {
  if (headers?.has('transfer-encoding')) return true;
  const length = headers?.get('content-length');
  return length === undefined ? ['POST', 'PUT', 'PATCH'].includes(method) : Number(length) !== 0;
}

/** A scenario as a question to its app's policy. */
export interface Posed {
  readonly question: Question;
  /** What conditions asked for and the scenario does not say, by the names that conditions use. Grows as they are tested. */
  readonly notGiven: ReadonlySet<string>;
}

/** Why a request is refused before any rule is asked, as the gate says it. */
export type RefusedUnjudged = PathRefusal | 'method_override';

/** What becomes of a fact that nobody gave: its condition fails, or it is taken to be absent. */
export type Missing = 'fails' | 'absent';

/**
 * Poses a scenario to an app.
 *
 * @param now - our clock; the time of the scenario where it says none
 */
export function pose(
  scenario: Scenario,
  app: Pick<App, 'origins' | 'paths' | 'provider' | 'namesMethods'>,
  now: Seconds,
  missing: Missing,
): Posed | { readonly refused: RefusedUnjudged } {
  const parsed = parseTarget(scenario.target);
  if ('refused' in parsed) return parsed;
  const path = acceptPath(parsed, app.paths);
  if ('refused' in path) return path;
  const came = (name: string): boolean => scenario.headers?.has(name) ?? false;
  if (app.namesMethods && overridesMethod(came, path.query)) return { refused: 'method_override' };
  const notGiven = new Set<string>();
  const given = givenOr(notGiven, missing);
  const time = scenario.at ?? now;
  const request = new DescribedRequest(scenario, app.origins[0] ?? '', readQuery(path.query), given, time);
  const standing = scenario.person === null ? null : standingOf(scenario.person, given, time);
  return { question: { request, readings: path.readings, standing, now: time }, notGiven };
}

type Given = <T>(value: T | null, name: string, absent: T) => T;

const givenOr =
  (notGiven: Set<string>, missing: Missing): Given =>
  (value, name, absent) => {
    if (value !== null) return value;
    notGiven.add(name);
    if (missing === 'fails') throw new Error(`${name} is not given`);
    return absent;
  };

class DescribedRequest implements RequestFacts {
  readonly method: string;
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly query: Query;
  readonly hasBody: boolean;
  readonly #scenario: Scenario;
  readonly #given: Given;
  readonly #time: Seconds;

  constructor(scenario: Scenario, origin: string, query: Query, given: Given, time: Seconds) {
    this.method = scenario.method === 'HEAD' ? 'GET' : scenario.method;
    this.scheme = origin.startsWith('https:') ? 'https' : 'http';
    this.host = origin.slice(origin.indexOf('//') + 2);
    this.query = query;
    this.hasBody = scenario.hasBody;
    this.#scenario = scenario;
    this.#given = given;
    this.#time = time;
  }

  get clientIp(): string {
    return this.#given(this.#scenario.clientIp, 'client.ip', '');
  }

  get at(): Seconds {
    return this.#given(this.#scenario.at, 'now', this.#time);
  }

  header(name: string): string | null {
    if (name === 'user-agent') {
      const { userAgent = null, headers } = this.#scenario;
      if (userAgent !== null) return userAgent;
      if (headers === null) return this.#given<string | null>(null, 'client.user_agent', null);
    }
    const headers = this.#given(this.#scenario.headers, 'request.headers', new Map());
    return headers.get(name) ?? null;
  }
}

function standingOf(person: ScenarioPerson, given: Given, now: Seconds): Standing {
  const proofs = [...person.proofs].map(([level, age]) => ({ level, proof: proofAged(age, now) }));
  const session: Session = {
    birth: '',
    family: '',
    generation: 1,
    issuer: '',
    namedGroupsOnly: false,
    providerSession: null,
    sought: '',
    loginHint: null,
    proofs: proofs.map(({ proof }) => proof),
    expiresAt: Number.MAX_SAFE_INTEGER,
    provider: person.provider,
    get createdAt() {
      return now - given(person.signedIn, 'session.created', 0);
    },
    get subject() {
      return given(person.subject, 'user.subject', '');
    },
    get email() {
      return given(person.email, 'user.email', '') || null;
    },
    get name() {
      return given(person.name, 'user.name', '') || null;
    },
    get groups() {
      return given(person.groups, 'user.groups', []);
    },
    get claims() {
      return new GivenClaims(given(person.claims, 'user.claims', new Map()));
    },
  };
  return { session, proofs };
}

/** Of a person who is described all is known: a claim that is not given is one that they do not have. */
class GivenClaims extends Map<string, readonly string[] | null> {
  override has(_name: string): boolean {
    return true;
  }

  override get(name: string): readonly string[] | null {
    return super.get(name) ?? null;
  }
}

const proofAged = (age: Seconds, now: Seconds): Proof => ({
  at: now - age,
  freshAt: now - age,
  acr: null,
  amr: null,
  facts: [],
});

/** Levels by the names that somebody wrote, with the ages beside them. Null for a name that is none. */
export function agesOf(
  written: Readonly<Record<string, Seconds>>,
  ladder: Ladder,
): ReadonlyMap<Level, Seconds> | { readonly unknown: string } {
  const ages = new Map<Level, Seconds>();
  for (const [name, age] of Object.entries(written)) {
    const level = ladder.named.get(name);
    if (level === undefined) return { unknown: name };
    ages.set(level, age);
  }
  return ages;
}
