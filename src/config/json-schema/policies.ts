import { NAME, WORD } from '../names.ts';
import {
  appFileSchema,
  exceptionSchema,
  floorSchema,
  levelSchema,
  networkSchema,
  policiesSchema,
  policyAppSchema,
  ruleSchema,
} from '../policies-schema.ts';
import { givenSchema, testSchema } from '../policy-tests/test-schema.ts';
import { duration } from '../shape.ts';
import { byName, draw, drawMap, excluding, type JsonSchema, listOf, matching, needing, oneOrMore } from './draw.ts';
import {
  APP,
  APP_FILE,
  CLIENT,
  DEFAULT,
  EXCEPTION,
  FLOOR,
  GIVEN,
  LEVEL,
  NETWORK,
  POLICIES,
  RULE,
  TEST,
  USER,
} from './policies-sentences.ts';

/** The schemas of policies.yaml and of an app's own file, put together from those that their parts are read with. */

const NAME_HINT = 'up to 64 of a-z, 0-9, "_" and "-", the first a letter or digit';
const WORD_HINT = 'up to 64 of A-Z, a-z, 0-9 and "_", the first no digit';

const name = matching(NAME, NAME_HINT);
const condition: JsonSchema = { type: 'string', minLength: 1 };
const conditions = byName(WORD, WORD_HINT, condition);

/** Words are offered, and any other method is taken but HEAD, which is judged as GET. */
const methods = oneOrMore({
  anyOf: [
    { enum: ['read', 'write', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] },
    matching(/^(?!HEAD$)[A-Z][A-Z-]*$/, 'write read, write, or a method in capitals; HEAD is judged as GET'),
  ],
});

/** As the loader reads patterns: what it says of each in words is found by `stepgate check`. */
const path = oneOrMore(matching(/^\/[^?#\\;]*$/, 'a path starts with "/", and has no "?", "#", "\\" or ";"'));

const demand = { require: name };
const criteria = { path, methods, when: condition };

const level = drawMap(levelSchema, LEVEL, { name, above: listOf(name) });

const rule = alternatives(
  withTerms(drawMap(ruleSchema, RULE, { id: name, ...criteria, only: condition, ...demand }), 'one_time'),
  { public: ['require', 'deny', 'only'], deny: ['require', 'public', 'only'] },
);

const exception = drawMap(exceptionSchema, EXCEPTION, { app: oneOrMore(name), path, methods });

const floor = alternatives(
  withTerms(
    drawMap(floorSchema, FLOOR, {
      id: name,
      apps: oneOrMore(name),
      ...criteria,
      except: listOf(exception),
      ...demand,
    }),
  ),
  { deny: ['require'] },
);

const network: JsonSchema = {
  anyOf: [{ title: 'its ranges', ...draw(networkSchema.shape.ranges) }, drawMap(networkSchema, NETWORK)],
};

const app = alternatives(
  withTerms(drawMap(policyAppSchema, APP, { ...demand, only: condition, rules: listOf(rule) })),
  { file: ['rules'] },
);

const circumstances = {
  client: drawMap(givenSchema.shape.client.unwrap(), CLIENT),
  user: drawMap(givenSchema.shape.user.unwrap(), USER),
};

const EXPECT_HINT = 'allow, public, challenge [level] [why] or deny [why]';

/** In the file of an app nobody needs to say which one a test is about. */
const testInFile = drawMap(testSchema, TEST, {
  ...circumstances,
  app: name,
  request: matching(/^[A-Z-]+ \//, 'a method and a path: POST /runs/7/approve'),
  session: byName(NAME, NAME_HINT, draw(duration)),
  expect: matching(/^\s*(?:allow|public|challenge(?:\s+[a-z0-9_-]+){0,2}|deny(?:\s+[a-z_]+)?)\s*$/, EXPECT_HINT),
});

const test: JsonSchema = { ...testInFile, required: ['app', ...(testInFile.required as readonly string[])] };

export const POLICIES_SCHEMA = drawMap(policiesSchema, POLICIES, {
  levels: { ...listOf(level), minItems: 1 },
  networks: byName(WORD, WORD_HINT, network),
  conditions,
  default: drawMap(policiesSchema.shape.default.unwrap(), DEFAULT, demand),
  floors: listOf(floor),
  apps: byName(NAME, NAME_HINT, app),
  given: drawMap(givenSchema, GIVEN, circumstances),
  tests: listOf(test),
});

export const APP_FILE_SCHEMA = drawMap(appFileSchema, APP_FILE, {
  conditions,
  rules: listOf(rule),
  tests: listOf(testInFile),
});

/** What only means something beside a level that is required. */
function withTerms(map: JsonSchema, ...more: readonly string[]): JsonSchema {
  return ['comparison', 'max_age', 'since', ...more].reduce((known, term) => needing(known, term, 'require'), map);
}

/** Of words that contradict each other the file has one. */
function alternatives(map: JsonSchema, words: Readonly<Record<string, readonly string[]>>): JsonSchema {
  return Object.entries(words).reduce((known, [word, others]) => excluding(known, word, ...others), map);
}
