import { parseAddress } from '../../config/addresses.ts';
import { formatDuration } from '../../config/durations.ts';
import type { UnservableWorld } from '../../config/load.ts';
import { suggest } from '../../config/nearest.ts';
import { isWrong } from '../../config/problems.ts';
import { agesOf, bodyLikely, type Scenario, type ScenarioPerson } from '../../config/scenario.ts';
import type { App } from '../../config/world.ts';
import type { Seconds } from '../../core/time.ts';
import type { Misuse } from '../config-files.ts';
import type { AskedRequest } from './arguments.ts';
import type { Scene } from './scene.ts';
import type { UserFile } from './user-file.ts';

/** The request that arguments and the user's file describe; whose it is comes later. The arguments win. */
export function describeRequest(asked: AskedRequest, target: string, user: UserFile, now: Seconds): Scenario | Misuse {
  const ip = asked.ip === null ? (user.client?.ip ?? null) : parseAddress(asked.ip);
  if (isWrong(ip)) return { misuse: `--ip: ${ip.message}: ${ip.hint}` };
  const headers = headersOf(asked, user);
  const { method } = asked;
  const hasBody = asked.body ?? bodyLikely(method, headers);
  const userAgent = asked.headers?.get('user-agent') ?? user.client?.user_agent ?? null;
  return { method, target, headers, userAgent, hasBody, clientIp: ip, person: null, at: asked.at ?? now };
}

/** Null where neither says anything. */
function headersOf(asked: AskedRequest, user: UserFile): ReadonlyMap<string, string> | null {
  const said = Object.entries(user.headers ?? {}).map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  if (said.length === 0) return asked.headers;
  return new Map([...said, ...(asked.headers ?? [])]);
}

/** Whose request it is. */
export type Whose = Pick<Scene, 'visitor' | 'remarks'> & { readonly person: ScenarioPerson | null };

/** Who is signed in, or who would sign in, as the arguments and the user's file describe them. */
export function describePerson(
  asked: AskedRequest,
  user: UserFile,
  app: App,
  world: Pick<UnservableWorld, 'ladder' | 'providers' | 'session'>,
): Whose | Misuse {
  const { session, signedIn, person: said } = asked;
  const provider = said.provider ?? user.provider ?? app.provider;
  if (!world.providers.has(provider)) {
    const hint = suggest(provider, world.providers.keys());
    return { misuse: `there is no provider "${provider}"${hint === undefined ? '' : `: ${hint}`}` };
  }
  const proofs = agesOf(Object.fromEntries(session ?? []), world.ladder);
  if ('unknown' in proofs) {
    return { misuse: `there is no level "${proofs.unknown}": ${suggest(proofs.unknown, world.ladder.named.keys())}` };
  }
  const person: ScenarioPerson = {
    provider,
    proofs,
    signedIn,
    subject: said.subject ?? user.subject ?? null,
    email: said.email ?? user.email ?? null,
    name: said.name ?? user.name ?? null,
    groups: said.groups ?? user.groups ?? null,
    claims: said.claims ?? (user.claims === undefined ? null : new Map(Object.entries(user.claims))),
  };
  const isAnybody = [person.subject, person.email, person.name, person.groups, person.claims].some(
    (fact) => fact !== null,
  );
  if (session === null) return { person: null, visitor: isAnybody ? person : null, remarks: [] };
  const nothing = whyNoSession(person, app, world.session.lifetime);
  if (nothing !== null) return { person: null, visitor: null, remarks: [`${nothing}: nobody is signed in`] };
  const unknown = [...proofs.keys()].filter((level) => !app.provable.includes(level)).map(({ name }) => `"${name}"`);
  const remarks = unknown.length === 0 ? [] : [`the provider "${provider}" never proves ${unknown.join(', ')}`];
  return { person, visitor: null, remarks };
}

/** Why the app takes no notice of such a session; null where it does. */
function whyNoSession({ provider, signedIn }: ScenarioPerson, app: App, lifetime: Seconds): string | null {
  if (provider !== app.provider) {
    return `a session at "${provider}" does not count for "${app.name}", whose provider is "${app.provider}"`;
  }
  if (signedIn !== null && signedIn >= lifetime) return `a session ends after ${formatDuration(lifetime)}`;
  return null;
}
