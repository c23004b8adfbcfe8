import { below, isPlainMap, lengthAt, top, valueAt, type Where } from '../source-file.ts';
import { acceptAt, type Found, type Lint } from './lint.ts';
import type { Whole } from './whole.ts';

interface Message {
  readonly where: Where;
  readonly languages: ReadonlySet<string>;
}

function* find(whole: Whole): Iterable<Found> {
  const messages = [...places(whole)].flatMap(messageAt);
  const all = new Set(messages.flatMap(({ languages }) => [...languages]));
  for (const { where, languages } of messages) {
    const missing = [...all].filter((language) => !languages.has(language)).sort();
    if (missing.length === 0) continue;
    const message = `other messages are there in ${missing.join(', ')} too; this one is not`;
    yield { where, message, hint: `add ${missing.map((language) => `${language}: …`).join(', ')}` };
  }
}

/** Everything that may have a message. */
function* places({ policies, apps, floors }: Whole): Iterable<Where> {
  const levels = below(top(policies), 'levels');
  for (let i = 0; i < lengthAt(levels); i++) yield below(levels, i);
  for (const { where } of floors) yield where;
  for (const { rules } of apps) for (const { where } of rules) yield where;
}

/** A text alone is English. Of `de-CH` it is enough that there is German. */
function messageAt(owner: Where): readonly Message[] {
  const where = below(owner, 'message');
  const value = valueAt(where);
  if (typeof value === 'string') return [{ where, languages: new Set(['en']) }];
  if (!isPlainMap(value)) return [];
  return [{ where, languages: new Set(Object.keys(value).map((tag) => tag.split('-')[0] ?? tag)) }];
}

export const missingTranslation: Lint = {
  id: 'missing-translation',
  severity: 'warning',
  summary: 'A message is not there in every language that other messages are there in.',
  why: `A person who is asked reads the message in their language, else in another one. Where one of two sentences comes in English to a person who
reads everything else in German, it looks like a mistake at best and like a fraud at worst, on the page where they are to trust it.`,
  wrong: {
    policies: `levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h, message: {en: Please confirm it is you., de: Bitte bestätigen Sie es.}}
  - {name: passkey, validity: 15m, message: Please use your security key.}`,
  },
  right: {
    policies: `levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h, message: {en: Please confirm it is you., de: Bitte bestätigen Sie es.}}
  - {name: passkey, validity: 15m, message: {en: Please use your security key., de: Bitte mit dem Schlüssel.}}`,
  },
  meant: acceptAt('rule or floor', 'missing-translation'),
  find,
};
