import type { Place } from '../../config/source-file.ts';
import type { DenyWhy } from '../../core/decide.ts';
import type { ChallengeWhy, Comparison } from '../../core/demand.ts';
import type { LevelName } from '../../core/ladder.ts';
import type { Mode } from '../../core/policy.ts';
import type { Seconds } from '../../core/time.ts';
import type { RefusalCode } from '../../errors.ts';

/** Why one request is decided as it is: the document that `--json` prints, and what the text is written from. */
export interface Explanation {
  /** `refused`: before any policy is asked. `own`: a page of the gateway's own, which no policy is about. */
  readonly decision: 'allow' | 'challenge' | 'deny' | 'refused' | 'own';
  /** Whether an allow is one to anybody. */
  readonly public: boolean;
  /** The level that is asked for first, of a challenge. */
  readonly level: LevelName | null;
  readonly why: ChallengeWhy | DenyWhy | RefusalCode | null;
  /** Status of the answer, where nothing is forwarded and nobody is sent to the provider. */
  readonly status: number | null;
  /** Which check refused it. */
  readonly check: string | null;
  readonly sentence: string;
  /** What decided: `app/rule`, `floor/id`, the app's name, `default`. */
  readonly by: string | null;
  readonly place: Place | null;
  readonly request: ExplainedRequest;
  /** Null when nobody is signed in. */
  readonly person: ExplainedPerson | null;
  /** Who would sign in, where nobody is and somebody is described. */
  readonly visitor: ExplainedPerson | null;
  /** Every way in which the path may be read, up to the first that is refused. */
  readonly readings: readonly ExplainedReading[];
  readonly demands: readonly ExplainedDemand[];
  readonly asked: AskedOfProvider | null;
  readonly forwarded: Forwarded | null;
  readonly nearest: NearestAllow | null;
  /** What it would be if rules and floors of `mode: report` were enforced; null where none had a say. */
  readonly enforced: string | null;
  /** What conditions looked at and nobody said, by the names that conditions use. */
  readonly absent: readonly string[];
  /** What else is worth saying. */
  readonly remarks: readonly string[];
}

export interface ExplainedRequest {
  readonly method: string;
  readonly origin: string | null;
  /** Path and query, as written. */
  readonly target: string;
  readonly app: string | null;
  /** Who looks after the app, where its policies say so. */
  readonly owner: string | null;
  /** Address of the client; null where it is not said. */
  readonly ip: string | null;
  /** RFC 3339, UTC; null for whenever. */
  readonly at: string | null;
}

export interface ExplainedPerson {
  readonly provider: string;
  readonly subject: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly groups: readonly string[] | null;
  readonly claims: readonly { readonly claim: string; readonly values: readonly string[] }[] | null;
  /** How long ago. */
  readonly signed_in: Seconds | null;
  readonly proofs: readonly { readonly level: LevelName; readonly age: Seconds }[];
}

/** One way in which the path may be read. */
export interface ExplainedReading {
  readonly path: string;
  /** In the order of the file. */
  readonly rules: readonly ExplainedItem[];
  readonly floors: readonly ExplainedItem[];
  readonly only: readonly ExplainedOnly[];
}

/**
 * How a rule or floor fits the request. `undetermined`: what it takes holds, what it gives does not. `person`: it cannot
 * be told before somebody is signed in. `not_reached`: one above it decided.
 */
export type Fit = 'hit' | 'miss' | 'undetermined' | 'person' | 'not_reached' | 'off';

export interface ExplainedItem {
  /** `app/rule` or `floor/id`. */
  readonly id: string;
  readonly place: Place;
  readonly mode: Mode | 'off';
  readonly fit: Fit;
  /** In the order in which they are looked at, up to the first that is missed. */
  readonly criteria: readonly ExplainedCriterion[];
  /** What it says, in a few words. */
  readonly says: string;
  readonly note: string | null;
}

/** `ambiguous`: readers of a query differ. `body`: it may stand in the body, which is not read. */
export type CriterionOutcome = boolean | 'failed' | 'person' | 'ambiguous' | 'body';

export interface ExplainedCriterion {
  readonly criterion: 'app' | 'path' | 'except' | 'methods' | 'query' | 'param' | 'when';
  /** As it is written; empty for `except`. */
  readonly text: string;
  readonly outcome: CriterionOutcome;
}

export interface ExplainedOnly {
  /** `app/rule`, or the app's name. */
  readonly by: string;
  readonly place: Place | null;
  readonly text: string;
  readonly outcome: CriterionOutcome;
}

export interface ExplainedDemand {
  readonly level: LevelName;
  readonly comparison: Comparison;
  readonly max_age: Seconds | null;
  /** RFC 3339, UTC. */
  readonly since: string | null;
  /** Whether each request needs a step-up of its own. */
  readonly one_time: boolean;
  readonly by: string;
  readonly place: Place | null;
  readonly met: boolean;
  /** When it stops being met, if nothing is proven anew: RFC 3339, UTC. */
  readonly until: string | null;
  /** The same, from now on. */
  readonly left: Seconds | null;
  readonly why: ChallengeWhy | 'unsatisfiable' | null;
  readonly sentence: string;
}

export interface AskedOfProvider {
  readonly provider: string;
  /** Null where only its metadata say it. */
  readonly issuer: string | null;
  readonly level: LevelName;
  readonly ways: readonly AskedWay[];
}

/** What is asked where discovery says that the provider takes the `claims` parameter, where it does not, or always. */
export interface AskedWay {
  readonly where: 'always' | 'takes_claims' | 'takes_no_claims';
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
}

export interface Forwarded {
  readonly upstream: string;
  readonly headers: readonly ForwardedHeader[];
}

export interface ForwardedHeader {
  readonly name: string;
  /** Null where it is not known here. */
  readonly value: string | null;
  /** Why it is not: nobody said it, only the provider says it, or it is signed when it is sent. */
  readonly unknown: 'not_given' | 'provider' | 'signed' | null;
}

/** The smallest change that lets the request through. */
export interface NearestAllow {
  readonly kind: 'proofs' | 'condition' | 'none';
  /** Levels of which a fresh proof is needed. */
  readonly proofs: readonly LevelName[];
  /** Whether the last of them is for this very request. */
  readonly one_time: boolean;
  readonly condition: NearestCondition | null;
  readonly sentence: string;
}

export interface NearestCondition {
  readonly text: string;
  /** What it would have to come to. */
  readonly outcome: boolean;
  /** Rules, floors or the app whose condition it is. */
  readonly by: readonly string[];
}
