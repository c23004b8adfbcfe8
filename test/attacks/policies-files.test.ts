import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { check } from '../../src/cli/check.ts';
import { loadFromDiskWithoutSecrets } from '../../src/config/load-from-disk.ts';
import { readStart } from '../../src/config/text-file.ts';
import { BANK, FULL_GATEWAY, FULL_POLICIES, put } from '../config/full-files.ts';
import { POLICIES, type Stage, startStage } from '../support/stage.ts';

describe('files that are no files', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'stepgate-'));
    writeFileSync(join(folder, 'gateway.yaml'), FULL_GATEWAY);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('T170 are read no further than a file would be: an app in /dev/zero', () => {
    writeFileSync(join(folder, 'policies.yaml'), put(FULL_POLICIES, 'apps/bank.yaml', '/dev/zero'));
    const result = loadFromDiskWithoutSecrets(join(folder, 'gateway.yaml'), {});
    assert.ok(!result.ok);
    assert.deepEqual(
      result.problems.map(({ file, id }) => `${file} ${id}`),
      ['/dev/zero file-too-large'],
    );
  });

  it('T170 are too large wherever they are cut, be it in the middle of a character', () => {
    writeFileSync(join(folder, 'long.yaml'), `##${'é'.repeat(600_000)}`);
    writeFileSync(join(folder, 'policies.yaml'), put(FULL_POLICIES, 'apps/bank.yaml', 'long.yaml'));
    const result = loadFromDiskWithoutSecrets(join(folder, 'gateway.yaml'), {});
    assert.ok(!result.ok);
    assert.deepEqual(
      result.problems.map(({ id }) => id),
      ['file-too-large'],
    );
    assert.equal(readStart('/dev/zero').length, 1_048_577);
  });

  it('T170 are read to their end where they are shorter', () => {
    assert.equal(readStart(join(folder, 'gateway.yaml')).toString('utf8'), FULL_GATEWAY);
  });
});

describe('what a file says of itself', () => {
  it('T170 steers no terminal: neither keys nor values nor conditions', async () => {
    const policies = put(
      put(FULL_POLICIES, 'default: {', 'default: {"\\e[2J\\u202E": 1, '),
      'note: audited',
      'nte: "\u202E \u001B[2J"',
    );
    const files: Readonly<Record<string, string>> = {
      '/gw/gateway.yaml': FULL_GATEWAY,
      '/gw/policies.yaml': put(policies, 'when: late', 'when: "\\e[2Jlate"'),
      '/gw/apps/bank.yaml': BANK,
    };
    let out = '';
    const code = await check(['--without-secrets'], {
      out: (text) => {
        out += text;
      },
      err: () => {},
      env: () => undefined,
      readFile: (path) => Buffer.from(files[path] ?? assert.fail(path)),
      cwd: '/gw',
    });
    assert.equal(code, 1);
    assert.match(out, /unknown-key[\s\S]*bad-condition/);
    assert.doesNotMatch(out, /(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  });
});

describe('a running gateway', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({
      files: { 'app.yaml': 'rules:\n  - {id: x, path: /x/**, require: mfa}\n', 'bad.yaml': 'rulez: []\n' },
    });
  });
  after(() => stage.stop());

  const withFile = (file: string): string => POLICIES.replace(/ {4}rules:.*$/s, `    file: ${file}\n`);

  it('T170 keeps its policies whole while the file of an app is bad or gone', async () => {
    assert.ok(await stage.reload({ policies: withFile('app.yaml') }));
    const { current } = stage.gateway.live;
    for (const file of ['bad.yaml', 'gone.yaml', 'policies.yaml', '../app.yaml']) {
      assert.equal(await stage.reload({ policies: withFile(file) }), false);
      assert.equal(stage.gateway.live.current, current);
    }
    assert.equal(stage.gateway.live.current.world.apps.get('payroll')?.ruleList[0]?.rule.id, 'payroll/x');
  });
});
