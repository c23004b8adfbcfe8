import type { Findings } from './findings.ts';
import type { Where } from './source-file.ts';

/** A name of a level, app, rule or floor. */
export const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
/** A name of a provider. */
export const PROVIDER = /^[a-z][a-z0-9]{0,31}$/;
/** Taken by the gateway's own cookies, which are named `…-<this>` as those of providers are. */
const TAKEN_BY_COOKIES: readonly string[] = ['seen', 'flow', 'device', 'browser'];

/** What cookie names start with; without a hyphen, so that no two prefixes make the same name. */
export const COOKIE_PREFIX = PROVIDER;

/** Reports a name of a level, app or rule that is not one. */
export function checkName(name: string, where: Where, atKey: boolean, findings: Findings): boolean {
  if (NAME.test(name)) return true;
  const hint = 'up to 64 of a-z, 0-9, "_" and "-", the first a letter or digit';
  if (atKey) findings.problemAtKey(where, 'bad-name', `"${name}" cannot be a name`, hint);
  else findings.problem(where, 'bad-name', `"${name}" cannot be a name`, hint);
  return false;
}

/** Reports a name of an app that is not one. Two names stand for something else wherever a demand's source is named. */
export function checkAppName(name: string, where: Where, findings: Findings): boolean {
  if (name !== 'default' && name !== 'floor') return checkName(name, where, true, findings);
  findings.problemAtKey(where, 'reserved-name', `no app can be named "${name}"`);
  return false;
}

/** Words of the condition language, and names that stand for something in it. */
const TAKEN_BY_CONDITIONS: ReadonlySet<string> = new Set(
  (
    'as break const continue else false for function if import in let loop null package namespace prototype return true var void while ' +
    'request user session client network risk now decimal dyn has all exists exists_one map filter size string int uint ' +
    'double bool bytes type timestamp duration google cel math'
  ).split(' '),
);

/** A name of a condition or network: an identifier of CEL. */
export const WORD = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Reports a name of a condition or network that no condition could use. */
export function checkWord(name: string, where: Where, findings: Findings): boolean {
  if (TAKEN_BY_CONDITIONS.has(name)) {
    findings.problemAtKey(where, 'reserved-name', `"${name}" means something in conditions already`);
    return false;
  }
  if (WORD.test(name)) return true;
  const hint = 'up to 64 of A-Z, a-z, 0-9 and "_", the first no digit';
  findings.problemAtKey(where, 'bad-name', `"${name}" cannot be used in a condition`, hint);
  return false;
}

/** Reports a name of a provider that is not one. */
export function checkProviderName(name: string, where: Where, findings: Findings): boolean {
  if (TAKEN_BY_COOKIES.includes(name)) {
    findings.problemAtKey(where, 'reserved-name', `no provider can be named "${name}": a cookie of the gateway is`);
    return false;
  }
  if (PROVIDER.test(name)) return true;
  const hint = 'a letter, then up to 31 of a-z and 0-9';
  findings.problemAtKey(where, 'bad-name', `"${name}" cannot be the name of a provider`, hint);
  return false;
}
