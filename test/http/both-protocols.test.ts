import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import {
  assertEnded,
  browse,
  NOON,
  postSignOut,
  SESSION_COOKIE,
  seenOf,
  signOutToken,
  unharmed,
} from '../support/besieged.ts';
import { MFA_CLASS, PASSWORD_CLASS, startSamlStage } from '../support/saml-stage.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Reply, Visitor } from '../support/visitor.ts';

/** One file for both: nothing in it knows by which protocol people sign in. */
const POLICIES = `version: 1
levels:
  - {name: password, label: Password, validity: 8h}
  - {name: mfa, label: Two-step verification, validity: 1h}
conditions:
  hr: '"hr" in user.groups'
default: {require: password}
apps:
  payroll:
    rules:
      - {id: front, path: /, public: true}
      - {id: people, path: /people/**, only: hr, require: password}
      - {id: admin, path: /admin/**, require: mfa}
      - {id: fresh, path: /fresh/**, require: mfa, max_age: 2m}
      - {id: sign, path: /sign/**, require: mfa}
floors:
  - {id: recent, apps: [payroll], path: /sign/**, require: password, max_age: 1m}
`;

/** How the provider answers next: by which level, and how long ago that was. */
interface Next {
  readonly level: 'password' | 'mfa' | 'asked' | 'none';
  readonly age: number;
}

/** A provider that a journey leads to, by whatever protocol. */
interface Provider {
  readonly stage: Stage;
  straighten(): void;
  person(subject: string, groups?: readonly string[]): void;
  /** The answers to come, in turn. */
  answers(...next: readonly Next[]): void;
  /** It says that it cannot do what is asked. */
  cannot(): void;
  /** It says that the person did not want to. */
  cancelled(): void;
  /** For each trip so far, whether a new authentication was demanded. */
  forced(): readonly boolean[];
  browse(visitor: Visitor, target: string): Promise<{ readonly reply: Reply; readonly trips: number }>;
}

const ASKED: Next = { level: 'asked', age: 0 };

async function overOidc(): Promise<Provider> {
  const stage = await startStage({ policies: POLICIES, provider: '    claims: {groups: groups}' });
  const straight = { ...stage.op.script };
  const acr = { password: 'pwd', mfa: 'mfa', none: 'none' };
  return {
    stage,
    straighten: () => void Object.assign(stage.op.script, straight),
    person: (sub, groups = []) => {
      stage.op.script.person = { sub, groups: [...groups] };
    },
    answers: (...next) => {
      const left = [...next];
      stage.op.script.claims = (claims) => {
        const { level, age } = left.shift() ?? ASKED;
        return { ...claims, ...(level === 'asked' ? {} : { acr: acr[level] }), auth_time: Number(claims.iat) - age };
      };
    },
    cannot: () => {
      stage.op.script.error = 'unmet_authentication_requirements';
    },
    cancelled: () => {
      stage.op.script.error = 'access_denied';
    },
    forced: () => stage.op.asked.map((request) => request.get('prompt') === 'login'),
    browse: (visitor, target) => browse(stage, visitor, target),
  };
}

async function overSaml(): Promise<Provider> {
  const stage = await startSamlStage({ policies: POLICIES });
  const { script } = stage.idp;
  const classes = { password: PASSWORD_CLASS, mfa: MFA_CLASS, asked: 'asked', none: 'urn:example:none' };
  const ofAuthnStatement = /AuthnInstant="[^"]*"/;
  return {
    stage,
    straighten: stage.straighten,
    person: (nameId, groups = []) => {
      script.person = { nameId, attributes: { groups } };
    },
    answers: (...next) => {
      const left = [...next];
      script.beforeSigning = (xml) => {
        const { level, age } = left.shift() ?? ASKED;
        const at = new Date(Date.now() - age * 1000).toISOString();
        const aged = xml.replace(ofAuthnStatement, `AuthnInstant="${at}"`);
        return level === 'asked' ? aged : aged.replace(/(ClassRef>)[^<]*/, `$1${classes[level]}`);
      };
    },
    cannot: () => {
      script.status = 'urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext';
    },
    cancelled: () => {
      script.status = 'urn:oasis:names:tc:SAML:2.0:status:AuthnFailed';
    },
    forced: () => stage.idp.requests.map((request) => / ForceAuthn="true"/.test(request)),
    browse: stage.browse,
  };
}

for (const [protocol, start] of [
  ['OpenID Connect', overOidc],
  ['SAML', overSaml],
] as const) {
  describe(`the same policies over ${protocol}`, () => {
    let provider: Provider;
    let stage: Stage;
    let alice: Visitor;
    before(async () => {
      mock.timers.enable({ apis: ['Date'], now: NOON });
      provider = await start();
      stage = provider.stage;
    });
    beforeEach(() => {
      provider.straighten();
      alice = stage.visitor();
    });
    after(async () => {
      await stage.stop();
      mock.timers.reset();
    });

    const told = (name: string): unknown => stage.upstream.received.at(-1)?.headers[`x-auth-${name}`];
    /** Opens a page, and goes wherever that leads: status, and trips to the provider. */
    const open = async (path: string, visitor = alice): Promise<readonly [status: number, trips: number]> => {
      const { reply, trips } = await provider.browse(visitor, path);
      return [reply.status, trips];
    };

    it('a page for everybody needs no trip', async () => {
      assert.deepEqual(await open('/'), [200, 0]);
      assert.equal(told('subject'), undefined);
    });

    it('a sign-in leads back to the very page, and the application is told who it is', async () => {
      provider.person('alice', ['hr', 'a,b']);
      assert.deepEqual(await open('/people/7?year=2026&dept=a%20b'), [200, 1]);
      assert.equal(stage.upstream.received.at(-1)?.target, '/people/7?year=2026&dept=a%20b');
      assert.deepEqual(['subject', 'level', 'levels', 'provider', 'groups', 'time'].map(told), [
        'alice',
        'password',
        'password',
        'corp',
        'hr,a%2Cb',
        String(Math.floor(Date.now() / 1000)),
      ]);
    });

    it('who may not be there is refused after one sign-in', async () => {
      provider.person('bob', ['sales']);
      assert.deepEqual(await open('/people/7'), [403, 1]);
    });

    it('a step-up adds a level and keeps the session', async () => {
      await open('/home');
      const { subject_hash: who, family_hash: family } = stage.events('sign_in').at(-1) ?? {};
      assert.deepEqual(await open('/admin/people'), [200, 1]);
      assert.deepEqual(['level', 'levels'].map(told), ['mfa', 'password,mfa']);
      const event = stage.events('step_up').at(-1);
      assert.deepEqual([event?.subject_hash, event?.family_hash, event?.had], [who, family, 'mfa']);
      assert.deepEqual(await open('/admin/people'), [200, 0]);
    });

    it('a deep link that wants the second factor takes one trip', async () => {
      assert.deepEqual(await open('/admin/people'), [200, 1]);
    });

    it('a level lapses while the person stays signed in, and is asked for again', async () => {
      await open('/admin/people');
      mock.timers.tick(50 * 60_000);
      assert.deepEqual(await open('/home'), [200, 0]);
      mock.timers.tick(11 * 60_000);
      assert.deepEqual(await open('/home'), [200, 0]);
      assert.equal(told('levels'), 'password');
      assert.deepEqual(await open('/admin/people'), [200, 1]);
    });

    it('two demands that one answer does not meet take two trips in a chain', async () => {
      provider.answers({ level: 'mfa', age: 300 }, { level: 'password', age: 0 });
      assert.deepEqual(await open('/sign/7'), [200, 2]);
      assert.equal(told('levels'), 'password,mfa');
    });

    it('an answer that is too old is asked for once more, by force', async () => {
      provider.answers({ level: 'mfa', age: 600 }, ASKED);
      assert.deepEqual(await open('/fresh/1'), [200, 2]);
      assert.deepEqual(provider.forced().slice(-2), [false, true]);
    });

    it('an answer that stays too old ends on a page, and keeps what it proves', async () => {
      provider.answers({ level: 'mfa', age: 600 }, { level: 'mfa', age: 600 });
      const { reply, trips } = await provider.browse(alice, '/fresh/1');
      assertEnded(stage, reply, 403, 'stale_authentication');
      assert.equal(trips, 2);
      assert.deepEqual(await open('/admin/people'), [200, 0]);
    });

    const refusals: readonly [what: string, answer: (provider: Provider) => void, status: number, failure: string][] = [
      ['says that it cannot', (one) => one.cannot(), 403, 'level_not_met'],
      [
        'answers with less than was asked for',
        (one) => one.answers({ level: 'password', age: 0 }),
        403,
        'level_not_met',
      ],
      ['answers with what nobody has heard of', (one) => one.answers({ level: 'none', age: 0 }), 403, 'level_not_met'],
      ['says that the person would not', (one) => one.cancelled(), 403, 'access_denied'],
      ['answers about somebody else', (one) => one.person('bob'), 403, 'subject_mismatch'],
    ];
    for (const [what, answer, status, failure] of refusals) {
      it(`a provider that ${what}: ${failure} after one trip, and the session is what it was`, async () => {
        await open('/home');
        const { reply, trips } = await unharmed(stage, alice, () => {
          answer(provider);
          return provider.browse(alice, '/admin/people');
        });
        assertEnded(stage, reply, status, failure);
        assert.equal(trips, 1);
        assert.match(reply.text, /href="\/admin\/people"/, 'another try is offered');
        assert.ok(![...alice.jar.keys()].some((name) => name.includes('flow')), 'the trip is over');
      });
    }

    it('a session that is gone when the person comes back is not brought back by the answer', async () => {
      await open('/home');
      const redirect = await alice.open('/admin/people');
      alice.jar.delete(SESSION_COOKIE);
      assertEnded(stage, await stage.passProvider(alice, redirect), 403, 'session_changed');
      assert.equal((await seenOf(stage, alice)).home, 401);
    });

    it('who signs out is a stranger again', async () => {
      await open('/home');
      await postSignOut(stage, alice, await signOutToken(alice));
      assert.deepEqual((await seenOf(stage, alice)).session, { signed_in: false });
      assert.deepEqual(await open('/home'), [200, 1]);
    });
  });
}
