import type {
  gatewayAppSchema,
  gatewaySchema,
  keyPairSchema,
  levelProof,
  providerSchema,
  samlLevelProof,
  samlProviderSchema,
} from '../gateway-schema.ts';
import type { Sentences } from './draw.ts';

/** What editors say of the keys of gateway.yaml, one sentence each. */

type Shape = { readonly shape: object };
type KeysOf<S extends Shape> = Sentences<keyof S['shape'] & string>;
/** The same of a map below a key, which may be left out. */
type KeysBelow<S extends { unwrap(): Shape }> = KeysOf<ReturnType<S['unwrap']>>;

type Gateway = (typeof gatewaySchema)['shape'];
type Provider = (typeof providerSchema)['shape'];
type SamlProvider = (typeof samlProviderSchema)['shape'];
type App = (typeof gatewayAppSchema)['shape'];

export const GATEWAY: KeysOf<typeof gatewaySchema> = {
  version: 'The version of this language: 1.',
  listen: 'Where the gateway listens.',
  trusted_proxies: 'Networks of the proxies in front whose X-Forwarded-* are believed; nobody where there is none.',
  secrets: `What session cookies are sealed with, newest first, at least 32 random bytes each: "\${env:NAME}".`,
  session: 'How long people stay signed in.',
  assertion: 'Keys that sign what apps are told of the person.',
  attempts: 'How often a signed-in person may be sent to the provider, and fail there.',
  ledger: 'Where revocations and attempts are kept: memory (one process), or sqlite: and a file.',
  policies: 'The file of the security team, relative to this one.',
  cookie: 'How the cookies of the gateway are named.',
  providers: 'Identity providers by name.',
  apps: 'Where each app is reached and what stands behind it, by the name that policies.yaml has for it.',
};

export const LISTEN: KeysBelow<Gateway['listen']> = {
  host: 'The address to listen on; 0.0.0.0 where there is none.',
  port: 'The port to listen on, 0 for any free one; 8080 where there is none.',
};

export const SESSION: KeysBelow<Gateway['session']> = {
  lifetime: 'From one sign-in to the next, which no step-up prolongs; 12h where there is none.',
  idle: 'Without a request for that long the person signs in again; 1h where there is none.',
};

export const ASSERTION: KeysBelow<Gateway['assertion']> = {
  key: 'The file with the key that signs; one that the ledger keeps where there is none.',
  next_key: 'The file with the key that will sign: published, and not used yet.',
};

export const ATTEMPTS: KeysBelow<Gateway['attempts']> = {
  starts: 'How many trips within the window; 10 where there is none.',
  failures: 'How many failed trips within the window; 5 where there is none.',
  window: 'How far back is counted; 10m where there is none.',
};

export const COOKIE: KeysBelow<Gateway['cookie']> = {
  prefix: 'What their names start with; stepgate where there is none.',
};

const ACCEPTANCE = {
  note: 'For those who read the file.',
  accept: 'Lints, by their ids, that were looked at and are meant; wants a note.',
};

export const PROVIDER: KeysOf<typeof providerSchema> = {
  type: 'The protocol: oidc or saml.',
  issuer: 'What the provider calls itself, character for character.',
  client_id: 'What the provider calls us.',
  client_secret: `What we show it, best as "\${env:NAME}" or "\${file:path}"; not with private_key_jwt.`,
  client_auth: 'How we show that we are the client; client_secret_basic where there is none.',
  key: 'With private_key_jwt: the private key we sign with.',
  next_key: 'With private_key_jwt: the key that will follow, published and not used yet.',
  levels: 'What proves which level, by the name of the level.',
  unmarked: 'The level that a sign-in is worth for which no entry of `levels` holds; nothing where there is none.',
  ask: 'How a level is asked for; by what discovery says of the provider where there is none.',
  par: 'Pushed authorization requests (RFC 9126): auto where the provider has them, require, or off.',
  userinfo: 'Whether name, email and groups that the ID token lacks are asked for at the userinfo endpoint.',
  login_hint: 'The claim sent back as login_hint when a signed-in person is asked again, or false for none.',
  logout: 'provider: signing out here also leads to the sign-out of the provider.',
  scopes: 'Scopes that are asked for; openid, profile and email where there is none.',
  claims: 'The claims of the ID token that say who somebody is.',
  id_token_alg: 'The algorithm of ID tokens; every other one is refused.',
  clock_tolerance: 'For exp, nbf and iat, at most 10m; it never makes a proof younger.',
  timeout: 'For every request to the provider: from 1s to 1m.',
  ...ACCEPTANCE,
};

export const CLAIMS: KeysBelow<Provider['claims']> = {
  email: 'The claim with the address; it counts with email_verified alone.',
  name: 'The claim with the name.',
  groups: 'The claim with the groups; nobody has any where there is none.',
};

export const PROOF: KeysOf<typeof levelProof> = {
  acr: 'The acr is this, or one of these; they are asked for too.',
  acrs: 'The claim acrs has one of these (authentication contexts of Entra ID).',
  amr_all: 'The amr has all of these.',
  amr_any: 'The amr has one of these.',
  claim: 'Claims, each with the value it must have.',
};

export const SAML_PROVIDER: KeysOf<typeof samlProviderSchema> = {
  type: PROVIDER.type,
  metadata: 'The metadata of the provider: an https URL, or a file.',
  metadata_cert: 'The file with the certificate that must have signed them; by nobody where there is none.',
  issuer: 'The entityID of the provider, character for character; whatever its metadata say where there is none.',
  entity_id: 'What we call ourselves: a URI.',
  levels: PROVIDER.levels,
  unmarked: PROVIDER.unmarked,
  signed: 'What the provider must have signed: the response, the assertion, or both.',
  sign: 'Our keys for requests; they are not signed where there are none.',
  decrypt: 'Our keys for encrypted assertions; none is taken where there are none.',
  subject: 'Who the person is: name_id, or attribute and its name.',
  name_id_format: 'What kind of NameID is asked for; persistent where there is none.',
  comparison: 'How the requested classes are compared by the provider; what counts is what comes back.',
  claims: 'The attributes that say who somebody is.',
  allow_legacy_encryption_cbc: 'true: assertions may be encrypted by AES-CBC, which notices no changes.',
  logout: PROVIDER.logout,
  logout_scope: 'What a sign-out ends: the session that the provider names, or all that the person has from it.',
  clock_tolerance: 'For every time in an answer, at most 10m; it never makes a proof younger.',
  timeout: 'For fetching its metadata: from 1s to 1m.',
  ...ACCEPTANCE,
};

export const KEY_PAIR: KeysOf<typeof keyPairSchema> = {
  key: 'The file with the private key: RSA of at least 2048 bits, as PEM.',
  cert: 'The file with its certificate, as PEM.',
  next_key: 'The key that will follow: published, and not used yet.',
  next_cert: 'Its certificate.',
};

export const SAML_CLAIMS: KeysBelow<SamlProvider['claims']> = {
  email: 'The attribute with the address; none is known where there is none.',
  name: 'The attribute with the name; none is known where there is none.',
  groups: 'The attribute with the groups; nobody has any where there is none.',
};

export const SAML_PROOF: KeysOf<typeof samlLevelProof> = {
  class_ref: 'The authentication context class is this, or one of these; they are asked for too.',
  attribute: 'Attributes, each with a value that it must have.',
};

export const APP: KeysOf<typeof gatewayAppSchema> = {
  origins: 'Where people reach the app, with scheme: https://payroll.example.com.',
  path: 'Its mount; several apps may share an origin.',
  upstream: 'Scheme, host and port of the application.',
  provider: 'The name of the provider that its people sign in at.',
  groups: 'The groups of a person that the app is told; "*" stands for any characters.',
  background: 'Patterns of paths whose requests are no activity of a person.',
  paths: 'How the application reads paths, where that is out of the ordinary: then every reading is judged.',
  timeouts: 'How long the application may take.',
  ...ACCEPTANCE,
};

export const PATHS: KeysBelow<App['paths']> = {
  encoded_slash: 'allow: %2F is judged both as a letter and as a separator.',
  double_slash: 'merge: // becomes / before it is judged and forwarded.',
  parameters: 'allow: ;name=value is judged with and without; jsessionid: only that one.',
  windows: 'true: case is folded; trailing dots and spaces, ~1 and ":" are refused.',
};

export const TIMEOUTS: KeysBelow<App['timeouts']> = {
  connect: 'Until it takes the connection; 5s where there is none.',
  headers: 'Until its answer begins; 60s where there is none.',
  idle: 'Between two pieces of its answer; 5m where there is none.',
};
