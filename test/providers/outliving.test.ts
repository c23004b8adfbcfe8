import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createOutliving } from '../../src/providers/outliving.ts';

interface Config {
  readonly name: string;
  readonly facts: readonly string[];
}

function startBench() {
  const started: string[] = [];
  const closed: string[] = [];
  const outliving = createOutliving(
    ({ facts }: Config) => facts,
    ({ name }) => {
      started.push(name);
      return { name, close: () => void closed.push(name) };
    },
  );
  return { outliving, started, closed };
}

const A: Config = { name: 'a', facts: ['https://a.example'] };
const B: Config = { name: 'b', facts: ['https://b.example'] };

describe('what outlives a world', () => {
  it('is started once for equal facts, however often it is asked for', () => {
    const { outliving, started } = startBench();
    assert.equal(outliving.of(A), outliving.of({ name: 'again', facts: ['https://a.example'] }));
    assert.notEqual(outliving.of(A), outliving.of(B));
    assert.deepEqual(started, ['a', 'b']);
  });

  it('is closed when the next world has no use for it, and started anew when one has again', () => {
    const { outliving, started, closed } = startBench();
    outliving.of(A);
    outliving.of(B);
    outliving.keepOnly([B]);
    assert.deepEqual(closed, ['a']);
    outliving.of(B);
    outliving.of(A);
    assert.deepEqual(started, ['a', 'b', 'a']);
  });

  it('is closed with the gateway, once', () => {
    const { outliving, closed } = startBench();
    outliving.of(A);
    outliving.of(B);
    outliving.close();
    outliving.close();
    assert.deepEqual(closed, ['a', 'b']);
  });
});
