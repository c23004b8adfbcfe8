import { Environment } from '@marcbachmann/cel-js';
import type { Condition, Outcome } from '../../core/condition.ts';
import type { Facts } from '../../core/facts.ts';
import type { Ladder } from '../../core/ladder.ts';
import type { NetworkTest } from '../compile-networks.ts';
import type { Findings } from '../findings.ts';
import { checkWord } from '../names.ts';
import { below, keysAt, valueAt, type Where } from '../source-file.ts';
import { declare, PersonNeeded, View } from './view.ts';

/** What conditions may name beside what every request has. */
export interface Vocabulary {
  readonly ladder: Ladder | null;
  readonly networks: ReadonlyMap<string, NetworkTest>;
  /** Names of the providers; null where gateway.yaml could not be read. */
  readonly providers: readonly string[] | null;
}

/** The condition language of one file: CEL, with the names that may be used there. */
export interface Language {
  /** Conditions by name. */
  readonly named: ReadonlyMap<string, Condition>;
  /** Compiles the condition at a place. Null after reporting why it cannot be. */
  compile(where: Where, findings: Findings): Condition | null;
  /** The same language with the conditions of one more map of names. */
  with(conditions: Where, findings: Findings): Language;
}

export function createLanguage(vocabulary: Vocabulary): Language {
  return languageOf(vocabulary, new Map());
}

function languageOf(vocabulary: Vocabulary, named: ReadonlyMap<string, Condition>): Language {
  const environment = declare(new Environment(), vocabulary, named);
  const compile: Language['compile'] = (where, findings) => {
    const text = String(valueAt(where));
    try {
      const parsed = environment.parse(text);
      const checked = parsed.check();
      if (!checked.valid || checked.type !== 'bool') {
        findings.problem(where, 'bad-condition', checked.error?.message.split('\n')[0] ?? `this is a ${checked.type}`);
        return null;
      }
      return {
        text,
        reads: { names: new Set(), groups: null, claims: [] },
        test: (facts: Facts): Outcome => {
          try {
            const view = facts.memo instanceof View ? facts.memo : new View(facts, vocabulary, named);
            facts.memo = view;
            return parsed(view) === true;
          } catch (error) {
            return error instanceof PersonNeeded ? 'person' : 'failed';
          }
        },
      };
    } catch (error) {
      findings.problem(where, 'bad-condition', error instanceof Error ? (error.message.split('\n')[0] ?? '') : '');
      return null;
    }
  };
  return {
    named,
    compile,
    with(conditions, findings) {
      let language: Language = languageOf(vocabulary, named);
      const more = new Map(named);
      for (const name of keysAt(conditions)) {
        const where = below(conditions, name);
        if (!checkWord(name, where, findings)) continue;
        const condition = language.compile(where, findings);
        if (condition === null) continue;
        more.set(name, condition);
        language = languageOf(vocabulary, more);
      }
      return language;
    },
  };
}
