/**
 * Every kind of mistake a configuration can have, and what it is in a sentence. The words are stable: scripts and
 * documentation name them. What is found by looking at everything together is a lint, in `lints/`.
 */
export const PROBLEMS = {
  'file-unreadable': 'The file is not there, or may not be read.',
  'file-too-large': 'The file is larger than 1 MiB.',
  'file-not-utf8': 'The file is not valid UTF-8.',
  'file-taken': 'A file is named for two apps, or names itself.',
  'file-empty': 'There is nothing in the file.',
  'yaml-syntax': 'The text is not YAML.',
  'yaml-duplicate-key': 'A map has one key twice; readers differ in which of the two counts.',
  'yaml-key': 'A key is something other than plain text.',
  'yaml-merge-key': 'Merge keys (<<) are not taken: whoever reads the entry would not see what it says.',
  'yaml-tag': 'YAML tags are not taken.',
  'yaml-directive': 'YAML directives are not taken.',
  'yaml-alias': 'An alias stands for something that is not there, or for itself.',
  'yaml-alias-limit': 'Aliases stand for more than the file may grow to.',
  'yaml-too-deep': 'Lists and maps lie in each other too deeply.',
  'unknown-key': 'No such key is known here.',
  'missing-key': 'A key that is required here is missing.',
  'wrong-type': 'A value is of another kind than its key takes.',
  'wrong-value': 'A value is none of those that its key takes.',
  'bad-duration': 'A span of time is not written with its unit, such as 15m or PT2H.',
  'bad-name': 'A name has characters that names do not have here, or is too long.',
  'reserved-name': 'The name means something else already.',
  'duplicate-level': 'Two levels have one name.',
  'duplicate-id': 'Two rules of an app, or two floors, have one id.',
  'too-many-levels': 'There are more levels than a ladder can have.',
  'too-many-floors': 'There are more floors over more apps than every reload could compile.',
  'nothing-listed': 'Something that must have entries has none.',
  'unknown-level': 'A name is that of no level.',
  'unknown-provider': 'A name is that of no provider in gateway.yaml.',
  'unknown-app': 'A name is that of no app, or an app stands in one of the two files only.',
  'unknown-method': 'A word under methods is no request method.',
  'max-age-zero': 'A max_age of 0s is met by nothing.',
  'max-age-too-long': 'A max_age is longer than the level is valid anyway.',
  'demand-without-require': 'What only means something beside a required level stands alone.',
  'nothing-above': 'A proof above the highest level is demanded.',
  'note-missing': 'Something that is hardly ever meant wants a note that says why it is.',
  'level-order': 'A level stands above one that is listed after it.',
  'level-cycle': 'Two levels would stand above each other.',
  'level-above-missing': 'Some levels say what they stand above, and a later one does not.',
  'one-time-reads': 'A step-up of its own is asked for requests that read.',
  'test-failed': 'A test of the policies fails.',
  'too-many-tests': 'There are more tests than every reload could run.',
  'one-time-not-served': 'check, explain and test know one_time; the gateway does not serve it yet.',
  'bad-instant': 'A moment is not written as RFC 3339 has it.',
  'bad-condition': 'A condition cannot be read, or does not come to true or false.',
  'unknown-name': 'A condition names something that is not there.',
  'condition-cycle': 'A condition names itself, by itself or by way of others.',
  contradiction: 'Two keys of one entry contradict each other.',
  'empty-requirement': 'Neither the rule nor its app asks for anything; say public: true if that is meant.',
  'bad-path': 'A path pattern cannot be read, or matches nothing.',
  'path-outside-mount': 'A pattern can match no path of its app.',
  'path-reserved': 'A path belongs to the gateway itself.',
  'bad-acr': 'An acr is none that a provider could send and be believed.',
  'duplicate-acr': 'One acr, or one class, would prove two levels.',
  'bad-class-ref': 'A class is none that a SAML provider could send and be believed.',
  'levels-not-told-apart': 'Whatever proves one level of a provider proves a stronger one too.',
  'proves-everything': 'Nothing is asked of a proof of a level, so that every sign-in would be one.',
  'bad-claim': 'A claim does not tell one kind of sign-in from another.',
  'bad-key': 'A file holds no key of the kind that is needed.',
  'proves-nothing': 'A provider proves no level.',
  'bad-origin': 'An origin is more, or less, than scheme, host and port.',
  'origin-not-https': 'An origin is plain http and not loopback.',
  'duplicate-origin': 'An app lists an origin twice.',
  'origin-two-schemes': 'Two origins have one Host header.',
  'origin-two-providers': 'Apps of one origin have several providers.',
  'mount-taken': 'Two apps are mounted at one path of an origin.',
  'bad-upstream': 'An upstream is not the origin of an application.',
  'bad-issuer': 'An issuer is not a URL that one can be.',
  'issuer-not-https': 'An issuer is plain http and not loopback.',
  'bad-metadata': 'Metadata of a SAML provider cannot be read, or not be used.',
  'metadata-not-https': 'The URL of metadata is plain http and not loopback.',
  'bad-entity-id': 'An entityID is too long, or no URI.',
  'bad-subject': 'Who a person is at a SAML provider is said by neither of its two ways.',
  'transient-cannot-step-up': 'People have another name at each sign-in there, and policies ask for a second one.',
  'bad-address': 'An address or a network is not written as one.',
  'bad-port': 'A port is not a number from 0 to 65535.',
  'bad-ledger': 'The ledger is none of those there are.',
  'bad-scope': 'A scope is not written as one, or openid is missing.',
  'idle-exceeds-lifetime': 'Sessions end by their lifetime before they could by their idle time.',
  'secret-missing': 'A secret is not where the file says it is.',
  'secret-reference': 'A reference to a secret cannot be read.',
  'secret-weak': 'A secret is shorter than 32 random bytes.',
  'secret-duplicate': 'A secret is listed twice.',
  'accept-without-note': 'A lint is accepted, and no note on the entry says why.',
} as const satisfies Readonly<Record<string, string>>;

/** Lints whose finding is a mistake: the configuration is not taken. */
export type LintErrorId = 'level-unprovable' | 'public-under-floor' | 'shadowed';

/** Lints whose finding is accepted and still worth a look. */
export type LintWarningId =
  | 'accept-unused'
  | 'loose-email'
  | 'max-age-no-effect'
  | 'method-gap'
  | 'missing-translation'
  | 'never-matches'
  | 'odd-comparison'
  | 'one-time-on-pages'
  | 'permission-across-providers'
  | 'plain-secret'
  | 'public-by-extension'
  | 'public-under-floor'
  | 'query-or-form'
  | 'shadowed-by-weaker'
  | 'shared-origin'
  | 'spoofable-leniency'
  | 'trusts-everyone'
  | 'twin-path'
  | 'unknown-amr'
  | 'unknown-claim'
  | 'unmarked-satisfies'
  | 'untested'
  | 'unused-condition'
  | 'utc-hours'
  | 'validity-over-session'
  | 'when-as-permission'
  | 'wide-network';

export type LintId = LintErrorId | LintWarningId;

/** What makes a configuration be refused. */
export type ProblemId = keyof typeof PROBLEMS | LintErrorId;

/** What is accepted and still worth a look. */
export type NoticeId =
  | LintWarningId
  | 'certificate-expired'
  | 'logout-stays-local'
  | 'metadata-expired'
  | 'one-time-not-served'
  | 'requests-unsigned';

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
