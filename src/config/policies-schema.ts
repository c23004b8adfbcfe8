import { z } from 'zod';
import { duration, durationWithin, oneOrMore, strict, text } from './shape.ts';

/** The shapes of policies.yaml, one strict map per thing. What several things must agree on is checked by the compiler. */

const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/;

/** Language tag -> sentence; a plain text is English. */
const message = z.preprocess(
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
);

/** `public: false` and `deny: false` would say nothing, and be read as something. */
const yes = z.literal(true, { error: () => 'leave the key out, or write true' });

export const policiesSchema = strict({
  version: z.literal(1),
  levels: z.array(z.unknown()),
  default: strict({ require: text }).optional(),
  apps: z.record(z.string(), z.unknown()),
});

export const levelSchema = strict({
  name: text,
  label: text.optional(),
  validity: durationWithin(1, Infinity, 'longer than 0s'),
  message: message.optional(),
});

export const policyAppSchema = strict({
  require: text.optional(),
  rules: z.array(z.unknown()).optional(),
});

export const ruleSchema = strict({
  id: text,
  path: oneOrMore(text).optional(),
  methods: oneOrMore(text).optional(),
  require: text.optional(),
  max_age: duration.optional(),
  public: yes.optional(),
  deny: yes.optional(),
  note: text.optional(),
});

export type RuleEntry = z.output<typeof ruleSchema>;
