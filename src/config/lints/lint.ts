import type { LintId } from '../problems.ts';
import type { Where } from '../source-file.ts';
import type { Whole } from './whole.ts';

/** Parts of the two files that show a lint, or how it is put right. */
export interface Example {
  readonly policies?: string;
  readonly gateway?: string;
}

/** One kind of finding, with all that is said of it anywhere. */
export interface Lint {
  readonly id: LintId;
  /** An error is a problem: the configuration is not taken, and the lint cannot be accepted. */
  readonly severity: 'error' | 'warning';
  /** What was found, in one sentence. */
  readonly summary: string;
  /** Why it matters, in Markdown. */
  readonly why: string;
  readonly wrong: Example;
  readonly right: Example;
  /** What to do where it is meant. */
  readonly meant: string;
  /** Looks for it. Null where it is found while the files are compiled. */
  readonly find: ((whole: Whole) => Iterable<Found>) | null;
}

/** One finding. */
export interface Found {
  readonly where: Where;
  readonly message: string;
  readonly hint: string;
  /** Where it is less than the lint usually is. */
  readonly severity?: 'warning';
}

/** What is said of most lints at a rule or floor that are meant. */
export const acceptAt = (what: string, id: LintId): string =>
  `Where it is meant, write \`accept: ${id}\` at the ${what}, with a \`note\` that says why.`;

export const NOT_ACCEPTED = 'It cannot be accepted: there is always a way to write what is meant.';
