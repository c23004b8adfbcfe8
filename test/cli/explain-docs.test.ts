import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createExplain } from '../../src/cli/explain.ts';
import { code, codes, type Fence, page, ROOT, rows } from '../docs/markdown.ts';
import { explain, NOON } from './explain-world.ts';

const PAGE = page('docs/explain.md');

/** What a token of the demo's provider may say. */
const CLAIMS = JSON.stringify({
  iss: 'http://localhost:8081',
  aud: 'stepgate',
  sub: 'ana',
  acr: 'urn:stepgate:demo:mfa',
  amr: ['pwd', 'otp'],
  iat: NOON,
  auth_time: NOON - 300,
});

/** What the command of a fence prints with the shipped files. */
async function printed(fence: Fence | undefined): Promise<string> {
  const words = fence?.text.trim().split(/\s+/) ?? [];
  assert.deepEqual(words.slice(0, 5), ['npm', 'run', 'stepgate', '--', 'explain']);
  let out = '';
  const code = await createExplain({ now: () => NOON })(words.slice(5), {
    out: (text) => {
      out += text;
    },
    err: assert.fail,
    env: () => undefined,
    readFile: (path) => (path.endsWith('claims.json') ? Buffer.from(CLAIMS) : readFileSync(path)),
    cwd: ROOT,
  });
  assert.equal(code, 0);
  return out;
}

/** Members by their paths, `a.b[].c`; of a list or object that is empty or null the path itself. */
function membersOf(value: unknown, path: string, found: Set<string>): void {
  if (Array.isArray(value)) {
    if (value.length === 0) return;
    for (const item of value) membersOf(item, `${path}[]`, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      membersOf(member, path === '' ? name : `${path}.${name}`, found);
    }
  } else found.add(path);
}

/** Documented once where they come twice. */
const SAME: readonly (readonly [RegExp, string])[] = [
  [/\.(file|line|column)$/, ''],
  [/^visitor\..*/, 'visitor'],
  [/^(readings\[\]\.floors\[\])\..*/, '$1'],
];

describe('docs/explain.md', () => {
  it('shows what the command prints', async () => {
    const [first] = PAGE.fences.filter(({ words }) => words[0] === 'explain');
    assert.equal(first?.text, await printed(PAGE.fences.find(({ language }) => language === 'sh')));
  });

  it('shows what a token comes to', async () => {
    const [first] = PAGE.fences.filter(({ words }) => words[0] === 'token');
    assert.equal(first?.text, await printed(PAGE.fences.filter(({ language }) => language === 'sh')[1]));
  });

  it('has every member of the JSON document, and no other', async () => {
    const found = new Set<string>();
    for (const words of [
      'https://bank.example.com/hr/x --session mfa=1m --groups sales,x --claim a=b --subject ana --signed-in 1m',
      'https://bank.example.com/mine --claim a=b',
      'https://bank.example.com/account --session mfa=1m',
      'https://bank.example.com/future',
      'https://bank.example.com/a;b/../c',
      'https://bank.example.com/reports/a --session password=1m --provider partner',
      'https://bank.example.com/runs/7/approve?b#c --session mfa=1s',
    ]) {
      const { out } = await explain(['GET', ...words.split(' '), '--json']);
      membersOf(JSON.parse(out), '', found);
    }
    // A null is documented by what it is when it is none.
    const all = [...found].map((path) => SAME.reduce((text, [pattern, by]) => text.replace(pattern, by), path));
    const whole = new Set(
      all.filter((path) => !all.some((other) => /^[.[]/.test(other.slice(path.length)) && other.startsWith(path))),
    );
    const documented = rows(PAGE, 'member', 'is').flatMap(([member = '']) => codes(member));
    const leaves = documented.filter((path) => path !== 'person');
    assert.deepEqual([...whole].sort(), [...new Set(leaves)].sort());
    assert.equal(leaves.length, new Set(leaves).size);
  });

  it('has a row for every option, and every word of how something fits', async () => {
    const { out } = await explain(['--help']);
    const options = new Set([...out.matchAll(/--[a-z-]+/g)].map(([option]) => option));
    for (const option of options) assert.ok(PAGE.text.includes(option), option);
    const fits = ['hit', 'miss', 'undetermined', 'person', 'not_reached', 'off'];
    assert.deepEqual(
      rows(PAGE, 'word', 'means').map(([word]) => code(word)),
      fits,
    );
  });
});
