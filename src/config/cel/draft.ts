import type { ASTNode } from '@marcbachmann/cel-js';
import type { ProblemId, Wrong } from '../problems.ts';
import type { OwnReads } from './reads.ts';
import type { Holder, Subject } from './subject.ts';
import type { Run, Single, Term, ValueOf } from './term.ts';

/** A condition with a name, ready to be used by others. */
export interface Named {
  /** Found out once for each request and reading of its path. */
  readonly run: Run;
  readonly reads: OwnReads;
  /** How many conditions stand behind one another here, at most. */
  readonly depth: number;
}

/** The item that a loop is at. */
export interface Local {
  readonly name: string;
  readonly kind: Single;
  readonly groups: boolean;
  /** Conditions are tested one after the other and never contain themselves, so one place will do. */
  item: ValueOf[Single] | null;
}

/** Something wrong in a condition. */
export interface Slip {
  /** In UTF-16 units of the text. */
  readonly at: number;
  readonly id: ProblemId;
  readonly message: string;
  readonly hint: string | undefined;
}

/** The names of all conditions. */
export interface NamesKnown {
  has(name: string): boolean;
  /** Those that a misspelt one is compared with. */
  near(): Iterable<string>;
}

/** What is known while one condition is compiled. What cannot be compiled is null, and said once, where it stands. */
export interface Draft {
  readonly text: string;
  readonly subjects: ReadonlyMap<string, Subject | Holder>;
  /** `broken`: there is one, and what is wrong with it was said already. */
  readonly named: (name: string, at: number) => Named | 'broken' | null;
  readonly names: NamesKnown;
  /** The loops around, the innermost last. */
  readonly locals: Local[];
  readonly reads: OwnReads;
  depth: number;
  tooDeep: boolean;
  /** Compiles a part. */
  term(node: ASTNode): Term | null;
  /** Reports; always null. */
  wrong(at: number, wrong: string | Wrong, hint?: string): null;
}

/** A part as it is written. */
export const written = (draft: Draft, { at, end }: Pick<Term, 'at' | 'end'>): string => draft.text.slice(at, end);
