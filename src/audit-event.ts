import type { StepUpFailure } from './errors.ts';

export type AuditEventName =
  | 'challenge'
  | 'sign_in'
  | 'step_up'
  | 'step_up_failed'
  | 'deny'
  | 'report'
  | 'sign_out'
  | 'revoked'
  | 'reloaded'
  | 'reload_refused'
  | 'started'
  | 'stopped';

/** Facts of one event, before subjects, families and paths are hashed for the log. */
export interface AuditEvent {
  readonly event: AuditEventName;
  readonly why?: string | undefined;
  readonly failure?: StepUpFailure | undefined;
  /** For the operator: ours, never from the wire unescaped. */
  readonly detail?: string | undefined;
  readonly app?: string | undefined;
  readonly rule?: string | undefined;
  /** `level` or `level max_age`, hardest first. */
  readonly requirement?: readonly string[] | undefined;
  /** The strongest level that counted. */
  readonly had?: string | undefined;
  readonly provider?: string | undefined;
  readonly issuer?: string | undefined;
  readonly subject?: string | undefined;
  /** The other person, on `subject_mismatch`. */
  readonly otherSubject?: string | undefined;
  readonly family?: string | undefined;
  readonly requestId?: string | undefined;
  readonly clientIp?: string | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly flow?: string | undefined;
  /** On `report`: what would have become of the request, in words of decisions. */
  readonly would?: string | undefined;
  /** On `report`: how many requests the rule would have changed by now, of how many that it was about. */
  readonly changed?: number | undefined;
  readonly seen?: number | undefined;
  /** On `reloaded`: hash of the world that was replaced. */
  readonly worldBefore?: string | undefined;
}
