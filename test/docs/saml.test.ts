import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ERRORS } from '../../src/errors.ts';
import { STATUS } from '../../src/saml/names.ts';
import { codes, page, ROOT, rows } from './markdown.ts';

const SAML = page('docs/saml.md');
const sourceOf = (path: string): string => readFileSync(join(ROOT, 'src', path), 'utf8');
const sourcesOf = (...folders: readonly string[]): string =>
  folders.flatMap((folder) => globSync(`${folder}/*.ts`, { cwd: join(ROOT, 'src') }).map(sourceOf)).join('\n');

/** Where a check that judges a response says that it failed. */
const JUDGES = ['response', 'assertion', 'person', 'judge'].map((name) => `providers/saml/${name}.ts`);
const FAILED = /(?:return |refuse\(|[^?]\? |\? [^:?\n]+ : )'([^']+)'/g;
/** A kind of algorithm of which only some are believed. */
const ALGORITHM = /^ {2}\['(\w+)', (?:new Set|[A-Z]+\b)/gm;

const firsts = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, word = '']) => word);

describe('docs/saml.md', () => {
  it('has every check that a response can fail, each once, and no other', () => {
    const checks = [...JUDGES, 'saml/signature.ts'].flatMap((path) => firsts(sourceOf(path), FAILED));
    const algorithms = firsts(sourceOf('saml/algorithms.ts'), ALGORITHM).map((name) => `algorithm of ${name}`);
    assert.equal(algorithms.length, 4);
    const written = rows(SAML, 'check failed').flatMap(([cell = '']) => codes(cell));
    assert.deepEqual(written.toSorted(), [...new Set([...checks, ...algorithms, 'Status'])].toSorted());
  });

  it('has the other details of a trip over SAML, as they are logged', () => {
    const source = sourcesOf('http/saml', 'http/trip', 'providers/saml');
    const documented = rows(SAML, 'other detail', 'failure');
    for (const [cell = '', failures = ''] of documented) {
      for (const failure of codes(failures)) assert.ok(Object.hasOwn(ERRORS, failure), failure);
      for (const detail of codes(cell)) {
        const [, status = null] = /^provider answered (\w+)$/.exec(detail) ?? [];
        assert.ok(
          status === null ? source.includes(detail.replace(/^provider answered /, '')) : status in STATUS,
          detail,
        );
      }
    }
    // What is said at the two doors of SAML, and nowhere else, is all here.
    const known = firsts(sourcesOf('http/saml'), /'invalid_response', '(\w+)'/g);
    const written = new Set(documented.flatMap(([cell = '']) => codes(cell)));
    assert.ok(known.length >= 5);
    assert.deepEqual(
      known.filter((detail) => !written.has(detail)),
      [],
    );
  });
});
