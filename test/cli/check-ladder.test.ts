import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { directlyBelow, printLadder } from '../../src/cli/check-ladder.ts';
import { buildLadder, type Rung } from '../../src/core/ladder.ts';

const rung = (name: string, above?: readonly string[]): Rung => ({ name, validity: 3600, above });

function printed(...rungs: readonly Rung[]): string {
  let out = '';
  const io = {
    out: (text: string): void => {
      out += text;
    },
    err: () => {},
    env: () => undefined,
    readFile: () => Buffer.alloc(0),
    cwd: '/',
  };
  printLadder(buildLadder(rungs), ['a.yaml', 'b.yaml'], io);
  return out;
}

describe('the ladder', () => {
  it('is a list where each level stands above the one before', () => {
    assert.equal(
      printed(rung('one'), rung('three')),
      'a.yaml and b.yaml: fine\n\nLevels, weakest first:\n  one    one    valid for 1h\n  three  three  valid for 1h\n',
    );
  });

  it('is a tree where it branches', () => {
    const tree = printed(
      rung('a'),
      rung('b', ['a']),
      rung('c', ['b']),
      rung('d', ['a']),
      rung('e', []),
      rung('f', ['c', 'd']),
    );
    const [, , title, ...lines] = tree.trimEnd().split('\n');
    assert.equal(title, 'Levels, each above the one that its branch grows from:');
    assert.deepEqual(lines, [
      '  a        a  valid for 1h',
      '  ├─ b     b  valid for 1h',
      '  │  └─ c  c  valid for 1h',
      '  └─ d     d  valid for 1h',
      '     └─ f  f  valid for 1h, above c too',
      '  e        e  valid for 1h',
    ]);
  });

  it('says of a level only what it stands directly above', () => {
    const { levels } = buildLadder([rung('a'), rung('b', ['a']), rung('c', ['a', 'b'])]);
    const [, , top] = levels;
    assert.ok(top !== undefined);
    assert.deepEqual(
      directlyBelow(top, levels).map(({ name }) => name),
      ['b'],
    );
  });
});
