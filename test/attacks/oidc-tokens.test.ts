import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { assertEnded, browse, NOON, reached, startBentStage, unharmed } from '../support/besieged.ts';
import type { FakeOpScript } from '../support/fake-op.ts';
import { hmacToken, makeKeys } from '../support/fake-op-keys.ts';
import type { Visitor } from '../support/visitor.ts';

const now = (): number => Math.floor(Date.now() / 1000);

const claim =
  (change: Record<string, unknown>) =>
  (script: FakeOpScript): void => {
    script.claims = (claims) => ({ ...claims, ...change });
  };
const without =
  (name: string) =>
  (script: FakeOpScript): void => {
    script.claims = (claims) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
  };

const FORGERIES: readonly [string, (script: FakeOpScript) => void][] = [
  [
    'T014 signed with a foreign key under a known kid',
    (script) => {
      script.sign = 'foreign';
    },
  ],
  [
    'T014 signed with a foreign key that the token brings along',
    (script) => {
      script.header = (header) => ({ ...header, kid: undefined, jwk: { kty: 'oct', k: 'AAAA' } });
      script.sign = 'foreign';
    },
  ],
  [
    'T014 with claims changed after the signature',
    (script) => {
      script.sign = async (header, claims, keys) => {
        const [head, , signature] = (await keys.sign(header, { ...claims, sub: 'mallory' })).split('.');
        return `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
      };
    },
  ],
  [
    'T015 with alg none',
    (script) => {
      script.sign = 'none';
    },
  ],
  [
    'T015 with alg NoNe',
    (script) => {
      script.sign = async (_header, claims) =>
        `${[{ alg: 'NoNe' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
    },
  ],
  [
    'T016 with HS256 under the client secret',
    (script) => {
      script.sign = (header, claims) => hmacToken(header, claims, Buffer.from('fake-op-secret'));
    },
  ],
  [
    'T016 with HS256 under the public key',
    (script) => {
      script.sign = (header, claims, keys) => hmacToken(header, claims, Buffer.from(JSON.stringify(keys.publicJwk)));
    },
  ],
  ['T017 for another client', claim({ aud: 'other' })],
  ['T017 for another client beside us', claim({ aud: ['stepgate', 'other'] })],
  ['T017 for another client beside us, and issued to us', claim({ aud: ['stepgate', 'other'], azp: 'stepgate' })],
  ['T017 for nobody', claim({ aud: [] })],
  ['T017 for a client whose name is ours in other letters', claim({ aud: 'Stepgate' })],
  ['T019 issued to another client', claim({ azp: 'other' })],
  ['T019 for two clients and issued to the other', claim({ aud: ['stepgate', 'other'], azp: 'other' })],
  ['T021 with a nonce that we never made', claim({ nonce: 'AAAAAAAAAAAAAAAAAAAAAA' })],
  ['T021 with the nonce in a list', (script) => (script.claims = (claims) => ({ ...claims, nonce: [claims.nonce] }))],
  ['T022 without a nonce', without('nonce')],
  ['T022 with an empty nonce', claim({ nonce: '' })],
  ['T028 of another issuer', claim({ iss: 'https://evil.example' })],
  ['T028 of the issuer in another spelling', (script) => (script.claims = (c) => ({ ...c, iss: `${c.iss}/` }))],
  ['that expired longer ago than clocks differ', (script) => claim({ exp: now() - 61 })(script)],
  ['without an expiry', without('exp')],
  ['that is not valid yet', (script) => claim({ nbf: now() + 90 })(script)],
  ['issued in the future', (script) => claim({ iat: now() + 120, auth_time: now() + 120 })(script)],
  ['issued long before this trip began', (script) => claim({ iat: now() - 700, auth_time: now() - 700 })(script)],
  ['without a time of issue', without('iat')],
  ['without a subject', without('sub')],
  ['with a subject that is a number', claim({ sub: 42 })],
  ['with a subject that is a list', claim({ sub: ['alice'] })],
  ['with an empty subject', claim({ sub: '' })],
  ['with a critical extension that nobody knows', (script) => (script.header = (h) => ({ ...h, crit: ['x'], x: 1 }))],
  ['that is no token', (script) => (script.sign = async () => 'alice')],
  ['that is encrypted to nobody', (script) => (script.sign = async () => 'a.b.c.d.e')],
];

describe('an ID token that is not the one expected', () => {
  let stage: Awaited<ReturnType<typeof startBentStage>>;
  let alice: Visitor;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOON });
    stage = await startBentStage();
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  beforeEach(() => stage.straighten());
  after(async () => {
    await stage.stop();
    mock.timers.reset();
  });

  for (const [forgery, forge] of FORGERIES) {
    it(`${forgery}: is refused, and the session stays as it was`, async () => {
      forge(stage.op.script);
      const exchanged = stage.op.counts.token;
      const { reply, trips } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/people'));
      assertEnded(stage, reply, 400, 'invalid_response');
      assert.equal(trips, 1, 'asked again by itself');
      assert.equal(stage.op.counts.token, exchanged + 1, 'the token was looked at, once');
      assert.equal(reached(stage, '/admin'), 0);
      assert.doesNotMatch(JSON.stringify(stage.lines), /eyJ[\w-]{20}/, 'a token in the log');
    });

    it(`${forgery}: signs nobody in`, async () => {
      forge(stage.op.script);
      const visitor = stage.visitor();
      const { reply } = await browse(stage, visitor, '/home');
      assertEnded(stage, reply, 400, 'invalid_response');
      assert.deepEqual((await visitor.fetch('/.stepgate/session')).json(), { signed_in: false });
    });
  }

  it('T021 the nonce of another trip of the same browser does not serve this one', async () => {
    const first = await alice.open('/admin/1');
    const nonce = new URL(first.location ?? '').searchParams.get('nonce');
    stage.op.script.claims = (claims) => ({ ...claims, nonce });
    const { reply } = await unharmed(stage, alice, () => browse(stage, alice, '/admin/2'));
    assertEnded(stage, reply, 400, 'invalid_response');
  });

  it('T014 what was refused can be done right afterwards', async () => {
    stage.op.script.sign = 'foreign';
    await browse(stage, alice, '/admin/people');
    stage.straighten();
    const { reply } = await browse(stage, alice, '/admin/people');
    assert.equal(reply.status, 200);
  });
});

describe('T016 a provider that announces more algorithms than the one that was pinned', () => {
  it('T016 is believed by that one alone, even under a key of its own', async () => {
    mock.timers.enable({ apis: ['Date'], now: NOON });
    const other = await makeKeys('ES256');
    const stage = await startBentStage({
      op: {
        script: {
          metadata: (metadata) => ({
            ...metadata,
            id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'none'],
          }),
          jwks: { status: 200, body: { keys: [other.publicJwk] } },
          sign: (header, claims) => other.sign({ ...header, alg: 'ES256', kid: other.kid }, claims),
        },
      },
    });
    try {
      for (const sign of [stage.op.script.sign, 'none'] as const) {
        stage.op.script.sign = sign;
        const { reply } = await browse(stage, stage.visitor(), '/home');
        assertEnded(stage, reply, 400, 'invalid_response');
      }
      stage.op.script.sign = (header, claims) => hmacToken(header, claims, Buffer.from('fake-op-secret'));
      assertEnded(stage, (await browse(stage, stage.visitor(), '/home')).reply, 400, 'invalid_response');
    } finally {
      await stage.stop();
      mock.timers.reset();
    }
  });
});
