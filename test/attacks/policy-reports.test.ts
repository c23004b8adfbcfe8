import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Stage, startStage } from '../support/stage.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

/** What only reports says everything that a policy can say; what is off is not there. */
const policies = (mode: 'report' | 'off'): string => `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h, message: Please confirm.}
floors:
  - {id: later, require: mfa, since: "2026-01-01T00:00:00Z", mode: ${mode}}
  - {id: shut, path: /shut/**, deny: true, mode: ${mode}}
  - {id: knows, when: '"hr" in user.groups', deny: true, mode: ${mode}}
apps:
  payroll:
    require: password
    rules:
      - {id: tried, path: /tried/**, require: mfa, message: Not yet., mode: ${mode}}
      - {id: some, path: /some/**, only: '"none" in user.groups', require: mfa, mode: ${mode}}
      - {id: open, path: /open/**, public: known, mode: ${mode}}
      - {id: gone, path: /gone/**, deny: true, mode: ${mode}}
      - {id: broken, path: /broken/**, when: 'request.headers["x-none"] == ""', deny: true, mode: ${mode}}
      - {id: pages, path: /pages/**, public: true}
      - {id: admin, path: /admin/**, require: mfa}
`;
const TARGETS = ['/tried/a', '/some/a', '/open/a', '/gone/a', '/broken/a', '/pages/a', '/admin/a', '/shut/a', '/'];

describe('what only reports shows nothing of itself', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({ policies: policies('off') });
  });
  after(() => stage.stop());

  /** What a client sees of an answer, and an upstream of the request, but for what is never twice the same. */
  async function seen(send: () => Promise<Reply>) {
    const count = stage.upstream.received.length;
    const { status, headers, text } = await send();
    const changing = new Set(['date', 'set-cookie', 'location']);
    const kept = Object.entries(headers).filter(([name]) => !changing.has(name));
    const sealed = /(?<=[?&]t=)[\w.~-]+|(?<="request_id":")[^"]+|(?<=<dd>)[\w-]{8,}(?=<\/dd>)/g;
    const told = stage.upstream.received.slice(count).map(({ rawHeaders }) => rawHeaders.filter((_, i) => i % 2 === 0));
    return {
      status,
      names: kept.map(([name]) => name).sort(),
      text: told.length > 0 ? 'of the application' : text.replaceAll(sealed, ''),
      told,
    };
  }

  async function everything(mode: 'report' | 'off') {
    assert.equal(await stage.reload({ policies: policies(mode) }), true);
    const alice = stage.visitor();
    await stage.signIn(alice, '/home');
    const found: unknown[] = [];
    for (const who of [stage.visitor(), alice] satisfies Visitor[]) {
      for (const target of TARGETS) {
        found.push([target, await seen(() => who.fetch(target)), await seen(() => who.open(target))]);
      }
    }
    return found;
  }

  it('T182 to a client or an upstream, whoever asks: all is as if it were not there', async () => {
    const without = await everything('off');
    const reports = stage.events('report').length;
    assert.deepEqual(await everything('report'), without);
    assert.ok(stage.events('report').length > reports, 'and it was recorded');
  });
});
