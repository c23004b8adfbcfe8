/** A service provider that the demo's identity provider knows: what it would learn from its metadata. */
export interface DemoService {
  readonly entityId: string;
  /** Where answers may be posted to; the first one unless a request names another. */
  readonly acs: readonly string[];
  /** Where messages about signing out go. */
  readonly slo: string;
  /** PEM of the keys that it signs with; its requests must be signed by one of them. */
  readonly certificates: readonly string[];
}
