import type { EvidenceMap } from '../core/evidence.ts';
import type { Ladder } from '../core/ladder.ts';
import type { PatternPiece } from '../core/path-pattern.ts';
import type { Ordered, PathTree } from '../core/path-tree.ts';
import type { AppPolicy, Floor, Rule } from '../core/policy.ts';
import type { Seconds } from '../core/time.ts';
import type { IdpMetadata } from '../saml/metadata.ts';
import type { AssertionKey } from './assertion-key.ts';
import type { ClientKey } from './client-key.ts';
import type { PolicyTest } from './policy-tests/policy-test.ts';
import type { Place } from './source-file.ts';

/** The immutable compilation of gateway.yaml and policies.yaml. Exactly one is current; a request reads it once. */
export interface World {
  /** SHA-256 over both files, hex: names this world in logs and audit events. */
  readonly hash: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Whether `X-Forwarded-*` of this peer address are believed. */
  readonly trustsProxy: (address: string) => boolean;
  /** Key material of at least 32 random bytes each, newest first: the first seals, all open. */
  readonly secrets: readonly Buffer[];
  readonly session: { readonly lifetime: Seconds; readonly idle: Seconds };
  readonly assertion: AssertionKeys;
  /** How often a signed-in person may be sent to the provider, and fail there, within `window` seconds. */
  readonly attempts: { readonly starts: number; readonly failures: number; readonly window: Seconds };
  readonly ledger: LedgerLocation;
  /** Prefix of our cookies' names, after `__Host-`. */
  readonly cookiePrefix: string;
  readonly ladder: Ladder;
  /** What a rule or floor says to whoever it asks, by its id: language tag -> sentence. */
  readonly messages: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** `Host` header in lower case (with the port where the origin has one) -> what is served there. */
  readonly hosts: ReadonlyMap<string, HostEntry>;
  readonly apps: ReadonlyMap<string, App>;
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  /** Those of policies.yaml, then those of the files of apps. All of them pass. */
  readonly tests: readonly PolicyTest[];
}

/** One origin that apps are served on. */
export interface HostEntry {
  /** With scheme: the truth for cookies, redirect URIs and Origin checks. */
  readonly origin: string;
  /** https: cookies carry `Secure` and `__Host-`. */
  readonly secure: boolean;
  /** Name of the provider of the apps of this origin. */
  readonly providers: readonly string[];
  /** Mounted apps; the longest mount that matches has the lowest order. */
  readonly mounts: PathTree<Mount>;
  /** The same with folded case: for the readings of apps whose upstream folds it. */
  readonly foldedMounts: PathTree<Mount>;
}

export interface Mount extends Ordered {
  readonly app: App;
}

/** A rule or floor as it stands in a file. */
interface Placed {
  /** `mode: off`: checked, and otherwise not there. */
  readonly off: boolean;
  /** Its paths as they are written. */
  readonly paths: readonly string[];
  /** The same, compiled: those of them that lie under the app's mount. */
  readonly patterns: readonly (readonly PatternPiece[])[];
  /** Notices that whoever wrote it has accepted. */
  readonly accepted: readonly string[];
  readonly place: Place;
}

export interface PlacedRule extends Placed {
  readonly rule: Rule;
}

export interface PlacedFloor extends Placed {
  readonly floor: Floor;
  /** The apps that it names; null = it is about all of them. */
  readonly apps: readonly string[] | null;
}

/** An app: what the security team demands of it, and how the operator runs it. */
export interface App extends AppPolicy {
  /** Rules in the order of the file, with where they stand. */
  readonly ruleList: readonly PlacedRule[];
  /** Floors that lie over it. */
  readonly floorList: readonly PlacedFloor[];
  /** Where its own demand stands, or the default one that it takes, and whom it is for; null where nothing is said. */
  readonly places: { readonly require: Place | null; readonly only: Place | null };
  /** Who looks after it, where its policies say so. */
  readonly owner: string | null;
  /** Public origins, with scheme; the first is the one named in what leaves the gateway without a request. */
  readonly origins: readonly string[];
  /** The mount as written, `/` or `/path`. */
  readonly mount: string;
  /** Origin of the application, http or https, no path. */
  readonly upstream: URL;
  readonly provider: string;
  /** How the proofs of its provider are worth levels. */
  readonly evidence: EvidenceMap;
  /** Marks of what the conditions over it that are enforced read of a person. */
  readonly sought: string;
  /** Which of a person's groups its upstream is told. */
  readonly forwardsGroup: (group: string) => boolean;
  /** Whether it takes some of them by a pattern rather than by name. */
  readonly groupsByPattern: boolean;
  /** Paths whose requests are not activity of the person; null = none. */
  readonly background: PathTree<Ordered> | null;
  readonly timeouts: { readonly connect: Seconds; readonly headers: Seconds; readonly idle: Seconds };
}

export const CLIENT_AUTHS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
/** How the gateway shows at a provider that it is the client (OpenID Connect Core 9). */
export type ClientAuth = (typeof CLIENT_AUTHS)[number];
export const ID_TOKEN_ALGORITHMS = ['RS256', 'ES256', 'PS256', 'EdDSA'] as const;
export type IdTokenAlgorithm = (typeof ID_TOKEN_ALGORITHMS)[number];

/** The keys of the gateway as a client: the one it signs with, and the one it will sign with, published ahead. */
export interface ClientKeys {
  readonly current: ClientKey;
  readonly next: ClientKey | null;
}

/** The keys that assertions to upstreams are signed with: files named in gateway.yaml. */
export interface AssertionKeys {
  /** Null = the one that the ledger keeps. */
  readonly current: AssertionKey | null;
  /** Published too: the key that is to sign, or the one that did. */
  readonly next: AssertionKey | null;
}

/** How one OpenID Connect provider is asked and believed. */
export interface OidcProviderConfig {
  readonly type: 'oidc';
  readonly name: string;
  /** As the provider writes it, compared by characters: `https://id.example` and `https://id.example/` are two issuers. */
  readonly issuer: string;
  readonly clientId: string;
  /** Empty with `private_key_jwt`. */
  readonly clientSecret: string;
  readonly clientAuth: ClientAuth;
  /** With `private_key_jwt`, and null without. */
  readonly clientKeys: ClientKeys | null;
  readonly evidence: EvidenceMap;
  /** How a level is asked for; null = `claims` where discovery says that the provider takes it, else `acr_values`. */
  readonly ask: 'claims' | 'acr_values' | 'both' | 'none' | null;
  /** Whether requests are pushed (RFC 9126): where discovery offers it, always or the provider is no use, or only where it insists. */
  readonly par: 'auto' | 'require' | 'off';
  /** Whether the claims about the person are also asked for at the userinfo endpoint. Levels never come from there. */
  readonly userinfo: boolean;
  /** Whether signing out here signs out at the provider too. */
  readonly logout: 'provider' | 'local';
  readonly scopes: readonly string[];
  /** The claim whose value is sent as `login_hint` when a signed-in person is asked again; null = none is sent. */
  readonly loginHint: string | null;
  /** Where email, name and groups are in the ID token. */
  readonly claims: { readonly email: string; readonly name: string; readonly groups: string | null };
  readonly idTokenAlgorithm: IdTokenAlgorithm;
  /** For exp, nbf and iat. An auth_time at most that far after iat counts as age 0; it never extends freshness. */
  readonly clockTolerance: Seconds;
  /** For every request to the provider, and for waiting for the first discovery. */
  readonly timeout: Seconds;
  /** Claims that conditions of its apps read: kept in sessions, sorted. */
  readonly claimsKept: readonly string[];
  /** Marks of everything that conditions over its apps read of a person. */
  readonly sought: string;
  /** Whether a session keeps this group: some app or policy names it, or takes it by a pattern. */
  readonly keepsGroup: (group: string) => boolean;
  /** Whether some app or policy names this very group: such a group is never left out of a session to make it fit. */
  readonly namesGroup: (group: string) => boolean;
}

/** A pair of keys that is in use, and the one that is to come. */
export interface KeyPairs {
  readonly current: KeyPair;
  readonly next: KeyPair | null;
}

/** A private key and the certificate that goes with it, both PEM. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

/** Where a SAML provider's metadata come from: a URL that is asked again and again, or a file. */
export type MetadataSource =
  | {
      readonly kind: 'url';
      readonly url: string;
      /** PEM of whoever must have signed what is found there; null = nobody has to. */
      readonly certificate: string | null;
    }
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Null where files are left unread. */
      readonly idp: IdpMetadata | null;
    };

export const SAML_SIGNED = ['response', 'assertion', 'both'] as const;

/** How one SAML provider is asked and believed. */
export interface SamlProviderConfig {
  readonly type: 'saml';
  readonly name: string;
  readonly metadata: MetadataSource;
  /** entityID of the provider, which its metadata must have; null = whatever they say. */
  readonly issuer: string | null;
  /** Ours. */
  readonly entityId: string;
  readonly evidence: EvidenceMap;
  /** What the provider must have signed. */
  readonly signed: (typeof SAML_SIGNED)[number];
  /** Our keys for requests; null = they are not signed. */
  readonly sign: KeyPairs | null;
  /** Our keys for encrypted assertions; null = none is taken. */
  readonly decrypt: KeyPairs | null;
  /** The attribute that says who the person is; null = the NameID. */
  readonly subject: string | null;
  /** What kind of NameID is asked for; null = whatever the provider likes. */
  readonly nameIdFormat: string | null;
  /** How the requested classes are to be compared; what counts is what comes back. */
  readonly comparison: 'exact' | 'minimum';
  /** Attributes that hold email, name and groups. */
  readonly claims: { readonly email: string | null; readonly name: string | null; readonly groups: string | null };
  /** Attributes that conditions read. */
  readonly claimsKept: readonly string[];
  /** Marks of everything that conditions over its apps read of a person. */
  readonly sought: string;
  readonly allowLegacyEncryptionCbc: boolean;
  readonly logout: 'provider' | 'local';
  /** What a sign-out ends: the sessions of one SessionIndex, or all that the person has from this provider. */
  readonly logoutScope: 'session' | 'person';
  readonly clockTolerance: Seconds;
  readonly timeout: Seconds;
  readonly keepsGroup: (group: string) => boolean;
  readonly namesGroup: (group: string) => boolean;
}

export type ProviderConfig = OidcProviderConfig | SamlProviderConfig;

/** A provider as policies see it: without what shows that the gateway is its client. */
export type ProviderWithoutSecrets =
  | Omit<OidcProviderConfig, 'clientSecret' | 'clientKeys'>
  | Omit<SamlProviderConfig, 'sign' | 'decrypt'>;

/** What of an OpenID Connect provider's configuration is no secret. */
export type OidcWithoutSecrets = Extract<ProviderWithoutSecrets, { readonly type: 'oidc' }>;

export type LedgerLocation = { readonly kind: 'memory' } | { readonly kind: 'sqlite'; readonly file: string };
