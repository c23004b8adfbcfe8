import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type Stage, startStage } from '../support/stage.ts';
import type { Reply } from '../support/visitor.ts';

const LEVELS = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h}
default: {require: password}
`;
const PLAIN = `${LEVELS}apps: {payroll: {rules: [{id: front, path: /, public: true}]}}\n`;
const REPORTED = `${LEVELS}floors:
  - {id: abroad, when: '!network.here', deny: true, mode: report}
  - {id: later, path: /floor/**, require: mfa, mode: report}
networks: {here: ["127.0.0.0/8"]}
apps:
  payroll:
    rules:
      - {id: front, path: /, public: true}
      - {id: soon, path: /soon/**, require: mfa, mode: report, note: enforced next month}
      - {id: shut, path: /shut, deny: true, mode: report}
      - {id: opens, path: /opens, public: true, mode: report}
      - {id: same, path: /same, require: password, mode: report}
`;

describe('a rule that is only reported', () => {
  let stage: Stage;
  let plain: Stage;
  before(async () => {
    [stage, plain] = await Promise.all([startStage({ policies: REPORTED }), startStage({ policies: PLAIN })]);
  });
  after(() => Promise.all([stage.stop(), plain.stop()]));

  /** What a client can see of an answer; what its application says is the same in both. */
  const visible = ({ status, headers }: Reply) => ({ status, names: Object.keys(headers).sort() });
  const reports = () =>
    stage.events('report').map(({ rule, would, changed, seen }) => ({ rule, would, changed, seen }));

  it('changes nothing that a client or the application could see', async () => {
    const [here, there] = [stage.visitor(), plain.visitor()];
    await Promise.all([stage.signIn(here), plain.signIn(there)]);
    for (const path of ['/soon/x', '/shut', '/opens', '/same', '/floor/x', '/']) {
      const [one, other] = [await here.open(path), await there.open(path)];
      assert.deepEqual(visible(one), visible(other), `${path} is answered alike`);
      const [seen, expected] = [stage.upstream.received.at(-1), plain.upstream.received.at(-1)];
      const names = (raw: readonly string[] = []) => raw.filter((_, i) => i % 2 === 0);
      assert.deepEqual(names(seen?.rawHeaders), names(expected?.rawHeaders), `${path} is forwarded alike`);
    }
  });

  describe('is recorded', () => {
    let signedIn: ReturnType<Stage['visitor']>;
    beforeEach(async () => {
      await stage.reload({ policies: `${REPORTED}# ${stage.lines.length}\n` });
      signedIn = stage.visitor();
      await stage.signIn(signedIn);
    });
    const rows: readonly (readonly [string, readonly Record<string, unknown>[]])[] = [
      ['/soon/x', [{ rule: 'payroll/soon', would: 'challenge mfa insufficient_level', changed: 1, seen: 1 }]],
      ['/shut', [{ rule: 'payroll/shut', would: 'deny forbidden', changed: 1, seen: 1 }]],
      ['/opens', [{ rule: 'payroll/opens', would: 'public', changed: 1, seen: 1 }]],
      ['/floor/x', [{ rule: 'floor/later', would: 'challenge mfa insufficient_level', changed: 1, seen: 1 }]],
      ['/same', []],
      ['/elsewhere', []],
    ];
    for (const [path, expected] of rows) {
      it(`with what would have become of ${path}`, async () => {
        const before = reports().length;
        assert.equal((await signedIn.open(path)).status, 200);
        assert.deepEqual(reports().slice(before), expected);
      });
    }

    it('with how often, and of whom', async () => {
      await signedIn.open('/soon/1');
      await signedIn.fetch('/soon/2');
      await stage.visitor().open('/soon/3');
      const events = stage.events('report').slice(-3);
      assert.deepEqual(
        events.map(({ changed, seen }) => [changed, seen]),
        [
          [1, 1],
          [2, 2],
          [3, 3],
        ],
      );
      assert.ok(events[0]?.subject_hash);
      assert.equal(events[2]?.subject_hash, undefined);
      assert.equal(events[2]?.would, 'challenge mfa no_session');
    });

    it('once more, in sum, when the configuration is replaced', async () => {
      await signedIn.open('/soon/1');
      await signedIn.open('/same');
      await stage.reload({ policies: PLAIN });
      const totals = stage.lines.filter(({ msg }) => msg === 'report_totals').slice(-2);
      assert.deepEqual(
        totals.map(({ rule, seen, changed }) => ({ rule, seen, changed })),
        [
          { rule: 'payroll/soon', seen: 1, changed: 1 },
          { rule: 'payroll/same', seen: 1, changed: 0 },
        ],
      );
    });

    it('for a WebSocket too', async () => {
      const before = reports().length;
      const reply = await signedIn.fetch('/soon/socket', {
        headers: {
          connection: 'upgrade',
          upgrade: 'websocket',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          'sec-websocket-version': '13',
          origin: 'https://elsewhere.example',
        },
      });
      assert.equal(reply.status, 403);
      assert.equal(reports().length, before + 1);
    });
  });
});
