import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const shipped = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

interface Run {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  /** Resolves when standard error matches, or rejects when the process ends before that. */
  says(pattern: RegExp): Promise<void>;
  readonly ended: Promise<number | null>;
}

/** Ended after each test, also after one that failed. */
const running = new Set<ChildProcess>();

/** Runs the command line as a person does, in a process of its own. */
function stepgate(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH ?? '', ...env } });
  running.add(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const says = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(err + out)) resolve();
      };
      child.stderr.on('data', look);
      child.stdout.on('data', look);
      child.on('exit', () => reject(new Error(`ended without saying it: ${err}${out}`)));
      look();
    });
  return { child, out: () => out, err: () => err, says, ended };
}

/** A port that was free a moment ago: the child process must be told a number. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('stepgate, as a process', () => {
  let folder: string;
  const env = {
    STEPGATE_SECRET: randomBytes(32).toString('base64'),
    STEPGATE_DEMO_CLIENT_SECRET: 'x',
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'stepgate-'));
    writeFileSync(join(folder, 'policies.yaml'), shipped('policies.yaml'));
  });
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
    running.clear();
  });
  after(() => rmSync(folder, { recursive: true }));

  const configure = (text: string): string => {
    const file = join(folder, 'gateway.yaml');
    writeFileSync(file, text);
    return file;
  };

  it('serves until it is asked to stop, and writes its logs to the end', async () => {
    const port = await freePort();
    const config = configure(
      shipped('gateway.yaml').replaceAll('8080', String(port)).replace('ledger: memory', 'ledger: sqlite:ledger.db'),
    );
    const run = stepgate(['serve', '--config', config], env);
    await run.says(/listening on/);
    const page = await fetch(`http://localhost:${port}/account`);
    assert.equal(page.status, 401);
    run.child.kill('SIGTERM');
    assert.equal(await run.ended, 0);
    const events = run
      .out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      events.filter(({ event }) => event !== undefined).map(({ event }) => event),
      ['started', 'challenge', 'stopped'],
    );
    assert.equal(events.find(({ msg }) => msg === 'request')?.status, 401);
  });

  it('says what is wrong with a configuration, with the line, and does not start', async () => {
    const run = stepgate(['serve', '--config', configure(shipped('gateway.yaml').replace('issuer:', 'isuer:'))], env);
    assert.equal(await run.ended, 1);
    assert.match(run.err(), /gateway\.yaml:\d+:\d+ {2}unknown-key/);
    assert.match(run.err(), /issuer/);
    assert.equal(run.out(), '');
  });

  it('says that its port is taken', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as AddressInfo;
    const run = stepgate(
      ['serve', '--config', configure(shipped('gateway.yaml').replaceAll('8080', String(port)))],
      env,
    );
    const code = await run.ended;
    holder.close();
    assert.equal(code, 1);
    assert.match(run.err(), /is taken by another program/);
  });

  it('explains itself, and knows when it is used wrongly', async () => {
    const help = stepgate(['--help']);
    assert.equal(await help.ended, 0);
    for (const command of ['serve', 'check', 'revoke', 'demo'])
      assert.match(help.out(), new RegExp(`stepgate ${command}`));
    const wrong = stepgate(['constructor']);
    assert.equal(await wrong.ended, 2);
    assert.match(wrong.err(), /there is no command "constructor"/);
  });

  it('runs the demo, with everything a newcomer needs on the screen', async () => {
    const port = await freePort();
    const run = stepgate(['demo', '--port', String(port)]);
    await run.says(/Ctrl-C/);
    for (const word of [
      `http://localhost:${port}`,
      'alice',
      'wonderland',
      'bob',
      'carol',
      '/payslips',
      'policies.yaml',
    ]) {
      assert.ok(run.out().includes(word), word);
    }
    assert.equal((await fetch(`http://localhost:${port}/`)).status, 200);
    run.child.kill('SIGINT');
    assert.equal(await run.ended, 0);
  });
});
