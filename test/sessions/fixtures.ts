/** People, hosts and fakes that the tests of sealed cookies share. */

import { randomBytes } from 'node:crypto';
import { type EvidenceMap, markOf } from '../../src/core/evidence.ts';
import { buildLadder, type Level } from '../../src/core/ladder.ts';
import type { Session } from '../../src/core/session.ts';
import type { Ledger, Random, RevocationFacts } from '../../src/ports.ts';
import { type CookieHost, type OwnCookies, readOwnCookies } from '../../src/sessions/cookies.ts';
import type { TripDemand } from '../../src/sessions/flow-codec.ts';
import { createSealer, type Sealer } from '../../src/sessions/seal.ts';
import type { SessionCookies } from '../../src/sessions/session-cookies.ts';

export const PAYROLL = { origin: 'https://payroll.example.com', secure: true } as const;
export const TRAVEL = { origin: 'https://travel.example.com', secure: true } as const;
export const LOCAL = { origin: 'http://localhost:8080', secure: false } as const;

export const PREFIX = 'stepgate';
export const NOW = 1_800_000_000;

export const random: Random = (bytes) => randomBytes(bytes).toString('base64url');

export const newSecret = (): Buffer => randomBytes(32);

export const newSealer = (...secrets: Buffer[]): Sealer =>
  createSealer(secrets.length === 0 ? [newSecret()] : secrets, randomBytes);

const ladder = buildLadder([
  { name: 'password', validity: 8 * 3600 },
  { name: 'passkey', validity: 900 },
]);

export function level(name: string): Level {
  const found = ladder.named.get(name);
  if (found === undefined) throw new Error(`no level ${name}`);
  return found;
}

export const EVIDENCE: EvidenceMap = {
  marks: [markOf(level('passkey'), { acr: ['phr'] }), markOf(level('password'), { acr: ['pwd'] })],
  unmarked: null,
};

/** What a trip is to prove: passkey within five minutes, unless something else is said. */
export const tripDemand = (more: Partial<TripDemand> = {}): TripDemand => ({
  level: 'passkey',
  comparison: 'minimum',
  maxAge: 300,
  since: null,
  source: 'payroll/approve',
  ...more,
});

export const MAIN = { name: 'main', issuer: 'https://login.example.com', sought: '' };

export const alice: Session = {
  birth: 'ledger-1',
  family: 'family-of-alice',
  generation: 1,
  provider: MAIN.name,
  issuer: MAIN.issuer,
  subject: 'alice',
  name: 'Alice Åberg',
  email: 'alice@example.com',
  groups: ['hr'],
  namedGroupsOnly: false,
  sought: '',
  claims: new Map(),
  proofs: [{ at: NOW - 60, freshAt: NOW - 60, acr: 'pwd', amr: ['pwd'], facts: [] }],
  providerSession: null,
  loginHint: null,
  createdAt: NOW - 60,
  expiresAt: NOW + 12 * 3600,
};

/** A ledger that knows of nothing but its birth and the families it was told are void. */
export function fakeLedger(birth = alice.birth): Pick<Ledger, 'birth' | 'isRevoked'> & { readonly void: Set<string> } {
  const voided = new Set<string>();
  return {
    birth,
    void: voided,
    isRevoked: (session: RevocationFacts) => session.birth !== birth || voided.has(session.family),
  };
}

/** Set-Cookie lines of a session that fits beside no other cookie. */
export function cookiesOf(
  sessions: SessionCookies,
  host: CookieHost,
  session: Session,
  now: number,
): readonly string[] {
  const written = sessions.write(host, session, { cookies: new Map(), namesGroup: () => true }, now);
  if (!written.ok) throw new Error(`too large: ${written.largest}`);
  return written.cookies;
}

/** A browser, as far as cookies go: keeps what it is told and sends all of it. */
export class CookieJar {
  readonly kept = new Map<string, string>();

  take(lines: readonly (string | null)[]): this {
    for (const line of lines) {
      if (line === null) continue;
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/; Max-Age=0(;|$)/.test(line)) this.kept.delete(name);
      else this.kept.set(name, value);
    }
    return this;
  }

  get header(): string {
    return [...this.kept].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  get own(): OwnCookies {
    return readOwnCookies(this.header, PREFIX);
  }
}

/** `text` with the bit `at` of its decoded bytes flipped. */
export function flipBit(sealed: string, at: number): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const index = Math.floor(at / 8) % bytes.length;
  bytes[index] = (bytes[index] ?? 0) ^ (1 << (at % 8));
  return bytes.toString('base64url');
}
