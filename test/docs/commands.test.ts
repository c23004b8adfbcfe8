import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { check } from '../../src/cli/check.ts';
import type { CommandIo } from '../../src/cli/command.ts';
import { demo } from '../../src/cli/demo.ts';
import { createExplain } from '../../src/cli/explain.ts';
import { createRevoke } from '../../src/cli/revoke.ts';
import type { RunningIo } from '../../src/cli/running.ts';
import { schema } from '../../src/cli/schema.ts';
import { serve } from '../../src/cli/serve.ts';
import { test as runTests } from '../../src/cli/test.ts';
import { loadWorldFromDisk } from '../../src/config/load-from-disk.ts';
import { pose } from '../../src/config/scenario.ts';
import { decide } from '../../src/core/decide.ts';
import { PAGES, page, ROOT } from './markdown.ts';

const SCRIPTS: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts;

const io: RunningIo = {
  out: () => {},
  err: () => {},
  env: () => undefined,
  readFile: (path) => readFileSync(path),
  cwd: ROOT,
  stopped: () => Promise.resolve('SIGTERM'),
  onHangup: () => {},
};

/** Says that the configuration has problems: then nothing is revoked, and the arguments were right. */
const revoke = createRevoke({
  load: () => ({ ok: false, problems: [], notices: [] }),
  clock: { now: () => 0 },
  random: () => '',
});

/** Each command with arguments as documented, up to where it would do something. @returns the exit code for "well used" */
const COMMANDS: Readonly<Record<string, (args: readonly string[], io: RunningIo) => Promise<boolean>>> = {
  serve: async (args) => (await serve([...args, '--help'], io)) === 0,
  demo: async (args) => (await demo([...args, '--help'], io)) === 0,
  revoke: async (args) => (await revoke(args, io)) === 1,
  check: async (args) => (await check(args, checkIo)) === 0,
  explain: async (args) => (await explain(args, checkIo)) === 0,
  schema: async (args) => (await schema(args, checkIo)) === 0,
  test: async (args) => (await runTests(args, checkIo)) === 0,
};

const explain = createExplain({ now: () => 0 });

/** Files that examples make up: the configuration is the shipped one. */
function madeUp(path: string): Buffer {
  if (path.endsWith('claims.json')) return Buffer.from('{"acr": "urn:stepgate:demo:mfa"}');
  return readFileSync(join(ROOT, path.endsWith('policies.yaml') ? 'policies.yaml' : 'gateway.yaml'));
}

const checkIo: CommandIo = { ...io, readFile: (path) => (existsSync(path) ? readFileSync(path) : madeUp(path)) };

async function isThere(command: string): Promise<boolean> {
  const [program = '', first = '', ...rest] = command.split(/\s+/).map((word) => word.replace(/^"(.*)"$/, '$1'));
  if (program === 'npm' && first === 'ci') return true;
  if (program === 'npm' && first === 'start') return hasScript('start') && COMMANDS.demo !== undefined;
  if (program === 'npm' && first === 'test') return hasScript('test');
  if (program === 'npm' && first === 'run') {
    const [script = '', dashes, name = '', ...args] = rest;
    if (script !== 'stepgate') return hasScript(script) && dashes === undefined;
    return hasScript(script) && dashes === '--' && (await COMMANDS[name]?.(args, io)) === true;
  }
  if (program === 'npx' && first === 'node' && rest[0] === '--test') return existsSync(join(ROOT, rest[1] ?? ''));
  return program === 'openssl' && ['rand', 'genpkey', 'req'].includes(first ?? '');
}

/** Whether a script of package.json is there, and the files that it runs. */
function hasScript(name: string): boolean {
  const files = SCRIPTS[name]?.match(/\b(?:src|scripts|bench)\/[\w/.]+/g) ?? [];
  return SCRIPTS[name] !== undefined && files.every((file) => existsSync(join(ROOT, file)));
}

describe('a command in the documentation', () => {
  for (const fence of PAGES.flatMap(({ fences }) => fences).filter(({ language }) => language === 'sh')) {
    for (const line of fence.text.trim().split('\n')) {
      const commands = line.replace(/\s+#.*$/, '').split(/\s+&&\s+/);
      it(`${fence.place}: ${commands.join(', ')}`, async () => {
        for (const command of commands) assert.ok(await isThere(command), command);
      });
    }
  }

  it('of the README is what npm runs: the demo, and every test', () => {
    assert.match(SCRIPTS.start ?? '', /src\/main\.ts demo$/);
    assert.match(SCRIPTS.test ?? '', /--test .*"test\/\*\*\/\*\.test\.ts"/);
  });
});

describe('what the README says of the demo', () => {
  it('is what the shipped files demand', () => {
    const loaded = loadWorldFromDisk(join(ROOT, 'gateway.yaml'), {
      env: () => randomBytes(32).toString('base64'),
      policiesFile: join(ROOT, 'policies.yaml'),
    });
    assert.ok(loaded.ok);
    const app = loaded.world.apps.get('payroll');
    assert.ok(app !== undefined);
    const asked = (path: string): string => {
      const scenario = {
        method: 'GET',
        target: path,
        headers: null,
        hasBody: false,
        clientIp: null,
        person: null,
        at: null,
      };
      const posed = pose(scenario, app, 0, 'fails');
      assert.ok(!('refused' in posed), path);
      const decision = decide(app, posed.question);
      if (decision.kind !== 'challenge') return decision.kind;
      return `${decision.missing.level.name} ${decision.missing.maxAge ?? ''}`.trim();
    };
    const paths = ['/', '/account', '/payslips', '/approve/42', '/legacy/old'];
    assert.deepEqual(paths.map(asked), ['allow', 'password', 'mfa', 'mfa 120', 'deny']);
    for (const path of paths) assert.ok(page('README.md').prose.includes(`<http://localhost:8080${path}>`), path);
  });

  it('has its people, as npm start prints them', async () => {
    const { demoPeople } = await import('../../src/demo/people.ts');
    const text = page('README.md').prose;
    for (const { username, password } of demoPeople((size) => Buffer.alloc(size))) {
      assert.match(text, new RegExp(`\`${username}\`, password \`${password}\``));
    }
  });
});
