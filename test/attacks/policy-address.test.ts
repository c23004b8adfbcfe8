import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type Stage, startStage } from '../support/stage.ts';

const POLICIES = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h}
networks: {blocked: ["127.0.0.0/8"], office: ["192.0.2.0/24"]}
default: {require: password}
floors:
  - {id: embargo, path: /hook/**, when: network.blocked, deny: true}
apps:
  payroll:
    rules:
      - {id: hook, path: /hook/**, methods: [POST], public: true, accept: public-under-floor, note: signed by its senders}
      - {id: inside, path: /inside/**, methods: [POST], when: '!network.office', deny: true}
      - {id: rest, path: /inside/**, methods: [POST], public: true}
`;

describe('a client whose address is gone', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({ policies: POLICIES });
  });
  after(() => stage.stop());

  /** A whole request, and behind it the reset that makes the system forget who sent it, before the gateway has read it. */
  const sendAndReset = (target: string): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(stage.port, '127.0.0.1');
      socket.on('connect', () => {
        const { host } = new URL(stage.origin);
        socket.write(`POST ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\n\r\nhi`, () => {
          socket.resetAndDestroy();
          resolve();
        });
      });
    });

  for (const target of ['/hook/1', '/inside/1']) {
    it(`T183 resets its connection behind POST ${target}: is in no network, and outside of none`, async () => {
      const decided = () => stage.events('deny').length + stage.upstream.received.length;
      const count = decided();
      await sendAndReset(target);
      // Nobody answers somebody who is gone: others are served until that request was decided.
      while (decided() === count) assert.equal((await stage.visitor().open('/none')).status, 303);
      assert.deepEqual([stage.events('deny').at(-1)?.why, stage.upstream.received.length], ['forbidden', 0]);
    });
  }
});
