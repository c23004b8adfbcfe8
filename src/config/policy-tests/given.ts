import type { Ladder, Level } from '../../core/ladder.ts';
import { reportUnknownLevel } from '../compile-ladder.ts';
import type { Findings } from '../findings.ts';
import type { ScenarioPerson } from '../scenario.ts';
import { below, type Where } from '../source-file.ts';
import type { GivenEntry, TestEntry } from './test-schema.ts';

/** What a test gives: its own words over those that every test starts from. */
export interface Merged {
  readonly clientIp: string | null;
  readonly userAgent: string | null;
  /** By names in lower case; null where nothing is said of them. */
  readonly headers: ReadonlyMap<string, string> | null;
  readonly user: NonNullable<GivenEntry['user']>;
  readonly at: number | null;
}

/** Key by key: what a test says replaces what is given, and the rest of it stays. */
export function merge(given: GivenEntry, own: GivenEntry): Merged {
  const headers = given.headers === undefined && own.headers === undefined ? null : new Map<string, string>();
  for (const source of [given.headers, own.headers]) {
    for (const [name, value] of Object.entries(source ?? {})) headers?.set(name.toLowerCase(), value);
  }
  return {
    clientIp: own.client?.ip ?? given.client?.ip ?? null,
    userAgent: own.client?.user_agent ?? given.client?.user_agent ?? null,
    headers,
    user: { ...given.user, ...own.user },
    at: own.at ?? given.at ?? null,
  };
}

/** Reports headers that are one header, and a browser that is named in two ways. */
export function checkHeaders({ headers, client }: GivenEntry, where: Where, findings: Findings): void {
  const seen = new Set<string>();
  for (const name of Object.keys(headers ?? {})) {
    const lower = name.toLowerCase();
    const place = below(where, 'headers', name);
    if (seen.has(lower)) findings.problemAtKey(place, 'contradiction', `"${lower}" is given twice`);
    else if (lower === 'user-agent' && client?.user_agent !== undefined) {
      const message = 'client.user_agent is given too, and is this header';
      findings.problemAtKey(place, 'contradiction', message, 'leave out one of the two');
    }
    seen.add(lower);
  }
}

/** What of a test's app decides who can be signed in to it. */
export interface SignedInTo {
  readonly app: string;
  readonly ladder: Ladder;
  /** Null where gateway.yaml does not say. */
  readonly provider: string | null;
  readonly provable: readonly Level[] | null;
}

/** Who is signed in; null for nobody. */
export function personOf(
  entry: TestEntry,
  merged: Merged,
  where: Where,
  to: SignedInTo,
  findings: Findings,
): ScenarioPerson | null {
  if (entry.session === undefined) {
    for (const key of ['user', 'signed_in'] as const) {
      if (entry[key] === undefined) continue;
      const hint = 'write session: {level: age}, or session: {} for somebody whose proofs are all gone';
      findings.problemAtKey(below(where, key), 'contradiction', 'without a session nobody is signed in', hint);
    }
    return null;
  }
  const { user } = merged;
  return {
    proofs: proofsOf(entry.session, below(where, 'session'), to, findings),
    signedIn: entry.signed_in ?? null,
    provider: providerOf(entry, user.provider, where, to, findings),
    subject: user.subject ?? null,
    email: user.email ?? null,
    name: user.name ?? null,
    groups: user.groups ?? null,
    claims: user.claims === undefined ? null : new Map(Object.entries(user.claims)),
  };
}

function proofsOf(
  session: Readonly<Record<string, number>>,
  where: Where,
  { app, ladder, provable }: SignedInTo,
  findings: Findings,
): ReadonlyMap<Level, number> {
  const proofs = new Map<Level, number>();
  for (const [name, age] of Object.entries(session)) {
    const level = ladder.named.get(name);
    const place = below(where, name);
    if (level === undefined) reportUnknownLevel(name, place, true, ladder, findings);
    else if (provable !== null && !provable.includes(level)) {
      const message = `no proof of "${name}" ever comes to "${app}"`;
      const hint = `its provider proves: ${provable.map((proven) => proven.name).join(', ') || 'nothing'}`;
      findings.problemAtKey(place, 'level-unprovable', message, hint);
    } else proofs.set(level, age);
  }
  return proofs;
}

function providerOf(
  entry: TestEntry,
  said: string | undefined,
  where: Where,
  { app, provider }: SignedInTo,
  findings: Findings,
): string {
  if (said !== undefined && provider !== null && said !== provider) {
    const own = entry.user?.provider !== undefined;
    const message = `people sign in to "${app}" at "${provider}", not at "${said}"${own ? '' : ' as it is given'}`;
    const hint = own ? 'leave it out' : `say user: {provider: ${provider}} here`;
    findings.problem(own ? below(where, 'user', 'provider') : where, 'unknown-provider', message, hint);
  }
  return said ?? provider ?? '';
}
