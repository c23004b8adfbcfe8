import { z } from 'zod';
import { parseAddress } from '../addresses.ts';
import { duration, instant, parsed, strict, text, writtenAs } from '../shape.ts';

/** The shapes of `given` and `tests`. What they must agree on with the rest is checked where they are compiled. */

/** A list, which may be empty, or the only item of one. */
const texts = writtenAs(
  z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(text)),
  z.union([z.string().min(1), z.array(z.string().min(1))]),
);

const user = strict({
  subject: text.optional(),
  provider: text.optional(),
  /** Empty: the provider verified none. */
  email: z.string().optional(),
  /** Empty: the provider told none. */
  name: z.string().optional(),
  groups: texts.optional(),
  claims: z.record(z.string(), texts).optional(),
});

/** What of a request does not depend on what it asks for. */
const circumstances = {
  client: strict({ ip: parsed(parseAddress).optional(), user_agent: z.string().optional() }).optional(),
  user: user.optional(),
  headers: z.record(z.string(), z.string()).optional(),
  at: instant.optional(),
};

/** What every test starts from. */
export const givenSchema = strict(circumstances);

export const testSchema = strict({
  name: text.optional(),
  /** Required in policies.yaml, implied in the file of an app. */
  app: text.optional(),
  request: text,
  ...circumstances,
  /** Absent: nobody is signed in. */
  session: z.record(z.string(), duration).optional(),
  signed_in: duration.optional(),
  expect: text,
});

export type GivenEntry = z.output<typeof givenSchema>;
export type TestEntry = z.output<typeof testSchema>;
