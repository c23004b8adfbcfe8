import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { POLICIES, type Stage, startStage } from '../support/stage.ts';

const replaced = (from: string, to: string) => (text: string) => {
  assert.ok(text.includes(from), from);
  return text.replace(from, to);
};

describe('a reload', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
  });
  after(() => stage.stop());

  it('is in force for the next request, and leaves who is signed in signed in', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    const before = stage.gateway.live.current.world.hash;
    assert.equal((await visitor.open('/home')).status, 200);
    assert.ok(
      await stage.reload({ policies: POLICIES.replace('default: {require: password}', 'default: {require: mfa}') }),
    );
    const asked = await visitor.open('/home');
    assert.equal(asked.status, 303);
    assert.equal((await stage.passProvider(visitor, asked)).location, `${stage.origin}/home`);
    assert.equal((await visitor.open('/home')).status, 200);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-auth-level'], 'mfa');
    const event = stage.events('reloaded').at(-1);
    assert.equal(event?.world_before, before);
    assert.equal(event?.world, stage.gateway.live.current.world.hash);
    assert.notEqual(event?.world, before);
    assert.ok(await stage.reload({}));
  });

  it('with anything wrong in either file changes nothing, and says in the log what is wrong, and where', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    const { current } = stage.gateway.live;
    const broken = POLICIES.replace('require: mfa}', 'requires: mfa}');
    const gateway = (text: string): string => text.replace('issuer:', 'isuer:');
    for (const rewritten of [{ policies: broken }, { gateway }, { policies: broken, gateway }, { policies: '' }]) {
      assert.equal(await stage.reload(rewritten), false);
      assert.equal(stage.gateway.live.current, current);
      assert.equal((await visitor.open('/home')).status, 200);
    }
    assert.equal(stage.events('reload_refused').length, 4);
    assert.equal(stage.events('reload_refused')[2]?.world, current.world.hash);
    assert.match(String(stage.events('reload_refused')[0]?.detail), /^unknown-key/);
    const said = stage.lines.filter(({ msg }) => msg === 'reload_refused');
    const line = said.find(({ place }) => String(place).startsWith('policies.yaml:'));
    assert.match(String(line?.place), /^policies\.yaml:\d+:\d+$/);
    assert.equal(line?.problem, 'unknown-key');
    assert.match(`${line?.message} ${line?.hint}`, /requires.*require/);
  });

  it('of half of a change that concerns both files takes neither', async () => {
    const policies = POLICIES.replace('  payroll:', '  wages:');
    const gateway = replaced('  payroll:', '  wages:');
    const { current } = stage.gateway.live;
    assert.equal(await stage.reload({ policies }), false);
    assert.equal(await stage.reload({ gateway }), false);
    assert.equal(stage.gateway.live.current, current);
    assert.ok(await stage.reload({ policies, gateway }));
    assert.deepEqual([...stage.gateway.live.current.world.apps.keys()], ['wages']);
    assert.ok(await stage.reload({}));
  });

  it('never prints a secret, whatever is wrong with it', async () => {
    stage.env.WEAK = 'correct-horse-battery';
    assert.equal(await stage.reload({ gateway: (text) => text.replace('env:SECRET}', 'env:WEAK}') }), false);
    assert.equal(
      await stage.reload({ gateway: (text) => text.replace(/secrets:.*/, 'secrets: [hunter2-hunter2]') }),
      false,
    );
    assert.match(String(stage.events('reload_refused').at(-1)?.detail), /secret-weak/);
    assert.doesNotMatch(JSON.stringify(stage.lines), /correct-horse|hunter2/);
  });

  for (const [key, change] of Object.entries({
    'listen.host': replaced('host: 127.0.0.1', 'host: 127.0.0.2'),
    'listen.port': replaced('port: 8080', 'port: 8081'),
    ledger: replaced('ledger: memory', 'ledger: "sqlite:data/ledger.db"'),
    'cookie.prefix': (text: string) => `${text}cookie: {prefix: other}\n`,
  })) {
    it(`that changes ${key} is refused as a whole, since that needs a restart`, async () => {
      const { current } = stage.gateway.live;
      assert.equal(await stage.reload({ gateway: change, policies: POLICIES.replace('8h', '7h') }), false);
      assert.equal(stage.gateway.live.current, current);
      assert.equal(stage.events('reload_refused').at(-1)?.detail, `restart-needed:${key}`);
      const line = stage.lines.findLast(({ msg }) => msg === 'reload_refused');
      assert.deepEqual([line?.problem, line?.key], ['restart-needed', key]);
    });
  }

  it('keeps what is known of a provider, also where its levels mean something else now', async () => {
    await stage.signIn(stage.visitor());
    const { discovery, jwks } = stage.op.counts;
    assert.ok(await stage.reload({ policies: POLICIES.replace('validity: 1h', 'validity: 2h') }));
    assert.ok(await stage.reload({ provider: '    unmarked: password\n' }));
    assert.ok(await stage.reload({}));
    await stage.signIn(stage.visitor());
    assert.deepEqual([stage.op.counts.discovery, stage.op.counts.jwks], [discovery, jwks]);
  });

  it('looks anew for a provider that is reached in another way, and for that one alone', async () => {
    const { discovery } = stage.op.counts;
    assert.ok(await stage.reload({ provider: '    timeout: 4s\n' }));
    assert.equal((await stage.signIn(stage.visitor())).status, 303);
    assert.equal(stage.op.counts.discovery, discovery + 1);
    assert.ok(await stage.reload({}));
    await stage.signIn(stage.visitor());
    assert.equal(stage.op.counts.discovery, discovery + 2, 'the one before was let go');
  });

  it('that takes a level from an acr takes it from every session at once, and gives it back', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor, '/admin/people');
    assert.equal((await visitor.fetch('/admin/people')).status, 200);
    assert.ok(await stage.reload({ gateway: replaced('mfa: {acr: mfa}', 'mfa: {acr: gold}') }));
    assert.equal((await visitor.fetch('/admin/people')).status, 401);
    assert.ok(await stage.reload({}));
    assert.equal((await visitor.fetch('/admin/people')).status, 200);
  });

  it('that names another issuer under the same name ends the sessions of the one before', async () => {
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    assert.ok(await stage.reload({ gateway: replaced(stage.op.issuer, 'https://id.example.com') }));
    assert.equal((await visitor.fetch('/home')).status, 401);
    assert.ok(await stage.reload({}));
    assert.equal((await visitor.fetch('/home')).status, 200);
  });
});
