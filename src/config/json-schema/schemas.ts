import type { JsonSchema } from './draw.ts';
import { GATEWAY_SCHEMA } from './gateway.ts';
import { APP_FILE_SCHEMA, POLICIES_SCHEMA } from './policies.ts';

/** Every file that has a schema, by the word that `stepgate schema` takes for it. */
export const SCHEMAS: Readonly<Record<'policies' | 'gateway' | 'app', JsonSchema>> = {
  policies: titled('policies.yaml of Stepgate: what each path of each app requires', POLICIES_SCHEMA),
  gateway: titled('gateway.yaml of Stepgate: addresses, providers, and the apps behind it', GATEWAY_SCHEMA),
  app: titled(
    'The file of one app that policies.yaml of Stepgate names: its rules, conditions and tests',
    APP_FILE_SCHEMA,
  ),
};

function titled(title: string, schema: JsonSchema): JsonSchema {
  return { $schema: 'http://json-schema.org/draft-07/schema#', title, ...schema };
}

/** The text of a schema, as it is printed and shipped. */
export const schemaText = (schema: JsonSchema): string => `${JSON.stringify(schema, null, 2)}\n`;
