import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownerOf } from '../../../src/config/lints/accept.ts';
import type { Example } from '../../../src/config/lints/lint.ts';
import type { Path, SourceFile } from '../../../src/config/source-file.ts';
import { partOf } from './rows.ts';
import { loadParts } from './whole-files.ts';

function said(part: Example): readonly string[] {
  const loaded = loadParts(part);
  return [...(loaded.ok ? [] : loaded.problems), ...loaded.notices].map(
    ({ id, message, hint }) => `${id}: ${message}${hint === null ? '' : ` (${hint})`}`,
  );
}

const GAP = 'id: t, path: /t, methods: POST, require: mfa';
const NOTE = 'note: only POST is routed';

describe('a lint that is accepted', () => {
  it('is not shown for that rule', () => {
    assert.deepEqual(said(partOf([`${GAP}, accept: method-gap, ${NOTE}`])), []);
  });

  it('is shown for another rule all the same', () => {
    const other = 'id: u, path: /u, methods: POST, require: mfa';
    assert.equal(said(partOf([`${GAP}, accept: [method-gap], ${NOTE}`, other])).length, 1);
  });

  it('wants a note, and is an error without one', () => {
    assert.deepEqual(said(partOf([`${GAP}, accept: method-gap`])), [
      'accept-without-note: a lint is accepted, and nothing says why (add a note)',
    ]);
  });

  it('must be there: else that is said', () => {
    assert.deepEqual(said(partOf([`id: t, path: /t, require: mfa, accept: method-gap, ${NOTE}`])), [
      'accept-unused: "method-gap" is not found here (delete it, so that it hides nothing that comes later)',
    ]);
  });

  it('must be one that is known', () => {
    assert.deepEqual(said(partOf([`id: t, path: /t, require: mfa, accept: metod-gap, ${NOTE}`])), [
      'accept-unused: there is no lint "metod-gap" (did you mean "method-gap"?)',
    ]);
  });

  it('cannot be an error', () => {
    const rules = ['id: a, path: /**, require: password', `id: b, path: /b, require: mfa, accept: shadowed, ${NOTE}`];
    const [first, second, ...more] = said(partOf(rules));
    assert.match(first ?? '', /^shadowed: /);
    assert.equal(second, 'accept-unused: "shadowed" is not found here, and an error is never accepted');
    assert.deepEqual(more, []);
  });

  it('cannot be that it is accepted for nothing', () => {
    const rule = `id: t, path: /t, require: mfa, accept: [method-gap, accept-unused], ${NOTE}`;
    assert.deepEqual(
      said(partOf([rule])).map((line) => line.split(':')[0]),
      ['accept-unused', 'accept-unused'],
    );
  });

  const PLACES: readonly (readonly [where: string, part: Example])[] = [
    ['a floor', { policies: 'floors: [{id: f, require: mfa, comparison: maximum, note: n, accept: odd-comparison}]' }],
    ['an app', { policies: 'apps: {wiki: {require: mfa, max_age: 1h, accept: max-age-no-effect, note: n}}' }],
    ['a provider', { gateway: 'providers: {corp: {client_secret: plain, accept: plain-secret, note: n}}' }],
    [
      'an app of the gateway',
      {
        policies: 'apps: {wiki: {}, shop: {}}',
        gateway:
          'apps: {shop: {origins: ["https://wiki.example.com"], path: /shop, accept: shared-origin, note: until it moves}}',
      },
    ],
  ];
  for (const [where, part] of PLACES) {
    it(`may be accepted at ${where}`, () => assert.deepEqual(said(part), []));
  }

  it('of an app is not accepted for its rules', () => {
    const app = `accept: method-gap\n    ${NOTE}`;
    assert.deepEqual(
      said(partOf([GAP], { app }))
        .map((line) => line.split(':')[0])
        .toSorted(),
      ['accept-unused', 'method-gap'],
    );
  });
});

describe('what a place belongs to', () => {
  const source = {} as SourceFile;
  const rows: readonly (readonly [path: Path, owner: Path | null])[] = [
    [
      ['apps', 'a', 'rules', 3, 'when'],
      ['apps', 'a', 'rules', 3],
    ],
    [
      ['apps', 'a', 'only'],
      ['apps', 'a'],
    ],
    [
      ['rules', 3],
      ['rules', 3],
    ],
    [
      ['floors', 0, 'path', 1],
      ['floors', 0],
    ],
    [
      ['providers', 'corp', 'client_secret'],
      ['providers', 'corp'],
    ],
    [['levels', 1, 'validity'], null],
    [['trusted_proxies', 0], null],
    [['apps'], null],
  ];
  for (const [path, owner] of rows) {
    it(`${path.join('.')}: ${owner?.join('.') ?? 'nothing'}`, () => {
      assert.deepEqual(ownerOf({ source, path }), owner === null ? null : { source, path: owner });
    });
  }
});
