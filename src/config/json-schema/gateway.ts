import {
  gatewayAppSchema,
  gatewaySchema,
  keyPairSchema,
  levelProof,
  providerSchema,
  samlLevelProof,
  samlProviderSchema,
} from '../gateway-schema.ts';
import { COOKIE_PREFIX, NAME, PROVIDER as PROVIDER_NAME } from '../names.ts';
import { byName, drawMap, type JsonSchema, matching, needing } from './draw.ts';
import {
  APP,
  ASSERTION,
  ATTEMPTS,
  CLAIMS,
  COOKIE,
  GATEWAY,
  KEY_PAIR,
  LISTEN,
  PATHS,
  PROOF,
  PROVIDER,
  SAML_CLAIMS,
  SAML_PROOF,
  SAML_PROVIDER,
  SESSION,
  TIMEOUTS,
} from './gateway-sentences.ts';

/** The schema of gateway.yaml, put together from those that its parts are read with. */

const NAME_HINT = 'up to 64 of a-z, 0-9, "_" and "-", the first a letter or digit';
const PROVIDER_HINT = 'a letter, then up to 31 of a-z and 0-9';
const PREFIX_HINT = 'a letter, then a-z and 0-9';

const { listen, session, assertion, attempts, cookie } = gatewaySchema.shape;

const type: JsonSchema = { enum: ['oidc', 'saml'] };

const oidcProvider = drawMap(providerSchema, PROVIDER, {
  type,
  levels: byName(NAME, NAME_HINT, drawMap(levelProof, PROOF)),
  unmarked: matching(NAME, NAME_HINT),
  claims: drawMap(providerSchema.shape.claims.unwrap(), CLAIMS),
});

const keyPair = needing(needing(drawMap(keyPairSchema, KEY_PAIR), 'next_key', 'next_cert'), 'next_cert', 'next_key');

const samlProvider = drawMap(samlProviderSchema, SAML_PROVIDER, {
  type,
  levels: byName(NAME, NAME_HINT, drawMap(samlLevelProof, SAML_PROOF)),
  unmarked: matching(NAME, NAME_HINT),
  sign: keyPair,
  decrypt: keyPair,
  claims: drawMap(samlProviderSchema.shape.claims.unwrap(), SAML_CLAIMS),
});

/** Which keys a provider has is told by its type. */
const provider: JsonSchema = {
  if: { properties: { type: { const: 'saml' } }, required: ['type'] },
  // biome-ignore lint/suspicious/noThenProperty: the word of JSON Schema
  then: samlProvider,
  else: oidcProvider,
};

const app = drawMap(gatewayAppSchema, APP, {
  paths: drawMap(gatewayAppSchema.shape.paths.unwrap(), PATHS),
  timeouts: drawMap(gatewayAppSchema.shape.timeouts.unwrap(), TIMEOUTS),
});

export const GATEWAY_SCHEMA = drawMap(gatewaySchema, GATEWAY, {
  listen: drawMap(listen.unwrap(), LISTEN),
  session: drawMap(session.unwrap(), SESSION),
  assertion: drawMap(assertion.unwrap(), ASSERTION),
  attempts: drawMap(attempts.unwrap(), ATTEMPTS),
  cookie: drawMap(cookie.unwrap(), COOKIE, { prefix: matching(COOKIE_PREFIX, PREFIX_HINT) }),
  providers: byName(PROVIDER_NAME, PROVIDER_HINT, provider),
  apps: byName(NAME, NAME_HINT, app),
});
