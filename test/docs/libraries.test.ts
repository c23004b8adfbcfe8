import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { codes, page, ROOT, rows, tables } from './markdown.ts';

const LIBRARIES = page('docs/libraries.md');
const USES = rows(LIBRARIES, 'library', 'what of it', 'in');
const sourceOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Files of the gateway that import a library; the demo is none of it. */
const importing = (library: string): readonly string[] =>
  globSync('src/**/*.ts', { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.startsWith('src/demo/') && sourceOf(path).includes(`from '${library}'`))
    .sort();

describe('how SAML could do without its libraries', () => {
  it('names every file that imports one of them, and no other', () => {
    let library = '';
    const written = new Map<string, readonly string[]>();
    for (const [name = '', what = '', where = ''] of USES) {
      library = name === '' ? library : name;
      const files = /^nothing/.test(what) ? [] : codes(where);
      written.set(library, [...(written.get(library) ?? []), ...files].toSorted());
    }
    assert.equal(written.size, 4);
    for (const [name, files] of written) assert.deepEqual(files, importing(name), name);
  });

  it('names every option that node-saml is given, and every function of it that is called', () => {
    const [, what = '', where = ''] = USES[0] ?? [];
    const source = sourceOf(codes(where)[0] ?? '');
    const [, options = ''] = /new SAML\(\{(.*?)\n {2}\}\);/s.exec(source) ?? [];
    const given = [...options.matchAll(/(?:^ {4}|\{ |, )(\w+):/gm)].map(([, name]) => name);
    const called = [...source.matchAll(/saml\.(\w+)\(/g)].map(([, name]) => name);
    assert.deepEqual(codes(what).toSorted(), ['SAML', ...given, ...called].toSorted());
  });

  it('names a file and an attack that is tested for all that node-saml accepts', () => {
    const documented = new Set(rows(page('docs/threats.md'), 'test', 'attack').map(([number = '']) => number));
    const [accepted] = tables(LIBRARIES, 'accepted by node-saml', 'refused by', 'test');
    assert.ok((accepted?.rows.length ?? 0) > 15);
    for (const [what = '', by = '', numbers = ''] of accepted?.rows ?? []) {
      assert.ok(
        codes(by).some((name) => name.startsWith('src/')),
        what,
      );
      for (const number of numbers.split(', ')) assert.ok(number === '—' || documented.has(number), number);
    }
  });
});
