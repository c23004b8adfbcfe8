import { gatewayAppSchema, gatewaySchema, levelProof, providerSchema } from '../gateway-schema.ts';
import { COOKIE_PREFIX, NAME, PROVIDER as PROVIDER_NAME } from '../names.ts';
import { byName, drawMap, matching } from './draw.ts';
import {
  APP,
  ASSERTION,
  ATTEMPTS,
  CLAIMS,
  COOKIE,
  GATEWAY,
  LISTEN,
  PATHS,
  PROOF,
  PROVIDER,
  SESSION,
  TIMEOUTS,
} from './gateway-sentences.ts';

/** The schema of gateway.yaml, put together from those that its parts are read with. */

const NAME_HINT = 'up to 64 of a-z, 0-9, "_" and "-", the first a letter or digit';
const PROVIDER_HINT = 'a letter, then up to 31 of a-z and 0-9';
const PREFIX_HINT = 'a letter, then a-z and 0-9';

const { listen, session, assertion, attempts, cookie } = gatewaySchema.shape;

const provider = drawMap(providerSchema, PROVIDER, {
  levels: byName(NAME, NAME_HINT, drawMap(levelProof, PROOF)),
  unmarked: matching(NAME, NAME_HINT),
  claims: drawMap(providerSchema.shape.claims.unwrap(), CLAIMS),
});

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
