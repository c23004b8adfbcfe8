import { z } from 'zod';
import { formOf } from '../shape.ts';

/**
 * A JSON Schema of draft 7, which every editor's YAML support reads, with the words that they add to it
 * (`errorMessage`).
 */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A sentence for each key of a map, which editors show beside it. */
export type Sentences<K extends string> = Readonly<Record<K, string>>;

/** Draws the schema that a file is loaded with as editors need it: as it is written, not as it is read. */
export function draw(schema: z.core.$ZodType): JsonSchema {
  const { $schema: _, ...drawn } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const form = formOf(zodSchema);
      if (form === undefined) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      Object.assign(jsonSchema, draw(form));
    },
  });
  return drawn;
}

/**
 * Draws a strict map with a sentence for each of its keys.
 *
 * @param parts - what stands below keys whose values are read one by one, with schemas of their own
 */
export function drawMap<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  sentences: Sentences<keyof S & string>,
  parts: Partial<Readonly<Record<keyof S & string, JsonSchema>>> = {},
): JsonSchema {
  const drawn = draw(schema);
  const properties = Object.entries(drawn.properties as Readonly<Record<string, JsonSchema>>).map(([key, value]) => {
    const name = key as keyof S & string;
    return [key, { description: sentences[name], ...(parts[name] ?? value) }];
  });
  return { ...drawn, properties: Object.fromEntries(properties) };
}

/** A map by names that must look like `pattern`. */
export const byName = (pattern: RegExp, hint: string, value: JsonSchema): JsonSchema => ({
  type: 'object',
  propertyNames: matching(pattern, hint),
  additionalProperties: value,
});

/** Text of a certain look; `hint` is said where it looks different. */
export const matching = ({ source }: RegExp, hint: string): JsonSchema => ({
  type: 'string',
  pattern: source,
  errorMessage: hint,
});

export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

export const oneOrMore = (item: JsonSchema): JsonSchema => ({
  anyOf: [item, { title: 'a list', ...listOf(item), minItems: 1 }],
});

/** The same map, where `key` is only for those who write `others` too. */
export const needing = (map: JsonSchema, key: string, ...others: readonly string[]): JsonSchema =>
  depending(map, key, others);

/** The same map, where nothing of `others` stands beside `key`. */
export const excluding = (map: JsonSchema, key: string, ...others: readonly string[]): JsonSchema =>
  depending(map, key, { properties: Object.fromEntries(others.map((other) => [other, false])) });

const depending = (map: JsonSchema, key: string, what: unknown): JsonSchema => ({
  ...map,
  dependencies: { ...(map.dependencies as JsonSchema | undefined), [key]: what },
});
