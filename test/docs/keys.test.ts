import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  gatewayAppSchema,
  gatewaySchema,
  providerSchema,
  samlProviderSchema,
} from '../../src/config/gateway-schema.ts';
import {
  appFileSchema,
  exceptionSchema,
  floorSchema,
  levelSchema,
  networkSchema,
  policiesSchema,
  policyAppSchema,
  ruleSchema,
} from '../../src/config/policies-schema.ts';
import { givenSchema, testSchema } from '../../src/config/policy-tests/test-schema.ts';
import { code, page, rows } from './markdown.ts';

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
}

/** A schema, where its keys stand in a file, and the smallest value that it takes. */
interface Part {
  readonly prefix: string;
  readonly schema: z.ZodType;
  readonly smallest: Entry;
}

const GATEWAY: readonly Part[] = [
  { prefix: '', schema: gatewaySchema, smallest: { version: 1, secrets: ['x'], providers: {}, apps: {} } },
  {
    prefix: 'providers.NAME.',
    schema: providerSchema,
    smallest: { type: 'oidc', issuer: 'https://id.example.com', client_id: 'x', client_secret: 'x' },
  },
  {
    prefix: 'apps.APP.',
    schema: gatewayAppSchema,
    smallest: { origins: ['https://a.example.com'], upstream: 'http://127.0.0.1:1', provider: 'corp' },
  },
];

/** Below `providers.NAME`, with `type: saml`. */
const SAML: readonly Part[] = [
  {
    prefix: '',
    schema: samlProviderSchema,
    smallest: { type: 'saml', metadata: 'idp.xml', entity_id: 'urn:stepgate' },
  },
];

const POLICIES: readonly Part[] = [
  { prefix: '', schema: policiesSchema, smallest: { version: 1, levels: [], apps: {} } },
  { prefix: 'levels[].', schema: levelSchema, smallest: { name: 'mfa', validity: '1h' } },
  { prefix: 'networks.NAME.', schema: networkSchema, smallest: { ranges: ['192.0.2.0/24'] } },
  { prefix: 'default.', schema: policiesSchema.shape.default.unwrap(), smallest: { require: 'mfa' } },
  { prefix: 'floors[].', schema: floorSchema, smallest: { id: 'x' } },
  { prefix: 'floors[].except[].', schema: exceptionSchema, smallest: {} },
  { prefix: 'apps.APP.', schema: policyAppSchema, smallest: {} },
  { prefix: 'apps.APP.rules[].', schema: ruleSchema, smallest: { id: 'x' } },
  { prefix: 'FILE.', schema: appFileSchema, smallest: {} },
  { prefix: 'given.', schema: givenSchema, smallest: {} },
  { prefix: 'tests[].', schema: testSchema, smallest: { request: 'GET /', expect: 'allow' } },
];

/** What is documented by one row here, and by the rows of a part of its own where it has keys. */
const ONE_ROW: ReadonlySet<string> = new Set(['levels[].message', 'default', 'tests[].client', 'tests[].user']);

/** Every key of a schema, those of maps within it dotted. */
function keysOf({ prefix, schema }: Part): readonly string[] {
  const found: string[] = [];
  const walk = (node: JsonSchema, at: string): void => {
    for (const [name, inner] of Object.entries(node.properties ?? {})) {
      const key = `${at}${name}`;
      const held = typeof inner.additionalProperties === 'object' ? inner.additionalProperties : null;
      const isMap = inner.properties !== undefined && Object.keys(inner.properties).length > 0;
      // Maps by name have a row of their own, beside those of what they hold.
      if (!isMap || ONE_ROW.has(key)) found.push(key);
      if (ONE_ROW.has(key)) continue;
      if (isMap) walk(inner, `${key}.`);
      else if (held?.properties !== undefined) walk(held, `${key}.LEVEL.`);
    }
  };
  walk(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, prefix);
  return found;
}

type Entry = Readonly<Record<string, unknown>>;

/** A copy of a value in which the key at a path is set, or gone. */
function withKey(value: Entry, path: readonly string[], set: { readonly to: unknown } | null): Entry {
  const [name = '', ...rest] = path;
  const { [name]: old, ...others } = value;
  if (old === undefined && set === null) return value;
  if (rest.length > 0) return { ...others, [name]: withKey((old ?? {}) as Entry, rest, set) };
  return set === null ? others : { ...others, [name]: set.to };
}

function checkDefault({ schema, smallest, prefix }: Part, key: string, cell: string): void {
  const path = key.slice(prefix.length).split('.');
  const without = withKey(smallest, path, null);
  if (cell === 'required') {
    // Of a map by name, or one that may be left out, the key is required once the map is there.
    if (key.includes('.LEVEL.')) assert.equal(schema.safeParse({ ...smallest, levels: { mfa: {} } }).success, false);
    else if (path.length > 1) assert.equal(schema.safeParse({ ...smallest, [path[0] ?? '']: {} }).success, false);
    else assert.equal(schema.safeParse(without).success, false, 'it is not required');
    return;
  }
  const left = schema.safeParse(without);
  assert.ok(left.success, 'it is required');
  if (cell === '—') {
    const value = path.reduce<unknown>((at, step) => (at as Entry | undefined)?.[step], left.data);
    assert.equal(value, undefined, 'it has a default');
    return;
  }
  const written = schema.safeParse(withKey(smallest, path, { to: parse(code(cell)) }));
  assert.ok(written.success, `its default ${cell} is not taken`);
  assert.deepEqual(left.data, written.data, `its default is not ${cell}`);
}

for (const [file, parts, path] of [
  ['gateway.yaml', GATEWAY, 'docs/operators.md'],
  ['a SAML provider', SAML, 'docs/saml.md'],
  ['policies.yaml', POLICIES, 'docs/policies.md'],
] as const) {
  describe(`the keys of ${file}`, () => {
    const documented = rows(page(path), 'key', 'default').map(([key, cell = '']) => ({ key: code(key), cell }));

    it(`stand in ${path}, each once, and no others`, () => {
      const known = parts.flatMap(keysOf);
      assert.deepEqual(documented.map(({ key }) => key).toSorted(), known.toSorted());
    });

    for (const { key, cell } of documented) {
      it(`${key} has the default that is documented: ${cell}`, () => {
        const part = parts
          .toSorted((a, b) => b.prefix.length - a.prefix.length)
          .find(({ prefix }) => key.startsWith(prefix));
        assert.ok(part !== undefined);
        checkDefault(part, key, cell);
      });
    }
  });
}
