import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { anchors, codes, PAGES, ROOT } from './markdown.ts';

describe('the documentation', () => {
  it('links to pages, headings and files that are there', () => {
    const wrong: string[] = [];
    for (const { path, prose } of PAGES) {
      for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:\/\//.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const to = file === '' ? path : normalize(join(dirname(path), file));
        const known = PAGES.find((one) => one.path === to);
        if (!existsSync(join(ROOT, to))) wrong.push(`${path}: no ${target}`);
        else if (anchor !== undefined && !(known && anchors(known).has(anchor))) wrong.push(`${path}: no ${target}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('names files and folders of the repository that are there', () => {
    const wrong: string[] = [];
    for (const { path, prose, fences } of PAGES) {
      const drawn = fences.filter(({ language, words }) => language === 'text' && words.length === 0);
      const drawnNames = drawn.flatMap(({ text }) =>
        [...text.matchAll(/\bsrc\/[\w/.-]+\.ts\b/g)].map(([name]) => name),
      );
      const named = [...codes(prose), ...drawnNames].filter((name) =>
        /^(?:src|test|docs|scripts|bench)\/[\w/.-]*$/.test(name),
      );
      for (const name of named) if (!existsSync(join(ROOT, name))) wrong.push(`${path}: no ${name}`);
    }
    assert.deepEqual(wrong, []);
  });

  it('names functions that stand in the file that it names', () => {
    const wrong: string[] = [];
    for (const { path, prose } of PAGES) {
      for (const [, name = '', file = ''] of prose.matchAll(/`(\w+)(?:\(\))?` in `(src\/[\w/.-]+\.ts)`/g)) {
        const text = existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8') : '';
        if (!text.includes(name)) wrong.push(`${path}: no ${name} in ${file}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('makes sense alone: no path of a machine, no folder beside the repository, no registry', () => {
    const outside = /\.\.\/shared\b|(?:^|[\s`(])\/(?:home|root|work|Users)\/|registry\.npmjs/m;
    assert.deepEqual(
      PAGES.filter(({ text }) => outside.test(text)).map(({ path }) => path),
      [],
    );
  });
});
