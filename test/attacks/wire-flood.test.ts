import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sendBytes } from '../support/raw-http.ts';
import { type Stage, startStage } from '../support/stage.ts';
import { NAVIGATION } from '../support/visitor.ts';

const HITS = 2_000;
/** On one connection, one behind the other. */
const BATCH = 100;
/** Bytes of heap that a hit may leave behind: a flow that was kept would be more than this. */
const LEFT_PER_HIT = 400;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

describe('people nobody knows cost nothing that stays', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
  });
  after(() => stage.stop());

  /** Opens pages as many strangers, each with a name of their own in every place that could be remembered. */
  async function flood(hits: number, start: number): Promise<void> {
    const host = new URL(stage.origin).host;
    const people = Object.entries(NAVIGATION).map(([name, value]) => `${name}: ${value}\r\n`);
    for (let sent = 0; sent < hits; sent += BATCH) {
      const batch = Array.from({ length: BATCH }, (_, i) => {
        const id = start + sent + i;
        const last = i === BATCH - 1 ? 'Connection: close\r\n' : '';
        return (
          `GET /page-${id}?q=${id} HTTP/1.1\r\nHost: ${host}\r\nCookie: app=${id}; stepgate-corp=x${id}\r\n` +
          `X-Header-${id}: ${id}\r\nUser-Agent: agent ${id}\r\n${people.join('')}${last}\r\n`
        );
      });
      const { statuses, text } = await sendBytes(stage.port, batch.join(''));
      assert.equal(statuses.filter((status) => status === 303).length, BATCH);
      assert.equal(text.match(/^set-cookie: /gim)?.length, 2 * BATCH, 'a flow and the browser, no more');
    }
    // The stage keeps every line of the log; the gateway does not.
    (stage.lines as unknown[]).length = 0;
  }

  function heap(): number {
    collect();
    return process.memoryUsage().heapUsed;
  }

  it('T159 thousands of anonymous hits leave the memory as it was', async () => {
    await flood(HITS, 0);
    const before = heap();
    await flood(HITS, HITS);
    const left = heap() - before;
    assert.ok(left < HITS * LEFT_PER_HIT, `${HITS} hits left ${left} bytes`);
  });

  it('T159 and nothing with the provider: nobody was sent for but by a redirect', () => {
    assert.equal(stage.op.counts.authorize, 0);
    assert.equal(stage.op.counts.token, 0);
    assert.ok(stage.op.counts.discovery <= 1);
  });

  it('T159 one browser that opens page after page keeps five flows and one more cookie, under 6 kB in all', async () => {
    const visitor = stage.visitor();
    for (let hit = 0; hit < 40; hit++) {
      const reply = await visitor.open(`/page-${hit}?${'q'.repeat(hit * 20)}`);
      assert.equal(reply.status, 303);
      assert.ok(reply.setCookies.length <= 2);
    }
    const names = [...visitor.jar.keys()].sort();
    assert.deepEqual(names, ['stepgate-browser', ...[0, 1, 2, 3, 4].map((slot) => `stepgate-flow-${slot}`)]);
    const bytes = [...visitor.jar].reduce((sum, [name, value]) => sum + name.length + value.length + 3, 0);
    assert.ok(bytes < 6_000, `${bytes} bytes`);
  });

  it('T159 what is no page makes no flow at all', async () => {
    const visitor = stage.visitor();
    for (let hit = 0; hit < 50; hit++) {
      assert.equal((await visitor.fetch(`/page-${hit}`)).status, 401);
      assert.equal((await visitor.open(`/img-${hit}`, { headers: { 'sec-fetch-dest': 'image' } })).status, 401);
    }
    assert.equal(visitor.jar.size, 0);
  });
});
