import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { LoadResult } from '../../src/config/load.ts';
import { type After, followFiles, POLL_MS, SETTLE_MS } from '../../src/live/follow.ts';
import { recordingReads } from '../../src/live/sources.ts';

const FINE: LoadResult = { ok: false, problems: [], notices: [] };

/** Files in memory, time by hand, and a note of everything that is loaded. */
function startBench(answers: { taken: boolean } = { taken: true }) {
  const files = new Map([
    ['gateway.yaml', 'policies.yaml secret'],
    ['policies.yaml', 'rules 1'],
    ['secret', 's1'],
  ]);
  const loads: string[] = [];
  const said: string[] = [];
  const followed: string[][] = [];
  let timer: { run: () => void; milliseconds: number } | null = null;
  let changed = (): void => {};
  let betweenReads = (): void => {};
  const after: After = (run, milliseconds) => {
    const mine = { run, milliseconds };
    timer = mine;
    return () => {
      if (timer === mine) timer = null;
    };
  };
  const readFile = (path: string): Buffer => {
    const text = files.get(path);
    if (text === undefined) throw new Error('ENOENT');
    return Buffer.from(text);
  };
  const read = () => {
    const recorded = recordingReads(readFile);
    const texts = [recorded.readFile('gateway.yaml').toString()];
    for (const name of texts[0]?.split(' ') ?? []) {
      betweenReads();
      try {
        texts.push(recorded.readFile(name).toString());
      } catch {
        texts.push('missing');
      }
    }
    loads.push(texts.slice(1).join(','));
    return { loaded: FINE, sources: recorded.sources };
  };
  const { sources } = read();
  loads.length = 0;
  const log = {
    info: (event: string) => void said.push(event),
    warn: () => {},
    error: (event: string) => void said.push(event),
  };
  const following = followFiles({
    read,
    readFile,
    sources,
    log,
    after,
    reload: async () => answers.taken,
    watch: (callback) => {
      changed = callback;
      return { follow: (names) => void followed.push([...names]), close: () => void followed.push([]) };
    },
  });
  return {
    files,
    loads,
    said,
    followed,
    following,
    notify: () => changed(),
    between: (run: () => void) => {
      betweenReads = run;
    },
    waits: () => timer?.milliseconds ?? null,
    /** Lets the time pass that is waited for. */
    async pass() {
      const due = timer;
      timer = null;
      due?.run();
      await turn();
    },
  };
}

describe('following the files of a configuration', () => {
  it('looks once at the start, then polls, and loads nothing while nothing changes', async () => {
    const bench = startBench();
    assert.equal(bench.waits(), SETTLE_MS);
    for (let looks = 0; looks < 5; looks += 1) {
      await bench.pass();
      assert.equal(bench.waits(), POLL_MS);
    }
    bench.notify();
    assert.equal(bench.waits(), SETTLE_MS, 'told of something, it looks soon');
    await bench.pass();
    assert.deepEqual(bench.loads, []);
  });

  it('loads what changed once it has not changed any more, and once', async () => {
    const bench = startBench();
    await bench.pass();
    for (const text of ['', 'rul', 'rules 2']) {
      bench.files.set('policies.yaml', text);
      bench.notify();
      await bench.pass();
      assert.deepEqual(bench.loads, [], 'a file that is being written is not read');
    }
    await bench.pass();
    assert.deepEqual(bench.loads, ['rules 2,s1']);
    await bench.pass();
    await bench.pass();
    assert.equal(bench.loads.length, 1);
  });

  it('finds by polling what nobody told of', async () => {
    const bench = startBench();
    await bench.pass();
    bench.files.set('secret', 's2');
    await bench.pass();
    await bench.pass();
    assert.deepEqual(bench.loads, ['rules 1,s2']);
  });

  it('loads nothing where a file was written anew with what it held', async () => {
    const bench = startBench();
    await bench.pass();
    bench.files.set('policies.yaml', 'rules 9');
    bench.notify();
    await bench.pass();
    bench.files.set('policies.yaml', 'rules 1');
    await bench.pass();
    await bench.pass();
    assert.deepEqual(bench.loads, []);
  });

  it('is not delayed by a storm of notices', async () => {
    const bench = startBench();
    await bench.pass();
    bench.files.set('policies.yaml', 'rules 2');
    bench.notify();
    const first = bench.waits();
    for (let notices = 0; notices < 100; notices += 1) bench.notify();
    assert.equal(bench.waits(), first);
    await bench.pass();
    bench.notify();
    await bench.pass();
    assert.deepEqual(bench.loads, ['rules 2,s1']);
  });

  it('reads again where a file was swapped between the reading of two', async () => {
    const bench = startBench();
    bench.files.set('gateway.yaml', 'secret policies.yaml');
    bench.between(() => bench.files.set('gateway.yaml', 'policies.yaml other'));
    bench.files.set('other', 'o1');
    await bench.following.readNow();
    assert.equal(bench.waits(), SETTLE_MS);
    assert.equal(bench.followed.length, 1, 'not taken');
    bench.between(() => {});
    await bench.pass();
    await bench.pass();
    assert.equal(bench.loads.at(-1), 'rules 1,o1');
    assert.deepEqual(bench.followed.at(-1), ['gateway.yaml', 'policies.yaml', 'other']);
  });

  it('follows the files that the new configuration names, and those that are missing', async () => {
    const bench = startBench();
    await bench.pass();
    bench.files.set('gateway.yaml', 'policies.yaml lost');
    await bench.pass();
    await bench.pass();
    assert.deepEqual(bench.loads, ['rules 1,missing']);
    bench.files.set('lost', 'found');
    await bench.pass();
    await bench.pass();
    assert.equal(bench.loads.at(-1), 'rules 1,found');
    bench.files.set('secret', 's2');
    await bench.pass();
    await bench.pass();
    assert.equal(bench.loads.length, 2, 'what is named no longer is not read');
  });

  it('does not try again by itself what was refused, but does when it is asked to', async () => {
    const answers = { taken: false };
    const bench = startBench(answers);
    await bench.pass();
    bench.files.set('policies.yaml', 'broken');
    await bench.pass();
    await bench.pass();
    assert.equal(bench.loads.length, 1);
    await bench.pass();
    await bench.pass();
    assert.equal(bench.loads.length, 1);
    await bench.following.readNow();
    assert.equal(bench.loads.length, 2);
    answers.taken = true;
    bench.files.set('policies.yaml', 'rules 1');
    await bench.pass();
    await bench.pass();
    assert.equal(bench.loads.length, 3, 'back to what runs: loaded, so that the log says that all is well');
  });

  it('when it is asked to, reads at once, and says so where nothing changed', async () => {
    const bench = startBench();
    await bench.pass();
    await bench.following.readNow();
    assert.deepEqual(bench.said, ['reload_unchanged']);
    bench.files.set('policies.yaml', 'rules 2');
    await bench.following.readNow();
    assert.deepEqual(bench.loads, ['rules 2,s1']);
  });

  it('survives a reader that throws, and goes on looking', async () => {
    const bench = startBench();
    await bench.pass();
    bench.files.delete('gateway.yaml');
    await bench.pass();
    await bench.pass();
    assert.deepEqual(bench.said, ['reload_failed']);
    assert.equal(bench.waits(), POLL_MS);
    bench.files.set('gateway.yaml', 'secret policies.yaml');
    await bench.pass();
    await bench.pass();
    assert.deepEqual(bench.loads, ['s1,rules 1']);
  });

  it('that is closed does nothing any more', async () => {
    const bench = startBench();
    bench.following.close();
    assert.equal(bench.waits(), null);
    bench.files.set('policies.yaml', 'rules 2');
    bench.notify();
    assert.equal(bench.waits(), null);
    await bench.following.readNow();
    assert.deepEqual(bench.loads, []);
    assert.deepEqual(bench.followed.at(-1), []);
  });
});
