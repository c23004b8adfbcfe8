import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import type { CommandIo } from '../../src/cli/command.ts';
import { createRevoke, type RevokeWorld } from '../../src/cli/revoke.ts';
import type { LoadResult } from '../../src/config/load.ts';
import type { OidcProviderConfig } from '../../src/config/world.ts';
import { openSqliteLedger, type Schedule } from '../../src/ledger/sqlite.ts';
import type { Ledger, RevocationFacts } from '../../src/ports.ts';

const NOW = 1_790_000_000;
const DAY = 86_400;

const CORP: OidcProviderConfig = {
  type: 'oidc',
  name: 'corp',
  issuer: 'https://id.example.com/realms/corp',
  clientId: 'stepgate',
  clientSecret: 'of-no-importance',
  clientAuth: 'client_secret_basic',
  evidence: { marks: [], unmarked: null },
  ask: null,
  clientKeys: null,
  par: 'auto',
  userinfo: false,
  loginHint: null,
  logout: 'local',
  scopes: ['openid'],
  claims: { email: 'email', name: 'name', groups: null },
  idTokenAlgorithm: 'RS256',
  clockTolerance: 60,
  timeout: 5,
  claimsKept: [],
  sought: '',
  keepsGroup: () => false,
  namesGroup: () => false,
};

interface Setting {
  readonly folder: string;
  /** The gateway's own connection to the ledger; polled when asked whether something is revoked. */
  readonly isRevoked: (changed: Partial<RevocationFacts>) => boolean;
  run(...args: string[]): Promise<{ exit: number; out: string; err: string; loaded: readonly string[] }>;
}

function setUp(t: TestContext, changed: { memory?: boolean; noLedger?: boolean; broken?: boolean } = {}): Setting {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-'));
  let poll = (): void => {};
  let ledger: Ledger | null = null;
  if (!changed.noLedger) {
    ledger = openSqliteLedger({
      file: join(folder, 'ledger.db'),
      clock: { now: () => NOW },
      random: () => 'birth-of-this-ledger',
      schedule: (task) => {
        poll = task;
        return () => {};
      },
    });
  }
  t.after(async () => {
    await ledger?.close();
    rmSync(folder, { recursive: true });
  });
  const world: RevokeWorld = {
    ledger: changed.memory ? { kind: 'memory' } : { kind: 'sqlite', file: 'ledger.db' },
    session: { lifetime: 43_200, idle: 3600 },
    providers: new Map([['corp', CORP]]),
    secrets: [Buffer.alloc(32, 1)],
    hash: 'hash-of-both-files',
  };
  const problem = {
    id: 'bad-port',
    message: 'the port is no port',
    hint: null,
    file: 'g.yaml',
    line: 3,
    column: 7,
    source: '',
  } as const;
  const result: LoadResult<RevokeWorld> = changed.broken
    ? { ok: false, problems: [problem], notices: [] }
    : { ok: true, world, notices: [] };
  return {
    folder,
    isRevoked(session) {
      poll();
      assert.ok(ledger !== null);
      const alice = {
        birth: ledger.birth,
        family: 'f',
        generation: 1,
        issuer: CORP.issuer,
        subject: 'alice',
        providerSession: null,
        createdAt: NOW,
      };
      return ledger.isRevoked({ ...alice, ...session }, NOW);
    },
    async run(...args) {
      let out = '';
      let err = '';
      const loaded: string[] = [];
      const io: CommandIo = {
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
        env: (name) => (name === 'STEPGATE_CONFIG' ? 'from-env.yaml' : undefined),
        readFile: () => Buffer.alloc(0),
        cwd: folder,
      };
      const command = createRevoke({
        load: (file) => {
          loaded.push(file);
          return result;
        },
        clock: { now: () => NOW },
        random: () => 'never used',
      });
      return { exit: await command(args, io), out, err, loaded };
    },
  };
}

it('revokes every session of a person that began until now, in running gateways too', async (t) => {
  const { run, isRevoked } = setUp(t);
  const { exit, out } = await run('--provider', 'corp', '--subject', 'alice');
  assert.equal(exit, 0);
  assert.match(out, /Every session of alice at corp .* is revoked/);
  assert.equal(isRevoked({}), true);
  assert.equal(isRevoked({ createdAt: NOW + 1 }), false);
  assert.equal(isRevoked({ subject: 'bob' }), false);
});

it('leaves an audit event that names nobody in the clear', async (t) => {
  const { run } = setUp(t);
  const { err } = await run('--provider', 'corp', '--subject', 'alice');
  const event = JSON.parse(err) as Record<string, unknown>;
  assert.deepEqual(
    { event: event.event, why: event.why, provider: event.provider, world: event.world },
    { event: 'revoked', why: 'subject', provider: 'corp', world: 'hash-of-both-files' },
  );
  assert.equal(typeof event.subject_hash, 'string');
  assert.doesNotMatch(err, /alice/);
});

it('leaves no audit event where nothing was revoked', async (t) => {
  const { run } = setUp(t, { memory: true });
  const { err } = await run('--all');
  assert.doesNotMatch(err, /"event"/);
});

it('revokes one sign-in', async (t) => {
  const { run, isRevoked } = setUp(t);
  assert.equal((await run('--family', 'f')).exit, 0);
  assert.equal(isRevoked({ createdAt: NOW + 1 }), true);
  assert.equal(isRevoked({ family: 'g' }), false);
});

it('revokes everybody', async (t) => {
  const { run, isRevoked } = setUp(t);
  assert.equal((await run('--all')).exit, 0);
  assert.equal(isRevoked({ subject: 'bob', family: 'g' }), true);
  assert.equal(isRevoked({ createdAt: NOW + 1 }), false);
});

it('keeps the revocation longer than any session lives, also one from before the lifetime was shortened', async (t) => {
  const { run, folder } = setUp(t);
  await run('--provider', 'corp', '--subject', 'alice');
  const clock = { now: () => NOW + 30 * DAY };
  const file = join(folder, 'ledger.db');
  let poll = (): void => {};
  const schedule: Schedule = (task) => {
    poll = task;
    return () => {};
  };
  const pruning = openSqliteLedger({ file, clock, random: () => '', schedule });
  for (let i = 0; i < 100; i++) await pruning.voidFamily(`other-${i}`, NOW + 60 * DAY);
  poll();
  await pruning.close();
  const later = openSqliteLedger({ file, clock, random: () => '' });
  t.after(() => later.close());
  const person = { issuer: CORP.issuer, subject: 'alice', providerSession: null };
  const alice = { birth: later.birth, family: 'f', generation: 1, ...person, createdAt: NOW };
  assert.equal(later.isRevoked(alice, clock.now()), true);
});

it('reads the configuration that --config names, else STEPGATE_CONFIG', async (t) => {
  const { run } = setUp(t);
  assert.deepEqual((await run('--all', '--config', 'mine.yaml')).loaded, ['mine.yaml']);
  assert.deepEqual((await run('--all')).loaded, ['from-env.yaml']);
});

it('answers in JSON when asked to', async (t) => {
  const { run } = setUp(t);
  const { out, err } = await run('--provider', 'corp', '--subject', 'alice', '--json');
  const { message, ...facts } = JSON.parse(out);
  assert.equal(typeof message, 'string');
  assert.deepEqual(facts, {
    ok: true,
    revoked: 'subject',
    provider: 'corp',
    issuer: CORP.issuer,
    subject: 'alice',
    until: '2026-09-21T14:13:20.000Z',
  });
  assert.equal(JSON.parse(err).event, 'revoked', 'the audit event alone stands beside it');
  assert.equal(JSON.parse((await run('--family', 'f', '--json')).out).revoked, 'family');
  assert.equal(JSON.parse((await run('--all', '--json')).out).revoked, 'all');
  assert.deepEqual(JSON.parse((await run('--provider', 'crop', '--subject', 'a', '--json')).out).providers, ['corp']);
});

for (const args of [
  [],
  ['--provider', 'corp'],
  ['--subject', 'alice'],
  ['--provider', 'corp', '--subject', ''],
  ['--family', ''],
  ['--all', '--family', 'f'],
  ['--all', '--subject', 'alice'],
  ['--all', '--provider', 'corp', '--subject', 'alice'],
  ['--all=yes'],
  ['--everyone'],
  ['alice'],
]) {
  it(`revokes nothing and shows how it is used: ${args.join(' ') || '(no arguments)'}`, async (t) => {
    const { run, isRevoked } = setUp(t);
    const { exit, err } = await run(...args);
    assert.equal(exit, 2);
    assert.match(err, /^Usage: stepgate revoke/);
    assert.equal(isRevoked({}), false);
  });
}

it('says how it is used when asked', async (t) => {
  const { exit, out } = await setUp(t).run('--help');
  assert.equal(exit, 0);
  assert.match(out, /--provider NAME --subject SUBJECT/);
});

it('lists the providers when it does not know the one that was named', async (t) => {
  const { exit, err } = await setUp(t).run('--provider', 'crop', '--subject', 'alice');
  assert.equal(exit, 2);
  assert.match(err, /no provider "crop"\. Did you mean "corp"\? Providers: corp/);
});

it('says why it can do nothing about a memory ledger', async (t) => {
  const { exit, err } = await setUp(t, { memory: true }).run('--all');
  assert.equal(exit, 2);
  assert.match(err, /"memory", which only the running gateway can reach/);
});

it('makes no ledger where there is none, since no gateway would read it', async (t) => {
  const { run, folder } = setUp(t, { noLedger: true });
  const { exit, err } = await run('--all');
  assert.equal(exit, 1);
  assert.match(err, /Nothing was revoked: .*there is no ledger/);
  assert.deepEqual(readdirSync(folder), []);
  writeFileSync(join(folder, 'ledger.db'), 'no database '.repeat(1000));
  assert.equal(JSON.parse((await run('--all', '--json')).out).error, 'ledger_damaged');
});

it('revokes nothing under a configuration with problems, and names them', async (t) => {
  const { run, isRevoked } = setUp(t, { broken: true });
  const { exit, err } = await run('--all');
  assert.equal(exit, 1);
  assert.match(err, /g\.yaml:3:7: the port is no port/);
  assert.equal(isRevoked({}), false);
});
