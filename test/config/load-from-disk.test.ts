import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadFromDiskWithoutSecrets, loadWorldFromDisk } from '../../src/config/load-from-disk.ts';
import { GATEWAY, KEY, POLICIES } from './fixture.ts';

const env = (name: string): string | undefined => ({ KEY, CLIENT: 'x' })[name];

describe('files on disk', () => {
  let folder = '';
  const write = (name: string, content: string | Buffer): string => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'stepgate-config-'));
    mkdirSync(join(folder, 'security'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are found relative to the file that names them: policies, secrets and the ledger', () => {
    write('security/rules.yaml', POLICIES);
    write('security/key', `${KEY}\n`);
    const text = GATEWAY.replace('policies: policies.yaml', 'policies: security/rules.yaml')
      .replace('env:KEY', 'file:security/key')
      .replace('ledger: memory', 'ledger: sqlite:data/ledger.db');
    const result = loadWorldFromDisk(write('gateway.yaml', text), { env });
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual(result.world.secrets, [Buffer.from(KEY, 'base64')]);
    assert.deepEqual(result.world.ledger, { kind: 'sqlite', file: join(folder, 'data/ledger.db') });
  });

  it('are missed where they are named', () => {
    const gateway = write('lonely.yaml', GATEWAY.replace('policies: policies.yaml', 'policies: nowhere.yaml'));
    const result = loadWorldFromDisk(gateway, { env });
    assert.ok(!result.ok);
    assert.deepEqual(
      result.problems.map(({ file, line, column, id }) => [file, line, column, id]),
      [[gateway, 7, 11, 'file-unreadable']],
    );
  });

  it('are missed altogether', () => {
    const result = loadWorldFromDisk(join(folder, 'none', 'gateway.yaml'), { env });
    assert.ok(!result.ok);
    assert.deepEqual(
      result.problems.map(({ file, id }) => [file, id]),
      [[join(folder, 'none', 'gateway.yaml'), 'file-unreadable']],
    );
  });

  it('must be UTF-8, and the first line that is not is named', () => {
    const latin = Buffer.from(POLICIES.replace('Two steps', 'Zwei Schl\u00fcssel'), 'latin1');
    const gateway = write('latin.yaml', GATEWAY);
    const result = loadWorldFromDisk(gateway, { env, policiesFile: write('latin1.yaml', latin) });
    assert.ok(!result.ok);
    assert.deepEqual(
      result.problems.map(({ line, id }) => [line, id]),
      [[6, 'file-not-utf8']],
    );
  });

  it('are checked without their secrets, and come to nothing that could be served', () => {
    const gateway = write('nosecrets.yaml', GATEWAY.replace('env:KEY', 'file:not/here'));
    const result = loadFromDiskWithoutSecrets(gateway, { policiesFile: write('policies.yaml', POLICIES) });
    assert.ok(result.ok, JSON.stringify(result));
    assert.ok(!('secrets' in result.world));
    for (const provider of result.world.providers.values()) {
      assert.ok(!('clientSecret' in provider) && !('clientKeys' in provider));
    }
    assert.equal(loadWorldFromDisk(gateway, { env }).ok, false);
  });
});

describe('the shipped files', () => {
  it('are fine, and run the demo', () => {
    const result = loadWorldFromDisk('gateway.yaml', {
      env: (name) => ({ STEPGATE_SECRET: KEY, STEPGATE_DEMO_CLIENT_SECRET: 'x' })[name],
    });
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual(result.notices, []);
    assert.deepEqual([...result.world.hosts.keys()], ['localhost:8080']);
  });
});
