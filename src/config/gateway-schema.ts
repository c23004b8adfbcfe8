import { z } from 'zod';
import { parseIssuer, parseListenHost, parseNetwork, parsePublicOrigin, parseUpstream } from './addresses.ts';
import { COOKIE_PREFIX } from './names.ts';
import type { Wrong } from './problems.ts';
import { parseIdpEntityId, parseMetadataPlace, parseOwnEntityId } from './saml-names.ts';
import {
  acceptance,
  durationWithin,
  listOf,
  oneOrMore,
  parsed,
  scalar,
  strict,
  text,
  textOrFalse,
  writtenAs,
} from './shape.ts';
import { CLIENT_AUTHS, ID_TOKEN_ALGORITHMS, SAML_SIGNED } from './world.ts';

/** The shapes of gateway.yaml, one strict map per thing. What several things must agree on is checked by the compiler. */

const DAY = 86_400;

const port = z.int().check((context) => {
  if (context.value >= 0 && context.value <= 65_535) return;
  const issue = { message: 'a port is a number from 0 (any free one) to 65535', params: { id: 'bad-port' } };
  context.issues.push({ code: 'custom', ...issue, input: context.value });
});

const limit = z.int().check((context) => {
  if (context.value >= 1 && context.value <= 1000) return;
  const issue = { message: 'this must be from 1 to 1000', params: { id: 'wrong-value' } };
  context.issues.push({ code: 'custom', ...issue, input: context.value });
});

const prefix = parsed((written): string | Wrong =>
  COOKIE_PREFIX.test(written)
    ? written
    : { wrong: 'bad-name', message: `"${written}" cannot start a cookie's name`, hint: 'a letter, then a-z and 0-9' },
);

const ledger = parsed((written): string | Wrong => {
  if (written === 'memory' || /^sqlite:./.test(written)) return written;
  return { wrong: 'bad-ledger', message: `"${written}" is not a ledger`, hint: 'memory, or sqlite:data/ledger.db' };
});

/** Everything in gateway.yaml but secrets, providers and apps, which are read one by one. */
export const gatewaySchema = strict({
  version: z.literal(1),
  listen: strict({
    host: parsed(parseListenHost).default('0.0.0.0'),
    port: port.default(8080),
  }).prefault({}),
  trusted_proxies: z.array(parsed(parseNetwork)).default([]),
  secrets: listOf(z.string()),
  session: strict({
    lifetime: durationWithin(60, 365 * DAY, 'from a minute to a year').default(12 * 3600),
    idle: durationWithin(60, 365 * DAY, 'from a minute to a year').default(3600),
  }).prefault({}),
  assertion: strict({ key: text.optional(), next_key: text.optional() }).prefault({}),
  attempts: strict({
    starts: limit.default(10),
    failures: limit.default(5),
    window: durationWithin(60, DAY, 'from a minute to a day').default(600),
  }).prefault({}),
  ledger: ledger.default('sqlite:data/ledger.db'),
  policies: text.default('policies.yaml'),
  cookie: strict({ prefix: prefix.default('stepgate') }).prefault({}),
  providers: z.record(z.string(), z.unknown()),
  apps: z.record(z.string(), z.unknown()),
});

export type GatewayEntry = z.output<typeof gatewaySchema>;

/** scope-token (RFC 6749 3.3). */
const scope = parsed((written): string | Wrong =>
  /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(written)
    ? written
    : { wrong: 'bad-scope', message: `"${written}" is not a scope` },
);

/**
 * `acr_values` separates by spaces and challenges quote the value (RFC 9470 3), so neither spaces nor quotes fit. "0"
 * says that the provider has no confidence at all (OpenID Connect Core 2).
 */
const acr = parsed((written): string | Wrong => {
  if (written === '0')
    return { wrong: 'bad-acr', message: 'an acr of "0" never proves a level: it means no confidence' };
  if (/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(written)) return written;
  return { wrong: 'bad-acr', message: `"${written}" is not an acr`, hint: 'printable ASCII without spaces and quotes' };
});

/** What proves a level: all that is written here must hold. */
export const levelProof = strict({
  acr: oneOrMore(acr).optional(),
  acrs: oneOrMore(text).optional(),
  amr_all: oneOrMore(text).optional(),
  amr_any: oneOrMore(text).optional(),
  claim: z.record(z.string(), scalar).optional(),
});

export type LevelProofEntry = z.output<typeof levelProof>;

export const providerSchema = strict({
  type: z.literal('oidc'),
  issuer: parsed(parseIssuer),
  client_id: text,
  client_secret: z.string().optional(),
  client_auth: z.enum(CLIENT_AUTHS).default('client_secret_basic'),
  key: text.optional(),
  next_key: text.optional(),
  levels: z.record(z.string(), levelProof).default({}),
  unmarked: text.optional(),
  ask: z.enum(['claims', 'acr_values', 'both', 'none']).optional(),
  par: z.enum(['auto', 'require', 'off']).default('auto'),
  userinfo: z.boolean().default(false),
  login_hint: textOrFalse.default('preferred_username'),
  logout: z.enum(['local', 'provider']).default('local'),
  scopes: listOf(scope).default(['openid', 'profile', 'email']),
  claims: strict({
    email: text.default('email'),
    name: text.default('name'),
    groups: text.optional(),
  }).prefault({}),
  id_token_alg: z.enum(ID_TOKEN_ALGORITHMS).default('RS256'),
  clock_tolerance: durationWithin(0, 600, 'at most ten minutes').default(60),
  timeout: durationWithin(1, 60, 'from a second to a minute').default(5),
  ...acceptance,
});

export type ProviderEntry = z.output<typeof providerSchema>;

/** Compared by characters with what comes back, and asked for as it is written: mostly a URI, at some providers any word. */
const classRef = parsed((written): string | Wrong => {
  const id = 'bad-class-ref';
  if (written === 'urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified') {
    const message = 'a class that says nothing proves no level';
    return { wrong: id, message, hint: 'what a sign-in without a known class is worth is said by "unmarked"' };
  }
  if (/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(written)) return written;
  return { wrong: id, message: `"${written}" is not a class`, hint: 'such as https://refeds.org/profile/mfa' };
});

/** What proves a level at a SAML provider: all that is written here must hold. */
export const samlLevelProof = strict({
  class_ref: oneOrMore(classRef).optional(),
  attribute: z.record(z.string(), text).optional(),
});

/** A private key and its certificate, and those that will follow. */
export const keyPairSchema = strict({ key: text, cert: text, next_key: text.optional(), next_cert: text.optional() });

export type KeyPairEntry = z.output<typeof keyPairSchema>;

/** Who a person is, at a SAML provider: the attribute of that name, or null for the NameID. */
const subject = writtenAs(
  parsed((written): { readonly attribute: string | null } | Wrong => {
    if (written === 'name_id') return { attribute: null };
    const [, attribute] = /^attribute +(\S.*)$/.exec(written) ?? [];
    if (attribute !== undefined) return { attribute };
    const message =
      written.trim() === 'attribute' ? 'the attribute has no name' : `"${written}" says neither of what it can`;
    return { wrong: 'bad-subject', message, hint: 'write name_id, or attribute and its name: attribute uid' };
  }),
  z
    .string()
    .regex(/^(?:name_id|attribute +\S.*)$/)
    .meta({ errorMessage: 'name_id, or attribute and its name' }),
);

export const samlProviderSchema = strict({
  type: z.literal('saml'),
  metadata: parsed(parseMetadataPlace),
  metadata_cert: text.optional(),
  issuer: parsed(parseIdpEntityId).optional(),
  entity_id: parsed(parseOwnEntityId),
  levels: z.record(z.string(), samlLevelProof).default({}),
  unmarked: text.optional(),
  signed: z.enum(SAML_SIGNED).default('both'),
  sign: keyPairSchema.optional(),
  decrypt: keyPairSchema.optional(),
  subject: subject.prefault('name_id'),
  name_id_format: z.enum(['persistent', 'email', 'transient', 'unspecified', 'any']).default('persistent'),
  comparison: z.enum(['exact', 'minimum']).default('exact'),
  claims: strict({ email: text.optional(), name: text.optional(), groups: text.optional() }).prefault({}),
  allow_legacy_encryption_cbc: z.boolean().default(false),
  logout: z.enum(['local', 'provider']).default('local'),
  logout_scope: z.enum(['session', 'person']).default('session'),
  clock_tolerance: durationWithin(0, 600, 'at most ten minutes').default(60),
  timeout: durationWithin(1, 60, 'from a second to a minute').default(5),
  ...acceptance,
});

export type SamlProviderEntry = z.output<typeof samlProviderSchema>;

const wait = durationWithin(1, DAY, 'from a second to a day');

export const gatewayAppSchema = strict({
  origins: listOf(parsed(parsePublicOrigin)),
  path: text.default('/'),
  upstream: parsed(parseUpstream),
  provider: z.string({ error: (issue) => (Array.isArray(issue.input) ? 'name one provider' : undefined) }),
  groups: z.array(text).default([]),
  background: z.array(text).default([]),
  paths: strict({
    encoded_slash: z.enum(['refuse', 'allow']).default('refuse'),
    double_slash: z.enum(['refuse', 'merge']).default('refuse'),
    parameters: z.enum(['refuse', 'jsessionid', 'allow']).default('refuse'),
    windows: z.boolean().default(false),
  }).prefault({}),
  timeouts: strict({
    connect: wait.default(5),
    headers: wait.default(60),
    idle: wait.default(300),
  }).prefault({}),
  ...acceptance,
});

export type GatewayAppEntry = z.output<typeof gatewayAppSchema>;
