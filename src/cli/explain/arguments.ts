import { METHODS } from 'node:http';
import { parseArgs } from 'node:util';
import { parseDuration } from '../../config/durations.ts';
import { parseInstant } from '../../config/instants.ts';
import { suggest } from '../../config/nearest.ts';
import { isWrong } from '../../config/problems.ts';
import type { Seconds } from '../../core/time.ts';
import type { Misuse } from '../config-files.ts';

/** What was asked to be explained, in arguments. What is null is not said. */
export interface AskedRequest {
  readonly method: string;
  /** As it was written: a URL, or a path. */
  readonly url: string;
  /** Level -> how long ago; null when nobody is signed in. */
  readonly session: ReadonlyMap<string, Seconds> | null;
  readonly signedIn: Seconds | null;
  readonly person: AskedPersonArguments;
  readonly userFile: string | null;
  readonly ip: string | null;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string> | null;
  readonly body: boolean | null;
  readonly at: Seconds | null;
}

export interface AskedPersonArguments {
  readonly provider: string | null;
  readonly subject: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly groups: readonly string[] | null;
  readonly claims: ReadonlyMap<string, readonly string[]> | null;
}

/** A token to be explained instead of a request. */
export interface AskedToken {
  readonly tokenFile: string;
  readonly provider: string | null;
}

export interface ExplainArguments {
  readonly asked: AskedRequest | AskedToken;
  readonly config: string | undefined;
  readonly withoutSecrets: boolean;
  readonly json: boolean;
}

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean', default: false } as const;
const OPTIONS = {
  session: text,
  'signed-in': text,
  groups: text,
  provider: text,
  subject: text,
  email: text,
  name: text,
  claim: texts,
  user: text,
  ip: text,
  header: texts,
  body: flag,
  'no-body': flag,
  at: text,
  token: text,
  config: text,
  'without-secrets': flag,
  json: flag,
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Values = ReturnType<typeof parse>['values'];
const parse = (args: readonly string[]) => parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });

/** Reads the arguments; what they mean in a configuration is not looked at. */
export function readArguments(args: readonly string[]): ExplainArguments | Misuse | 'help' {
  try {
    const { values, positionals } = parse(args);
    if (values.help) return 'help';
    const asked = values.token === undefined ? requestIn(values, positionals) : tokenIn(values, positionals);
    return { asked, config: values.config, withoutSecrets: values['without-secrets'], json: values.json };
  } catch (error) {
    return { misuse: error instanceof Error ? error.message : 'wrong arguments' };
  }
}

/** @throws Error with a sentence for whoever wrote it */
function wrong(message: string, hint?: string): never {
  throw new Error(hint === undefined ? message : `${message}: ${hint}`);
}

/** What only means something beside a request. */
const OF_REQUESTS = ['session', 'signed-in', 'groups', 'user', 'ip', 'header', 'at', 'claim', 'email'] as const;

function tokenIn(values: Values, positionals: readonly string[]): AskedToken {
  if (positionals.length > 0) wrong('a token is explained by itself', 'leave out METHOD and URL');
  for (const name of OF_REQUESTS) if (values[name] !== undefined) wrong(`--${name} does not go with --token`);
  return { tokenFile: values.token ?? '', provider: values.provider ?? null };
}

function requestIn(values: Values, positionals: readonly string[]): AskedRequest {
  const [written, url, more] = positionals;
  if (written === undefined || url === undefined || more !== undefined) wrong('say METHOD and URL');
  const method = written.toUpperCase();
  if (!METHODS.includes(method))
    wrong(`"${written}" is not a method`, suggest(method, ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']));
  if (values.body && values['no-body']) wrong('--body and --no-body contradict each other');
  const session = values.session === undefined ? null : agesIn(values.session);
  const signedIn = values['signed-in'] === undefined ? null : spanIn(values['signed-in'], '--signed-in');
  if (signedIn !== null && session === null) wrong('--signed-in is of somebody who is', 'add --session LEVEL=AGE');
  return {
    method,
    url,
    session,
    signedIn,
    person: {
      provider: values.provider ?? null,
      subject: values.subject ?? null,
      email: values.email ?? null,
      name: values.name ?? null,
      groups: values.groups === undefined ? null : listIn(values.groups),
      claims: values.claim === undefined ? null : claimsIn(values.claim),
    },
    userFile: values.user ?? null,
    ip: values.ip ?? null,
    headers: values.header === undefined ? null : headersIn(values.header),
    body: values.body ? true : values['no-body'] ? false : null,
    at: values.at === undefined || values.at === 'now' ? null : instantIn(values.at),
  };
}

const listIn = (written: string): readonly string[] => written.split(',').filter((item) => item !== '');

/** `mfa=10m,password=1h`. */
function agesIn(written: string): ReadonlyMap<string, Seconds> {
  const ages = new Map<string, Seconds>();
  for (const item of listIn(written)) {
    const [level, age] = pairIn(item, '--session', 'LEVEL=AGE');
    if (ages.has(level)) wrong(`--session names "${level}" twice`);
    ages.set(level, spanIn(age, '--session'));
  }
  return ages;
}

function pairIn(written: string, option: string, form: string): readonly [string, string] {
  const equals = written.indexOf('=');
  if (equals < 1) wrong(`${option} takes ${form}, not "${written}"`);
  return [written.slice(0, equals), written.slice(equals + 1)];
}

function spanIn(written: string, option: string): Seconds {
  const span = parseDuration(written);
  return isWrong(span) ? wrong(`${option}: ${span.message}`, span.hint) : span;
}

function instantIn(written: string): Seconds {
  const at = parseInstant(written);
  return isWrong(at) ? wrong(`--at: ${at.message}`, at.hint) : at;
}

function claimsIn(written: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const claims = new Map<string, readonly string[]>();
  for (const item of written) {
    const [name, value] = pairIn(item, '--claim', 'NAME=VALUE');
    claims.set(name, [...(claims.get(name) ?? []), value]);
  }
  return claims;
}

/** A field that comes twice is one with both values (RFC 9110 5.3). */
function headersIn(written: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const item of written) {
    const [name, value] = pairIn(item, '--header', 'NAME=VALUE');
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}
