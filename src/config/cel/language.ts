import type { Condition, Outcome } from '../../core/condition.ts';
import type { Ladder } from '../../core/ladder.ts';
import type { NetworkTest } from '../compile-networks.ts';
import type { Findings } from '../findings.ts';
import { keysAt, valueAt, type Where } from '../source-file.ts';
import { compileText, reportSlips } from './compile-text.ts';
import type { Named } from './draft.ts';
import { knownNames, type Names, nameConditions } from './names.ts';
import { readsOf } from './reads.ts';
import type { Holder, Subject } from './subject.ts';
import { subjectsOf } from './subjects.ts';
import { PERSON, type Run } from './term.ts';

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

export const createLanguage = (vocabulary: Vocabulary): Language => languageOf(subjectsOf(vocabulary), new Map());

function languageOf(subjects: ReadonlyMap<string, Subject | Holder>, names: Names): Language {
  const conditions = [...names].flatMap(([name, { where, made }]) =>
    made === null ? [] : [[name, conditionOf(textAt(where), made)] as const],
  );
  // Many rules say the same; what was wrong with a text is said at each of its places.
  const flawless = new Map<string, Condition>();
  const known = knownNames([...names.keys()]);
  const named = (name: string): Named | 'broken' | null => {
    const place = names.get(name);
    return place === undefined ? null : (place.made ?? 'broken');
  };
  const language: Language = {
    named: new Map(conditions),
    compile(where, findings) {
      const text = textAt(where);
      const before = flawless.get(text);
      if (before !== undefined) return before;
      const { compiled, slips } = compileText(text, { subjects, named, names: known });
      reportSlips(slips, where, findings);
      if (compiled === null) return null;
      const condition = conditionOf(text, compiled);
      flawless.set(text, condition);
      return condition;
    },
    with(more, findings) {
      if (keysAt(more).length === 0) return language;
      return languageOf(subjects, nameConditions(more, names, subjects, findings));
    },
  };
  return language;
}

const textAt = (where: Where): string => String(valueAt(where));

const conditionOf = (text: string, { run, reads }: Pick<Named, 'run' | 'reads'>): Condition => ({
  text,
  reads: readsOf(reads),
  test: (facts) => outcomeOf(run, facts),
});

/** Nothing but true is true: whatever else should come out has failed. */
function outcomeOf(run: Run, facts: Parameters<Run>[0]): Outcome {
  try {
    const value = run(facts);
    if (typeof value === 'boolean') return value;
    return value === PERSON ? 'person' : 'failed';
  } catch {
    return 'failed';
  }
}
