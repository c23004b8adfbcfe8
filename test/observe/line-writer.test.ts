import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createLineWriter } from '../../src/observe/line-writer.ts';

function setUp() {
  const written: string[] = [];
  const deferred: (() => void)[] = [];
  const writer = createLineWriter(
    (lines) => written.push(lines),
    (task) => deferred.push(task),
  );
  return { written, deferred, writer };
}

it('hands on all lines of one turn together, in order, at the end of the turn', () => {
  const { written, deferred, writer } = setUp();
  writer.write('one');
  writer.write('two');
  assert.deepEqual(written, []);
  assert.equal(deferred.length, 1);
  deferred[0]?.();
  assert.deepEqual(written, ['one\ntwo\n']);
  writer.write('three');
  deferred[1]?.();
  assert.deepEqual(written, ['one\ntwo\n', 'three\n']);
});

it('does not let lines pile up during a long turn', () => {
  const { written, writer } = setUp();
  for (let i = 0; i < 2000; i++) writer.write('x'.repeat(100));
  assert.equal(written.length, 3);
});

it('hands on what is kept when the process ends, and nothing twice', () => {
  const { written, deferred, writer } = setUp();
  writer.write('last');
  writer.flush();
  writer.flush();
  deferred[0]?.();
  assert.deepEqual(written, ['last\n']);
});

it('goes on after a sink that failed once', () => {
  const written: string[] = [];
  let fails = true;
  const writer = createLineWriter(
    (lines) => {
      if (fails) throw new Error('sink is full');
      written.push(lines);
    },
    () => {},
  );
  writer.write('lost');
  assert.throws(() => writer.flush());
  fails = false;
  writer.write('kept');
  writer.flush();
  assert.deepEqual(written, ['kept\n']);
});
