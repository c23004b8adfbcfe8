import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { OidcProviderConfig } from '../../src/config/world.ts';
import { type ChallengeWhy, type Demand, type DemandTerms, demandOn, unmet } from '../../src/core/demand.ts';
import { markOf, standingOf } from '../../src/core/evidence.ts';
import { buildLadder, type Level } from '../../src/core/ladder.ts';
import type { Proof, Session } from '../../src/core/session.ts';
import type { Ask, Begun, Clock, Failed, OidcProvider, Random, Verified } from '../../src/ports.ts';
import { createOidcProvider, type OidcProviderOptions } from '../../src/providers/oidc.ts';
import { type FakeOp, type FakeOpOptions, startFakeOp } from '../support/fake-op.ts';

export const ladder = buildLadder([
  { name: 'password', validity: 8 * 3600 },
  { name: 'mfa', validity: 3600 },
  { name: 'passkey', validity: 900 },
]);

export const level = (name: string): Level => {
  const found = ladder.named.get(name);
  if (found === undefined) throw new Error(`no level ${name}`);
  return found;
};

export const demandOf = (name: string, maxAge: number | null = null, terms: Partial<DemandTerms> = {}): Demand =>
  demandOn(ladder, { level: level(name), maxAge, source: 'payroll/approve', ...terms });

export const configOf = (overrides: Partial<OidcProviderConfig> = {}): OidcProviderConfig => ({
  type: 'oidc',
  name: 'corp',
  issuer: 'https://id.example.com',
  clientId: 'stepgate',
  clientSecret: 'fake-op-secret',
  clientAuth: 'client_secret_basic',
  evidence: {
    marks: [markOf(level('passkey'), { acr: ['urn:phrh'] }), markOf(level('mfa'), { acr: ['urn:mfa'] })],
    unmarked: level('password'),
  },
  ask: null,
  clientKeys: null,
  par: 'auto',
  userinfo: false,
  loginHint: 'preferred_username',
  logout: 'local',
  scopes: ['openid', 'email', 'profile'],
  claims: { email: 'email', name: 'name', groups: 'groups' },
  idTokenAlgorithm: 'RS256',
  clockTolerance: 60,
  timeout: 5,
  claimsKept: [],
  sought: '',
  keepsGroup: () => true,
  namesGroup: () => true,
  ...overrides,
});

export const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) };
export const random: Random = (bytes) => randomBytes(bytes).toString('base64url');

export const REDIRECT_URI = 'https://payroll.example.com/.stepgate/callback/corp';

export const askFor = (overrides: Partial<Ask> = {}): Ask => ({
  redirectUri: REDIRECT_URI,
  state: random(16),
  demand: demandOf('mfa'),
  force: false,
  person: null,
  ...overrides,
});

/** A provider's adapter beside the fake it talks to, and what it had to tell the operator. */
export interface Bench {
  readonly op: FakeOp;
  readonly provider: OidcProvider;
  readonly logged: readonly (readonly [event: string, detail: string])[];
}

export interface BenchOptions {
  readonly op?: FakeOpOptions;
  readonly config?: Partial<OidcProviderConfig>;
  readonly adapter?: Partial<OidcProviderOptions>;
}

/** Starts a fake provider and an adapter for it; both end with the test. */
export async function startBench(test: TestContext, options: BenchOptions = {}): Promise<Bench> {
  const op = await startFakeOp(options.op);
  const logged: (readonly [string, string])[] = [];
  const provider = createOidcProvider({
    config: configOf({ issuer: op.issuer, ...options.config }),
    clock: systemClock,
    random,
    log: (event, detail) => logged.push([event, detail]),
    ...options.adapter,
  });
  test.after(() => {
    provider.close();
    return op.stop();
  });
  return { op, provider, logged };
}

/** A trip that must begin. */
export async function beginTrip(
  provider: OidcProvider,
  overrides: Partial<Ask> = {},
): Promise<Begun & { state: string }> {
  const ask = askFor(overrides);
  const begun = await provider.begin(ask);
  if (!begun.ok) throw new Error(`the trip did not begin: ${begun.failure}, ${begun.detail}`);
  return { ...begun, state: ask.state };
}

/** A whole trip: begins, visits the provider, finishes. */
export async function trip({ op, provider }: Bench, overrides: Partial<Ask> = {}): Promise<Verified | Failed> {
  const begun = await beginTrip(provider, overrides);
  return provider.finish(await op.visit(begun.url), begun.kept, begun.state);
}

/** The failure of a verdict, or `verified`. */
export const outcome = (verdict: Verified | Failed): string => (verdict.ok ? 'verified' : verdict.failure);

/** Why a session with this proof alone does not meet a demand, or null. */
export function unmetBy(proof: Proof, demand: Demand, now = systemClock.now()): ChallengeWhy | null {
  const session: Session = {
    birth: 'birth',
    family: 'family',
    generation: 1,
    provider: 'corp',
    issuer: 'https://id.example.com',
    subject: 'alice',
    name: null,
    email: null,
    groups: [],
    namedGroupsOnly: false,
    sought: '',
    claims: new Map(),
    proofs: [proof],
    providerSession: null,
    loginHint: null,
    createdAt: now,
    expiresAt: now + 3600,
  };
  return unmet(demand, standingOf(session, configOf().evidence), now);
}
