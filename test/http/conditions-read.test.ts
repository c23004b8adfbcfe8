import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { assertEnded, browse, targetOf } from '../support/besieged.ts';
import { type Stage, startStage } from '../support/stage.ts';
import type { Visitor } from '../support/visitor.ts';

const LEVELS = `version: 1
levels:
  - {name: password, validity: 8h}
  - {name: mfa, validity: 1h}
default: {require: password}
`;

const POLICIES = `${LEVELS}conditions:
  sales: '"sales" in user.claims.dept'
floors:
  - {id: contractors, apps: [payroll], when: '"contractors" in user.groups', require: mfa}
apps:
  payroll:
    rules:
      - {id: sales, path: /sales/**, only: sales}
      - {id: banned, path: /open/**, when: has(user.claims.banned), deny: true}
      - {id: hr, path: /hr/**, only: '"hr" in user.groups'}
  travel:
    rules:
      - {id: agents, path: /travel/agents/**, only: '"agents" in user.groups'}
      - {id: off, path: /travel/old/**, mode: "off", only: '"pilots" in user.groups && "x" in user.claims.wings'}
`;

const ALICE = { sub: 'alice', name: 'Alice Example', email: 'alice@example.com', email_verified: true };

const start = (policies = POLICIES): Promise<Stage> =>
  startStage({
    policies,
    provider: '    claims: {groups: memberOf}',
    gateway: (text) =>
      `${text.replace('groups: ["*"]', 'groups: []')}
  travel:
    origins: ${/origins: (.*)/.exec(text)?.[1]}
    path: /travel
    upstream: ${/upstream: (.*)/.exec(text)?.[1]}
    provider: corp
`,
  });

describe('what conditions read of a person', () => {
  let stage: Stage;
  before(async () => {
    stage = await start();
  });
  beforeEach(() => {
    stage.op.script.person = { ...ALICE, dept: 'sales', memberOf: ['hr', 'agents', 'pilots', 'staff'] };
  });
  after(() => stage.stop());

  const signedIn = async (person: Record<string, unknown> = {}): Promise<Visitor> => {
    stage.op.script.person = { ...stage.op.script.person, ...person };
    const visitor = stage.visitor();
    assert.equal((await stage.signIn(visitor)).status, 303);
    return visitor;
  };
  const statuses = async (visitor: Visitor, ...pages: readonly string[]): Promise<readonly number[]> => {
    const found: number[] = [];
    for (const page of pages) found.push((await visitor.open(page)).status);
    return found;
  };

  it('is asked for by name, and nothing that only a rule which is off would read', async () => {
    await signedIn();
    const claims = JSON.parse(stage.op.asked.at(-1)?.get('claims') ?? '{}').id_token;
    assert.deepEqual([claims.dept, claims.banned, 'wings' in claims], [null, null, false]);
  });

  it('opens what it is for, by a text and by a list that has it', async () => {
    for (const dept of ['sales', ['board', 'sales']]) {
      assert.deepEqual(await statuses(await signedIn({ dept }), '/sales/1', '/open/1'), [200, 200]);
    }
  });

  it('opens nothing where it is missing, another, or of a shape that is no value', async () => {
    for (const dept of [undefined, null, 'Sales', 'presales', ['sales', 7], { sales: true }]) {
      assert.deepEqual(await statuses(await signedIn({ dept }), '/sales/1', '/home'), [403, 200], JSON.stringify(dept));
    }
  });

  it('refuses by a claim that is there, and by one that came and cannot be read', async () => {
    for (const banned of ['yes', true, [], { until: 'may' }, ['a', 1], 'x'.repeat(600)]) {
      assert.deepEqual(
        await statuses(await signedIn({ banned }), '/open/1', '/home'),
        [403, 200],
        JSON.stringify(banned),
      );
    }
    const notes = stage.lines.filter(({ msg }) => msg === 'bad_claim').map(({ detail }) => detail);
    assert.ok(notes.length > 0 && notes.every((detail) => detail === 'claim=dept' || detail === 'claim=banned'));
  });

  it('tells each app the groups that conditions over it name, and none for another’s sake', async () => {
    const alice = await signedIn();
    const told = async (page: string): Promise<unknown> => {
      assert.equal((await alice.open(page)).status, 200);
      return stage.upstream.received.at(-1)?.headers['x-auth-groups'];
    };
    assert.equal(await told('/hr/1'), 'hr');
    assert.equal(await told('/travel/agents/1'), 'agents');
  });

  it('ends the sign-in where a claim that is read does not fit, and names it', async () => {
    const roles = Array.from({ length: 100 }, (_, n) => `${n}`.padStart(100, 'r'));
    stage.op.script.person = { ...ALICE, dept: roles };
    const alice = stage.visitor();
    const reply = await stage.signIn(alice);
    assertEnded(stage, reply, 403, 'claims_too_large');
    assert.match(reply.text, /<dt>Claim<\/dt><dd>dept<\/dd>/);
    assert.equal((await alice.fetch('/home')).status, 401);
  });
});

describe('policies that read something new of people', () => {
  const BEFORE = `${LEVELS}apps:\n  payroll: {rules: [{id: hr, path: /hr/**, only: '"hr" in user.groups'}]}\n  travel: {}\n`;
  const reading = (rule: string) => BEFORE.replace('rules: [', `rules: [${rule}, `);
  const NEW_GROUP = reading(`{id: out, path: /open/**, when: '"lost-device" in user.groups', deny: true}`);
  const NEW_CLAIM = reading('{id: banned, path: /open/**, when: has(user.claims.banned), deny: true}');
  const ANY_GROUP = reading(
    `{id: partners, path: /open/**, when: 'user.groups.exists(g, g.startsWith("x-"))', deny: true}`,
  );
  let stage: Stage;
  before(async () => {
    stage = await start(BEFORE);
  });
  beforeEach(async () => {
    stage.op.script.person = { ...ALICE, memberOf: ['hr', 'lost-device', 'x-partner'], banned: true };
    stage.op.script.sign = 'ours';
    assert.equal(await stage.reload({ policies: `${BEFORE}# ${stage.lines.length}\n` }), true);
  });
  after(() => stage.stop());

  for (const [what, policies] of [
    ['a group', NEW_GROUP],
    ['a claim', NEW_CLAIM],
    ['any group', ANY_GROUP],
  ] as const) {
    it(`${what}: ask the provider once more, instead of taking for missing what nobody has looked for`, async () => {
      const alice = stage.visitor();
      await stage.signIn(alice);
      assert.equal((await alice.open('/open/1')).status, 200);
      assert.equal(await stage.reload({ policies }), true);
      assert.deepEqual((await alice.fetch('/open/1')).json().why, 'no_session');
      const { reply, trips } = await browse(stage, alice, '/open/1');
      assert.equal(reply.status, 403, 'what is true of her closes it');
      assert.match(reply.text, /forbidden/);
      assert.equal(trips, 1);
      assert.deepEqual(await browse(stage, alice, '/hr/1').then((end) => [end.reply.status, end.trips]), [200, 0]);
    });
  }

  it('leave those of another application alone, which reads nothing new', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    assert.equal(
      await stage.reload({ policies: NEW_GROUP.replace('travel: {}', 'travel: {require: password}') }),
      true,
    );
    const { reply, trips } = await browse(stage, alice, '/travel/x');
    assert.deepEqual([reply.status, trips], [200, 0]);
  });

  it('and no longer read it: ask nobody', async () => {
    assert.equal(await stage.reload({ policies: NEW_GROUP }), true);
    stage.op.script.person = ALICE;
    const alice = stage.visitor();
    await stage.signIn(alice);
    assert.equal(await stage.reload({ policies: BEFORE }), true);
    assert.deepEqual(await browse(stage, alice, '/open/1').then((end) => [end.reply.status, end.trips]), [200, 0]);
  });

  it('while somebody is on the way: have them sent once more, and no oftener', async () => {
    const alice = stage.visitor();
    const answer = targetOf(await stage.op.visit((await alice.open('/open/1')).location ?? ''));
    stage.op.script.sign = async (header, claims, keys) => {
      stage.op.script.sign = 'ours';
      assert.equal(await stage.reload({ policies: NEW_GROUP }), true);
      return keys.sign(header, claims);
    };
    const { reply, trips } = await browse(stage, alice, answer);
    assert.equal(reply.status, 403);
    assert.equal(trips, 1);
  });

  it('by the link of a 401 too: the page that it leads back to asks for nothing, and would send nobody', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    const policies = NEW_CLAIM.replace('rules: [', 'rules: [{id: page, path: /page, public: true}, ');
    assert.equal(await stage.reload({ policies }), true);
    const refused = await alice.fetch('/open/1', { headers: { referer: `${stage.origin}/page` } });
    const { reply, trips } = await browse(stage, alice, targetOf(String(refused.json().step_up_url)));
    assert.deepEqual([reply.status, trips], [200, 1]);
    assert.equal((await alice.fetch('/open/1')).status, 403, 'what is true of her closes it');
  });

  it('keep the family of the session: it is the same person, once more', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    const [first] = stage.events('sign_in').slice(-1);
    assert.equal(await stage.reload({ policies: NEW_CLAIM }), true);
    await browse(stage, alice, '/open/1');
    const [again] = stage.events('step_up').slice(-1);
    assert.equal(again?.family_hash, first?.family_hash);
  });
});

describe('what is only reported', () => {
  const READS = `only: '"hr" in user.groups && "x" in user.claims.dept', require: mfa`;
  const policies = (mode: 'off' | 'report'): string => `${LEVELS}apps:
  payroll: {rules: [{id: tried, path: /tried/**, methods: write, ${READS}, mode: ${mode}}, {id: too, path: /tried/**, ${READS}, mode: ${mode}}]}
  travel: {}
`;
  let stage: Stage;
  let earlier: Visitor;
  before(async () => {
    stage = await start(policies('off'));
    stage.op.script.person = { ...ALICE, dept: 'x', memberOf: ['hr'] };
    earlier = stage.visitor();
    await stage.signIn(earlier);
    assert.equal(await stage.reload({ policies: policies('report') }), true);
  });
  after(() => stage.stop());

  it('sends nobody to the provider for what it reads of them, and says nothing of whom it does not know', async () => {
    const { length } = stage.events('report');
    assert.equal((await earlier.open('/tried/1')).status, 200);
    assert.equal(stage.events('report').length, length);
  });

  it('tells no upstream the groups that it names, though it knows them', async () => {
    const alice = stage.visitor();
    await stage.signIn(alice);
    assert.equal((await alice.open('/tried/1')).status, 200);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-groups'], undefined);
    assert.equal(stage.events('report').at(-1)?.would, 'challenge mfa insufficient_level');
  });

  it('refuses no request that says it is of another method', async () => {
    const reply = await earlier.open('/home', { headers: { 'x-http-method-override': 'PUT' } });
    assert.equal(reply.status, 200);
  });
});
