import { z } from 'zod';
import { DURATION, DURATION_EXAMPLES, parseDuration } from './durations.ts';
import type { Findings } from './findings.ts';
import { INSTANT_EXAMPLES, parseInstant, RFC3339 } from './instants.ts';
import { suggest } from './nearest.ts';
import { isWrong, type ProblemId, type Wrong } from './problems.ts';
import { below, offsetOf, type Path, valueAt, type Where } from './source-file.ts';
import { quotedLine } from './yaml-conditions.ts';

/** A map that takes exactly these keys. */
export const strict = <S extends z.core.$ZodLooseShape>(shape: S) =>
  z.strictObject(shape, {
    // Whoever reports the unknown keys wants to name the known ones; the message is their only way there.
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : undefined),
  });

const forms = new WeakMap<z.core.$ZodType, z.ZodType>();

/** The same schema, and to editors `form`: for what takes more than they can be told, or makes something else of it. */
export function writtenAs<S extends z.ZodType>(schema: S, form: z.ZodType): S {
  forms.set(schema, form);
  return schema;
}

/** What a file may say where `schema` stands, if that is another schema; one with more checks has the form of the one before. */
export function formOf(schema: z.core.$ZodType): z.ZodType | undefined {
  const { parent } = schema._zod;
  return forms.get(schema) ?? (parent && formOf(parent));
}

/** Text of at least one character, without control characters. */
export const text = writtenAs(
  z.string().check((context) => {
    if (context.value === '') raise(context, { wrong: 'wrong-value', message: 'the text is empty' });
    else if (/[\p{Cc}\u2028\u2029]/u.test(context.value)) {
      raise(context, { wrong: 'wrong-value', message: 'the text has control characters or several lines' });
    }
  }),
  z.string().min(1),
);

/** Text that is read into something else. */
export const parsed = <T>(parse: (text: string) => T | Wrong) =>
  text.transform((written, ctx) => convert(parse, written, ctx));

/** A span of time, in seconds. */
export const duration = writtenAs(
  z.preprocess(
    // A bare number is no duration, and is told so in the same words whether it is quoted or not.
    (value) => (typeof value === 'number' ? String(value) : value),
    z.string().transform((written, ctx) => convert(parseDuration, written, ctx)),
  ),
  z.string().regex(DURATION).meta({ errorMessage: DURATION_EXAMPLES }),
);

/** A moment (RFC 3339 5.6), in seconds. */
export const instant = writtenAs(
  parsed(parseInstant),
  z.string().regex(RFC3339).meta({ errorMessage: INSTANT_EXAMPLES }),
);

/** A text, a number, true or false: what a claim can simply be. */
export const scalar = z.union([text, z.number(), z.boolean()], {
  error: () => 'write one text, number, true or false',
});

/** The name of something, or `false` where there is to be none. */
export const textOrFalse = z.union([text, z.literal(false)], { error: () => 'write a name, or false for none' });

/** A duration between two limits, in seconds. */
export const durationWithin = (least: number, most: number, range: string) =>
  duration.check((context) => {
    const seconds = context.value;
    if (seconds < least || seconds > most) raise(context, { wrong: 'wrong-value', message: `this must be ${range}` });
  });

/** A list, or the only item of one. */
export const oneOrMore = <S extends z.ZodType>(item: S) =>
  writtenAs(
    z.preprocess((value) => (Array.isArray(value) ? value : [value]), listOf(item)),
    z.union([item, z.array(item).min(1).meta({ title: 'a list' })]),
  );

/** A list of at least one item. */
export const listOf = <S extends z.ZodType>(item: S) =>
  writtenAs(
    z.array(item).check((context) => {
      if (context.value.length === 0) raise(context, { wrong: 'nothing-listed', message: 'the list is empty' });
    }),
    z.array(item).min(1),
  );

/** Lints that somebody has looked at and means, and why. */
export const acceptance = { note: text.optional(), accept: oneOrMore(text).optional() };

function convert<T>(parse: (text: string) => T | Wrong, written: string, ctx: z.core.$RefinementCtx): T {
  const result = parse(written);
  if (!isWrong(result)) return result;
  ctx.addIssue({ code: 'custom', message: result.message, params: { id: result.wrong, hint: result.hint } });
  return z.NEVER;
}

function raise(context: z.core.ParsePayload, wrong: Wrong): void {
  const { message, wrong: id, hint } = wrong;
  context.issues.push({ code: 'custom', message, params: { id, hint }, input: context.value });
}

/** Reads the value at a place in one shape. Null after reporting every way in which it does not fit. */
export function readShape<S extends z.ZodType>(schema: S, where: Where, findings: Findings): z.output<S> | null {
  const result = schema.safeParse(valueAt(where));
  if (result.success) return result.data;
  for (const issue of result.error.issues) reportIssue(issue, where, findings);
  return null;
}

/** Where it was written: what takes a list or its only item counts the item as the first of a list. */
function written(place: Where): Where {
  const around = { ...place, path: place.path.slice(0, -1) };
  return place.path.at(-1) === 0 && !Array.isArray(valueAt(around)) ? around : place;
}

function reportIssue(issue: z.core.$ZodIssue, where: Where, findings: Findings): void {
  const place = written(below(where, ...(issue.path as Path)));
  const key = String(place.path.at(-1) ?? 'this');
  const value = valueAt(place);
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const unknown of issue.keys) {
        const where = below(place, unknown);
        // A comma of a condition without quotes ends it for YAML; what follows is no key.
        const hint = quotedLine(where.source, offsetOf(where, true)) ?? suggest(unknown, issue.message.split(' '));
        findings.problemAtKey(where, 'unknown-key', `there is no key "${unknown}" here`, hint);
      }
      return;
    case 'invalid_type':
      if (value === undefined) findings.problem(place, 'missing-key', `"${key}" is missing`);
      else reportType(issue, place, findings);
      return;
    case 'invalid_value': {
      const words = issue.values.map(String);
      if (value === undefined) findings.problem(place, 'missing-key', `"${key}" is missing`, suggest('', words));
      else {
        const message = words.length === 1 ? `this can only be ${words[0]}` : 'this is none of the known words';
        findings.problem(place, 'wrong-value', message, hintOf(issue) ?? suggest(String(value), words));
      }
      return;
    }
    case 'custom': {
      const { id, hint } = issue.params as { id: ProblemId; hint?: string };
      findings.problem(place, id, issue.message, hint);
      return;
    }
    default:
      findings.problem(place, 'wrong-value', 'this value does not fit here', hintOf(issue));
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

function reportType(issue: z.core.$ZodIssueInvalidType, place: Where, findings: Findings): void {
  const value = valueAt(place);
  const found =
    value === null ? 'nothing' : Array.isArray(value) ? 'a list' : (KINDS[typeof value] ?? 'something else');
  const quotable = issue.expected === 'string' && (typeof value === 'number' || typeof value === 'boolean');
  const quoted = issue.expected !== 'string' && typeof value === 'string' && /^(?:\d+|true|false)$/.test(value);
  const condition = issue.expected === 'string' ? quotedLine(place.source, offsetOf(place, false)) : undefined;
  const hint =
    condition ?? hintOf(issue) ?? (quotable ? 'put it in quotes' : quoted ? 'leave out the quotes' : undefined);
  findings.problem(
    place,
    'wrong-type',
    `${KINDS[issue.expected] ?? 'another value'} is expected here, not ${found}`,
    hint,
  );
}

/** A schema's own message is a hint; zod's are not passed on. */
const hintOf = (issue: z.core.$ZodIssue): string | undefined =>
  issue.message.startsWith('Invalid ') ? undefined : issue.message;
