/** A policy and a request as plain data: lists of names, for the naive evaluator. */

export interface NaiveLevel {
  readonly name: string;
  readonly validity: number;
  /** The levels it stands directly above. */
  readonly above: readonly string[];
}

export interface NaiveDemand {
  readonly level: string;
  readonly comparison: 'minimum' | 'exact' | 'better' | 'maximum';
  readonly maxAge: number | null;
  readonly since: number | null;
  readonly source: string;
}

export type Truth = 'true' | 'false' | 'failed' | 'person';

/** What a condition comes to for nobody, and for somebody who is signed in; the other way round under `/a`. */
export interface NaiveCondition {
  readonly forNobody: Truth;
  readonly forPerson: Exclude<Truth, 'person'>;
  readonly turnsUnderA: boolean;
}

export interface NaiveMethods {
  readonly all: 'of' | 'but';
  readonly names: readonly string[];
}

export interface NaiveCriteria {
  readonly paths: readonly string[];
  readonly methods: NaiveMethods | null;
  readonly query: readonly (readonly [name: string, values: readonly string[]])[];
  readonly param: readonly (readonly [name: string, values: readonly string[]])[];
  readonly when: NaiveCondition | null;
  readonly mode: 'enforce' | 'report' | 'off';
}

export interface NaiveRule extends NaiveCriteria {
  readonly id: string;
  readonly says: 'require' | 'deny' | 'public' | 'public: known';
  readonly demand: NaiveDemand | null;
  readonly only: NaiveCondition | null;
  readonly oneTime: boolean;
}

export interface NaiveFloor extends NaiveCriteria {
  readonly id: string;
  /** Null = it denies. */
  readonly demand: NaiveDemand | null;
  readonly except: readonly { readonly path: string; readonly methods: NaiveMethods | null }[];
}

export interface NaivePolicy {
  readonly app: string;
  /** Weakest first. */
  readonly levels: readonly NaiveLevel[];
  readonly require: NaiveDemand | null;
  readonly only: NaiveCondition | null;
  readonly rules: readonly NaiveRule[];
  readonly floors: readonly NaiveFloor[];
  readonly provable: readonly string[];
}

export interface NaiveProof {
  readonly level: string;
  readonly at: number;
  readonly freshAt: number | null;
}

export interface NaiveRequest {
  readonly method: string;
  /** Every way in which the path may be read. */
  readonly paths: readonly (readonly string[])[];
  /** As it came, without `?`. */
  readonly query: string;
  readonly hasBody: boolean;
  /** Null = nobody is signed in. */
  readonly proofs: readonly NaiveProof[] | null;
  readonly now: number;
  readonly rehearsal: boolean;
}

export interface NaiveDecision {
  readonly kind: 'allow' | 'challenge' | 'deny';
  readonly why: string | null;
  /** Who denies, or asks for what is missing. */
  readonly by: string | null;
  /** The level that is asked for. */
  readonly level: string | null;
  readonly demands: readonly string[];
  readonly told: boolean;
}
