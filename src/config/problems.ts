/** Every kind of problem a configuration can have. The words are stable: scripts and documentation name them. */
export type ProblemId =
  | 'file-unreadable'
  | 'file-too-large'
  | 'file-not-utf8'
  | 'file-empty'
  | 'yaml-syntax'
  | 'yaml-duplicate-key'
  | 'yaml-key'
  | 'yaml-merge-key'
  | 'yaml-tag'
  | 'yaml-directive'
  | 'yaml-alias'
  | 'yaml-alias-limit'
  | 'yaml-too-deep'
  | 'unknown-key'
  | 'missing-key'
  | 'wrong-type'
  | 'wrong-value'
  | 'bad-duration'
  | 'bad-name'
  | 'reserved-name'
  | 'duplicate-level'
  | 'duplicate-id'
  | 'too-many-levels'
  | 'nothing-listed'
  | 'unknown-level'
  | 'unknown-provider'
  | 'unknown-app'
  | 'unknown-method'
  | 'level-not-provable'
  | 'max-age-zero'
  | 'max-age-too-long'
  | 'demand-without-require'
  | 'nothing-above'
  | 'note-missing'
  | 'level-order'
  | 'level-cycle'
  | 'level-above-missing'
  | 'one-time-reads'
  | 'one-time-not-served'
  | 'bad-instant'
  | 'bad-condition'
  | 'condition-cycle'
  | 'contradiction'
  | 'empty-requirement'
  | 'bad-path'
  | 'path-outside-mount'
  | 'path-reserved'
  | 'bad-acr'
  | 'duplicate-acr'
  | 'levels-not-told-apart'
  | 'proves-everything'
  | 'bad-claim'
  | 'bad-key'
  | 'proves-nothing'
  | 'bad-origin'
  | 'origin-not-https'
  | 'duplicate-origin'
  | 'origin-two-schemes'
  | 'origin-two-providers'
  | 'mount-taken'
  | 'bad-upstream'
  | 'bad-issuer'
  | 'issuer-not-https'
  | 'bad-address'
  | 'bad-port'
  | 'bad-ledger'
  | 'bad-scope'
  | 'idle-exceeds-lifetime'
  | 'secret-missing'
  | 'secret-reference'
  | 'secret-weak'
  | 'secret-duplicate';

/** What is accepted and still worth a look. */
export type NoticeId =
  | 'one-time-not-served'
  | 'plain-secret'
  | 'unknown-amr'
  | 'trusts-everyone'
  | 'unreachable-rule'
  | 'origin-shared';

/** One thing wrong, at one place, as a person needs it to put it right. */
export interface Problem {
  readonly id: ProblemId | NoticeId;
  readonly message: string;
  readonly hint: string | null;
  /** As it was named by whoever loads it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** The line itself, with values of secrets blotted out. */
  readonly source: string;
}

/** A lint: accepted, and shown by `check`. */
export type Notice = Problem;

/** A value that cannot be taken as written. */
export interface Wrong {
  readonly wrong: ProblemId;
  readonly message: string;
  readonly hint?: string | undefined;
}

export const isWrong = (value: unknown): value is Wrong =>
  typeof value === 'object' && value !== null && 'wrong' in value;
