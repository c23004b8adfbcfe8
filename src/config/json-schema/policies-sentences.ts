import type {
  appFileSchema,
  exceptionSchema,
  floorSchema,
  levelSchema,
  networkSchema,
  policiesSchema,
  policyAppSchema,
  ruleSchema,
} from '../policies-schema.ts';
import type { givenSchema, testSchema } from '../policy-tests/test-schema.ts';
import type { Sentences } from './draw.ts';

/** What editors say of the keys of policies.yaml, one sentence each. */

type Shape = { readonly shape: object };
type KeysOf<S extends Shape> = Sentences<keyof S['shape'] & string>;
/** The same of a map below a key, which may be left out. */
type KeysBelow<S extends { unwrap(): Shape }> = KeysOf<ReturnType<S['unwrap']>>;

const DEMAND = {
  require: 'The level that must be proven.',
  comparison: 'How the level of a proof is compared with `require`: minimum where nothing is said.',
  max_age: 'The proof must be younger than this, even if the level is still valid: 90s, 15m, 1h30m.',
  since: 'The proof must be given later than this moment: "2026-11-22T14:05:00Z".',
};

const CRITERIA = {
  path: 'Patterns of the path in the address bar, the mount of the app included; every path where there is none.',
  methods:
    'read (GET and HEAD), write (all but GET, HEAD and OPTIONS), or methods by name; every one where there is none.',
  query: 'Parameters of the query and the value each must have, or several of which any will do.',
  param: 'The same for parameters that may stand in the query or in the body.',
  when: 'A condition (CEL), or the name of one: which requests this is about.',
};

const REMARKS = {
  mode: 'report: found out and recorded, then passed over; off: checked, and otherwise not there.',
  message: 'What a person who is asked reads: a text in English, or one for each language.',
  note: 'For those who read this file, and for the audit.',
  accept: 'Ids of lints of `stepgate check` that are accepted here; a note says why.',
};

export const POLICIES: KeysOf<typeof policiesSchema> = {
  version: 'The version of this language: 1.',
  levels: 'The levels of assurance, weakest first: the order of this list is the contract.',
  networks: 'Networks by the name that conditions use: network.office.',
  conditions: 'Conditions (CEL) by name, for every `when` and `only`.',
  default: 'The demand of apps that state no `require` of their own; without it their unmatched paths are denied.',
  floors: 'Demands over those of the apps: each that matches is added, and none can be lowered by anyone.',
  apps: 'What each app demands, by the name that gateway.yaml has for it.',
  given: 'What every test starts from, merged with it key by key.',
  tests:
    'Requests and what must come of them: run by `stepgate test` and by every reload, which a failing one refuses.',
};

export const LEVEL: KeysOf<typeof levelSchema> = {
  name: 'How everything else names this level.',
  label: 'What people read; the name where there is none.',
  validity:
    'How long a proof counts for this level, by the time of authentication that the provider tells: 15m, 8h, 7d.',
  above: 'The levels this one stands above, for a tree: once one level says so, every later one must.',
  message: 'What a person who is asked for this level reads: a text in English, or one for each language.',
};

export const DEFAULT: Sentences<keyof typeof DEMAND> = {
  ...DEMAND,
  require: 'The level that must be proven to apps that state none.',
};

export const NETWORK: KeysOf<typeof networkSchema> = {
  ranges: 'Its addresses and ranges: 192.0.2.0/24, "2001:db8::/32".',
};

export const FLOOR: KeysOf<typeof floorSchema> = {
  id: 'How this floor is named elsewhere, as floor/ID; unique among floors.',
  apps: 'The apps it lies over; all of them where there is none.',
  ...CRITERIA,
  except: 'Parts of apps it does not lie over.',
  ...DEMAND,
  deny: 'true: closed for everybody, whatever they prove.',
  ...REMARKS,
};

export const EXCEPTION: KeysOf<typeof exceptionSchema> = {
  app: 'The app, or several; every app the floor lies over where there is none.',
  path: CRITERIA.path,
  methods: CRITERIA.methods,
};

export const APP: KeysOf<typeof policyAppSchema> = {
  ...DEMAND,
  require: 'The level that every path of the app demands but those of public rules; else what `default` says.',
  only: 'A condition (CEL), or the name of one: who may use the app at all.',
  rules: 'The rules: the first that matches decides, from top to bottom.',
  file: 'The file with the rules, conditions and tests of this app, relative to this one.',
  owner: 'Who looks after the app.',
  note: REMARKS.note,
  accept: REMARKS.accept,
};

export const APP_FILE: KeysOf<typeof appFileSchema> = {
  conditions: 'Conditions (CEL) by name, for this app alone.',
  rules: APP.rules,
  tests: 'Tests of this app, run with those of policies.yaml.',
};

export const RULE: KeysOf<typeof ruleSchema> = {
  id: 'How this rule is named elsewhere, as APP/ID; unique within the app.',
  ...CRITERIA,
  only: 'A condition (CEL), or the name of one: who may, of those whose requests this rule is about.',
  ...DEMAND,
  one_time: 'true: this very request needs a step-up of its own, which is used once.',
  public:
    'true: nobody is asked who they are, and no name is told to the app; known: whoever is signed in is told to it.',
  deny: 'true: closed for everybody, whatever they prove.',
  ...REMARKS,
};

export const GIVEN: KeysOf<typeof givenSchema> = {
  client: 'Who sends the requests.',
  user: 'Who is signed in, as far as conditions ask; a test says with `session` that somebody is.',
  headers: 'Fields of the requests, by their names.',
  at: 'When the requests come: "2026-11-22T14:05:00Z".',
};

export const CLIENT: KeysBelow<(typeof givenSchema)['shape']['client']> = {
  ip: 'The address they come from.',
  user_agent: 'What the browser calls itself.',
};

export const USER: KeysBelow<(typeof givenSchema)['shape']['user']> = {
  subject: 'How the provider identifies them.',
  provider: 'The provider they signed in at; the one of the app where there is none.',
  email: 'Their verified address; "" for none.',
  name: 'Their name; "" for none.',
  groups: 'Their groups; [] for none.',
  claims: 'Claims of theirs, each with its value or values.',
};

export const TEST: KeysOf<typeof testSchema> = {
  name: 'What the test shows; the request where there is none.',
  app: 'The app it is about; in the file of an app always that one.',
  request: 'Method and path: POST /runs/7/approve.',
  ...GIVEN,
  session:
    'What was proven and how long ago, by the name of the level: {mfa: 10m}; nobody is signed in where there is none.',
  signed_in: 'How long ago they signed in.',
  expect: 'allow, public, challenge [level] [why] or deny [why].',
};
