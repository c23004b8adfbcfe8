import { z } from 'zod';
import { COMPARISONS } from '../core/demand.ts';
import { parseNetwork } from './addresses.ts';
import {
  acceptance,
  duration,
  durationWithin,
  instant,
  listOf,
  oneOrMore,
  parsed,
  strict,
  text,
  writtenAs,
} from './shape.ts';

/** The shapes of policies.yaml, one strict map per thing. What several things must agree on is checked by the compiler. */

const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/;

/** Language tag -> sentence; a plain text is English. */
const message = writtenAs(
  z.preprocess(
    (value) => (typeof value === 'string' ? { en: value } : value),
    z.record(z.string(), z.string()).check((context) => {
      const tags = Object.keys(context.value);
      const wrong = tags.find((tag) => !LANGUAGE.test(tag));
      const problem =
        tags.length === 0
          ? 'a message needs a text, or one for each language'
          : wrong === undefined
            ? null
            : `"${wrong}" is not a language tag, such as en or de-CH`;
      if (problem === null) return;
      context.issues.push({ code: 'custom', message: problem, params: { id: 'wrong-value' }, input: context.value });
    }),
  ),
  z.union([
    z.string().meta({ title: 'in English' }),
    z.record(z.string().regex(LANGUAGE), z.string()).meta({ title: 'by language' }),
  ]),
);

/** `public: false` and `deny: false` would say nothing, and be read as something. */
const yes = z.literal(true, { error: () => 'leave the key out, or write true' });

/** A condition, or the name of one. It may take several lines. */
const condition = z.string();

/** Parameter -> its value, or several of which any will do. */
const parameters = z.record(z.string(), oneOrMore(z.string()));

/** What one demand is made of, wherever it stands. */
const demand = {
  require: text.optional(),
  comparison: z.enum(COMPARISONS).optional(),
  max_age: duration.optional(),
  since: instant.optional(),
};

/** What a request must fit for a rule or floor to be about it. */
const criteria = {
  path: oneOrMore(text).optional(),
  methods: oneOrMore(text).optional(),
  query: parameters.optional(),
  param: parameters.optional(),
  when: condition.optional(),
};

/** What is said of a rule or floor beside what it does. */
const remarks = {
  mode: z.enum(['report', 'off']).optional(),
  message: message.optional(),
  ...acceptance,
};

export const policiesSchema = strict({
  version: z.literal(1),
  levels: z.array(z.unknown()),
  networks: z.record(z.string(), z.unknown()).optional(),
  conditions: z.record(z.string(), condition).optional(),
  default: strict(demand).extend({ require: text }).optional(),
  floors: z.array(z.unknown()).optional(),
  apps: z.record(z.string(), z.unknown()),
  given: z.unknown().optional(),
  tests: z.array(z.unknown()).optional(),
});

export const levelSchema = strict({
  name: text,
  label: text.optional(),
  validity: durationWithin(1, Infinity, 'longer than 0s'),
  above: z.array(text).optional(),
  message: message.optional(),
});

/** A network that is written out; a list of its ranges alone will do too. */
export const networkSchema = strict({ ranges: listOf(parsed(parseNetwork)) });

export const floorSchema = strict({
  id: text,
  apps: oneOrMore(text).optional(),
  ...criteria,
  except: z.array(z.unknown()).optional(),
  ...demand,
  deny: yes.optional(),
  ...remarks,
});

export const exceptionSchema = strict({
  app: oneOrMore(text).optional(),
  path: oneOrMore(text).optional(),
  methods: oneOrMore(text).optional(),
});

export const policyAppSchema = strict({
  ...demand,
  only: condition.optional(),
  rules: z.array(z.unknown()).optional(),
  file: text.optional(),
  owner: text.optional(),
  ...acceptance,
});

/** What of an app stands in a file of its own, where policies.yaml names one. */
export const appFileSchema = strict({
  conditions: z.record(z.string(), condition).optional(),
  rules: z.array(z.unknown()).optional(),
  tests: z.array(z.unknown()).optional(),
});

export const ruleSchema = strict({
  id: text,
  ...criteria,
  only: condition.optional(),
  ...demand,
  one_time: yes.optional(),
  public: z.literal([true, 'known'], { error: () => 'leave the key out, or write true or known' }).optional(),
  deny: yes.optional(),
  ...remarks,
});

export type RuleEntry = z.output<typeof ruleSchema>;
export type FloorEntry = z.output<typeof floorSchema>;
export type CriteriaEntry = Pick<RuleEntry, keyof typeof criteria>;
export type DemandEntry = Pick<RuleEntry, keyof typeof demand>;
