import type { Parameter } from '../../core/query.ts';
import type { Session } from '../../core/session.ts';
import { addressText } from '../addresses.ts';
import type { NetworkTest } from '../compile-networks.ts';
import { suggest } from '../nearest.ts';
import type { Wrong } from '../problems.ts';
import type { Vocabulary } from './language.ts';
import { ageOf, strongestLevel } from './levels.ts';
import { type Holder, memberText, ofPerson, optional, type Subject, subject } from './subject.ts';
import { FAILED, guarded } from './term.ts';
import { ADDRESS_WORDS, HOST_WORDS, METHOD_WORDS, oneOf, SCHEME_WORDS } from './words.ts';

/** Everything that conditions can look at, by the first word of its name. */
export function subjectsOf(vocabulary: Vocabulary): ReadonlyMap<string, Subject | Holder> {
  const { networks } = vocabulary;
  const all: readonly (readonly [string, Subject | Holder])[] = [
    ['request', closed('request', REQUEST)],
    ['user', closed('user', userMembers(vocabulary))],
    ['session', closed('session', sessionMembers(vocabulary))],
    ['client', closed('client', CLIENT)],
    ['network', closed('network', new Map([...networks].map(([name, lies]) => [name, networkOf(name, lies)])))],
    ['now', subject('now', 'timestamp', ({ request }) => request.at)],
  ];
  return new Map(all);
}

const byName = (subjects: readonly (Subject | Holder)[]): ReadonlyMap<string, Subject | Holder> =>
  new Map(subjects.map((one) => [lastPart('holder' in one ? one.holder : one.name), one]));

const lastPart = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

function closed(holder: string, members: ReadonlyMap<string, Subject | Holder>): Holder {
  const such = `${holder}.${[...members.keys()][0] ?? 'NAME'}`;
  return {
    holder,
    such,
    member: (name) =>
      members.get(name) ?? {
        wrong: 'unknown-name',
        message: `there is no ${holder}.${name}`,
        hint: suggest(name, members.keys()),
      },
  };
}

const REQUEST = byName([
  subject('request.method', 'string', ({ request }) => request.method, { words: METHOD_WORDS }),
  subject('request.host', 'string', ({ request }) => request.host, { words: HOST_WORDS }),
  subject('request.path', 'string', ({ segments }) => `/${segments.join('/')}`),
  subject('request.scheme', 'string', ({ request }) => request.scheme, { words: SCHEME_WORDS }),
  {
    holder: 'request.query',
    such: 'request.query.NAME',
    member: (name) =>
      optional(`request.query.${name}`, 'string', ({ request }) => agreed(request.query.parameter(name))),
  },
  { holder: 'request.headers', such: 'request.headers["name"]', member: headerOf },
]);

/** Null where it is absent. Readers who differ leave it undetermined whether it is even there. */
const agreed = (parameter: Parameter): string | null | typeof FAILED =>
  parameter.kind === 'one' ? parameter.value : parameter.kind === 'absent' ? null : FAILED;

/** Fields that say who somebody is to those who can check it, and nobody else. */
const SECRET_HEADERS: ReadonlySet<string> = new Set(['cookie', 'authorization', 'proxy-authorization']);
/** A field name (RFC 9110 5.6.2), in lower case. */
const HEADER = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

function headerOf(name: string): Subject | Wrong {
  const lower = name.toLowerCase();
  if (SECRET_HEADERS.has(lower)) {
    const message = `"${lower}" carries secrets, and conditions do not look at them`;
    return { wrong: 'bad-condition', message, hint: 'user and session say who is signed in' };
  }
  if (name !== lower) {
    return { wrong: 'bad-condition', message: 'headers are named in lower case', hint: `write "${lower}"` };
  }
  if (!HEADER.test(name)) return { wrong: 'bad-condition', message: `"${name}" cannot be the name of a header` };
  return optional(`request.headers.${name}`, 'string', ({ request }) => request.header(name));
}

const CLIENT = byName([
  subject('client.ip', 'string', ({ request }) => addressText(request.clientIp) ?? FAILED, { words: ADDRESS_WORDS }),
  optional('client.user_agent', 'string', ({ request }) => request.header('user-agent')),
]);

/** Whoever resets the connection behind a request has no address any more, and is in no network for all that is known. */
const networkOf = (name: string, lies: NetworkTest): Subject =>
  subject(`network.${name}`, 'bool', ({ request: { clientIp } }) => (clientIp === '' ? FAILED : lies(clientIp)));

function userMembers({ providers }: Vocabulary): ReadonlyMap<string, Subject | Holder> {
  const known = providers === null ? {} : { words: oneOf(providers, 'unknown-provider', 'provider') };
  return byName([
    subject(
      'user.subject',
      'string',
      ofPerson(({ subject }) => subject),
    ),
    subject(
      'user.provider',
      'string',
      ofPerson(({ provider }) => provider),
      known,
    ),
    subject(
      'user.email',
      'string',
      ofPerson(({ email }) => email ?? ''),
      {
        has: guarded(ofPerson(({ email }) => (email ?? '') !== '')),
      },
    ),
    optional(
      'user.name',
      'string',
      ofPerson(({ name }) => name),
    ),
    subject(
      'user.groups',
      'list<string>',
      ofPerson(({ groups }) => groups),
      { groups: 'list' },
    ),
    { holder: 'user.claims', such: '"value" in user.claims.NAME', member: claimOf },
  ]);
}

const claimOf = (name: string): Subject =>
  optional(
    `user.claims.${name}`,
    'list<string>',
    ofPerson((session) => textsOf(session, name)),
    { claim: name },
  );

/** What a claim has; null where the provider said nothing of it. Of one that no condition read at sign-in nothing is known. */
function textsOf({ claims }: Session, name: string): readonly string[] | null | typeof FAILED {
  const texts = claims.get(name);
  return texts === undefined ? FAILED : texts;
}

function sessionMembers({ ladder }: Vocabulary): ReadonlyMap<string, Subject | Holder> {
  const names = ladder === null ? null : ladder.levels.map(({ name }) => name);
  // Nobody's level counts: that is "".
  const known = names === null ? {} : { words: oneOf([...names, ''], 'unknown-level', 'level') };
  return byName([
    subject(
      'session.level',
      'string',
      ofPerson((_, standing, { now }) => strongestLevel(ladder, standing, now)),
      known,
    ),
    subject(
      'session.created',
      'timestamp',
      ofPerson(({ createdAt }) => createdAt),
    ),
    {
      holder: 'session.age',
      such: `session.age${names?.[0] === undefined ? '.LEVEL' : memberText(names[0])}`,
      member: (name) => ageOf(ladder, name),
    },
  ]);
}
