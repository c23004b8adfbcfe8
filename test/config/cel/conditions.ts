import assert from 'node:assert/strict';
import { memberOf, parseNetwork } from '../../../src/config/addresses.ts';
import { createLanguage, type Language } from '../../../src/config/cel/language.ts';
import { createFindings } from '../../../src/config/findings.ts';
import { isWrong, type Problem } from '../../../src/config/problems.ts';
import { below, keysAt, type SourceFile, top, valueAt } from '../../../src/config/source-file.ts';
import { readYaml } from '../../../src/config/yaml-file.ts';
import type { Condition, Outcome } from '../../../src/core/condition.ts';
import type { Standing } from '../../../src/core/evidence.ts';
import type { Facts } from '../../../src/core/facts.ts';
import { readQuery } from '../../../src/core/query.ts';
import type { KnownClaims, Session } from '../../../src/core/session.ts';
import type { Seconds } from '../../../src/core/time.ts';
import { ANA, LADDER, NOW, standingWith } from '../../core/people.ts';

/** The networks of {@link LANGUAGE}. */
export const NETWORKS = new Map(
  Object.entries({ office: '192.0.2.0/24', lab: '2001:db8::/32' }).map(([name, range]) => {
    const network = parseNetwork(range);
    assert.ok(!isWrong(network));
    return [name, memberOf([network])];
  }),
);

export const LANGUAGE = createLanguage({ ladder: LADDER, networks: NETWORKS, providers: ['corp', 'partner'] });

/** Somebody, and what is known of their sign-in. */
export interface Person {
  /** Level -> how long ago it was proven. */
  readonly proofs?: Readonly<Record<string, Seconds>>;
  readonly claims?: Readonly<Record<string, readonly string[] | null>>;
  readonly session?: Partial<Session>;
}

/** A request as tests describe it. */
export interface Asked {
  readonly method?: string;
  readonly host?: string;
  readonly scheme?: 'http' | 'https';
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ip?: string;
  readonly at?: Seconds;
  /** Absent: nobody is signed in. */
  readonly person?: Person;
}

export function factsOf(asked: Asked = {}): Facts {
  const { method = 'GET', host = 'pay.example.com', scheme = 'https', path = '/', query = '', headers = {} } = asked;
  const { ip = '192.0.2.7', at = NOW, person } = asked;
  return {
    request: {
      method,
      host,
      scheme,
      query: readQuery(query),
      header: (name) => (Object.hasOwn(headers, name) ? (headers[name] ?? null) : null),
      hasBody: false,
      clientIp: ip,
      at,
    },
    segments: path.split('/').slice(1),
    standing: person === undefined ? null : standingOf(person),
    now: at,
    memo: null,
  };
}

function standingOf({ proofs = {}, claims = {}, session = {} }: Person): Standing {
  const standing = standingWith(proofs);
  const known: KnownClaims = new Map(Object.entries(claims));
  return { ...standing, session: { ...ANA, proofs: standing.session.proofs, claims: known, ...session } };
}

/** A file of the given text. */
export function sourceOf(text: string): SourceFile {
  const findings = createFindings();
  const source = readYaml('policies.yaml', text, findings);
  assert.ok(source !== null, JSON.stringify(findings.problems()));
  return source;
}

/** The language with conditions, and what is wrong with them. */
export function languageWith(
  conditions: Readonly<Record<string, string>>,
  base: Language = LANGUAGE,
): { readonly language: Language; readonly problems: readonly Problem[] } {
  const findings = createFindings();
  // JSON is YAML.
  const language = base.with(top(sourceOf(JSON.stringify(conditions))), findings);
  return { language, problems: findings.problems() };
}

/** Compiles one condition; what is wrong with it otherwise. */
export function compileOne(text: string, language: Language = LANGUAGE): Condition | readonly Problem[] {
  const findings = createFindings();
  const condition = language.compile(below(top(sourceOf(JSON.stringify({ when: text }))), 'when'), findings);
  return condition ?? findings.problems();
}

export function conditionOf(text: string, language: Language = LANGUAGE): Condition {
  const condition = compileOne(text, language);
  assert.ok('test' in condition, `${text}: ${JSON.stringify(condition, ['line', 'column', 'message', 'hint'])}`);
  return condition;
}

export const outcomeOf = (text: string, asked: Asked = {}, language: Language = LANGUAGE): Outcome =>
  conditionOf(text, language).test(factsOf(asked));

/** What is wrong with a condition, at least one thing. */
export function problemsOf(text: string, language: Language = LANGUAGE): readonly Problem[] {
  const problems = compileOne(text, language);
  assert.ok(!('test' in problems), `${text} is fine`);
  assert.ok(problems.length > 0, `${text}: nothing is said`);
  return problems;
}

/** What is wrong with the conditions of a file: `when` on the first level, and the map `conditions`. */
export function problemsOfFile(text: string): readonly Problem[] {
  const findings = createFindings();
  const source = readYaml('policies.yaml', text, findings);
  if (source === null) return findings.problems();
  const language = LANGUAGE.with(below(top(source), 'conditions'), findings);
  if (keysAt(top(source)).includes('when') && typeof valueAt(below(top(source), 'when')) === 'string') {
    language.compile(below(top(source), 'when'), findings);
  }
  return findings.problems();
}
