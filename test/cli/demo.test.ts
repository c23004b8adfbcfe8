import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { basename } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { check } from '../../src/cli/check.ts';
import { demo } from '../../src/cli/demo.ts';
import type { RunningIo } from '../../src/cli/running.ts';

/** A world for the command in which files can be changed, and which can be told to stop. */
function pretend() {
  const changes = new Map<string, (text: string) => string>();
  const said = { out: '', err: '' };
  let hangup = (): void => {};
  let stop = (_signal: string): void => {};
  const stopped = new Promise<string>((resolve) => {
    stop = resolve;
  });
  const io: RunningIo = {
    out(text) {
      said.out += text;
    },
    err(text) {
      said.err += text;
    },
    env: () => undefined,
    cwd: '.',
    readFile(path) {
      const text = readFileSync(path, 'utf8');
      return Buffer.from(changes.get(basename(path))?.(text) ?? text);
    },
    stopped: () => stopped,
    onHangup: (run) => {
      hangup = run;
    },
  };
  const says = async (pattern: RegExp): Promise<void> => {
    for (let tries = 0; !pattern.test(said.out); tries++) {
      assert.ok(tries < 1000, `${pattern} was not said: ${said.out}${said.err}`);
      await after(20);
    }
  };
  return { io, said, changes, says, stop: () => stop('SIGINT'), readAgain: () => hangup() };
}

/** The first of three ports of which, just now, nobody has any. */
async function freePorts(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return Math.min(port, 65_000);
}

/** The answer to somebody who opens this address. `fetch` would say that it is a program. */
async function navigate(url: string): Promise<IncomingMessage> {
  const [answer] = (await once(get(url, { headers: { Accept: 'text/html' } }), 'response')) as [IncomingMessage];
  answer.resume();
  return answer;
}

describe('stepgate demo', () => {
  let world: ReturnType<typeof pretend>;
  let running: Promise<number> | null;
  beforeEach(() => {
    world = pretend();
    running = null;
  });
  afterEach(async () => {
    world.stop();
    await running;
  });

  it('explains itself', async () => {
    assert.equal(await demo(['--help'], world.io), 0);
    assert.match(world.said.out, /^Usage: stepgate demo \[--saml\] \[--port 8080\] \[--log\]/);
  });

  for (const args of [['--saml=yes'], ['--oidc'], ['--port', 'x'], ['--port', '65534'], ['here']]) {
    it(`is used wrongly with ${args.join(' ')}`, async () => {
      assert.equal(await demo(args, world.io), 2);
      assert.match(world.said.err, /^Usage: stepgate demo/);
    });
  }

  const protocols = [
    { args: [], file: 'gateway.yaml', asks: '/auth' },
    { args: ['--saml'], file: 'gateway-saml.yaml', asks: '/sso' },
  ];
  for (const { args, file, asks } of protocols) {
    it(`${args.join()} runs ${file}, takes what changes in the files, and stops`.trim(), async () => {
      const port = await freePorts();
      running = demo([...args, '--port', String(port)], world.io);
      await world.says(/Ctrl-C/);
      assert.ok(world.said.out.includes(`how things are reached in ${file}: change one`));
      const origin = `http://localhost:${port}`;
      const { headers } = await navigate(`${origin}/account`);
      const asked = headers.location ?? '';
      assert.ok(asked.startsWith(`http://localhost:${port + 1}${asks}?`), asked);
      assert.equal((await navigate(asked)).statusCode, 303, 'the provider takes the request');

      world.changes.set('policies.yaml', (text) => text.replace('{require: password}', '{require: never}'));
      world.readAgain();
      await world.says(/The change is refused, all is as it was/);
      world.changes.set('policies.yaml', (text) =>
        text.replace('    rules:', '    rules:\n      - {id: closed, path: /report, deny: true}'),
      );
      world.changes.set(file, (text) => text.replace('[staff, hr, managers]', '[staff]'));
      world.readAgain();
      await world.says(/The changed configuration is in force/);
      assert.equal((await navigate(`${origin}/report`)).statusCode, 403);
      world.stop();
      assert.equal(await running, 0);
      await assert.rejects(fetch(origin));
      await assert.rejects(fetch(`http://localhost:${port + 1}`));
    });
  }

  for (const args of [[], ['--saml']]) {
    it(`${args.join()} says that a port is taken`.trim(), async () => {
      const holder = createServer();
      await new Promise<void>((resolve) => holder.listen(0, 'localhost', resolve));
      const { port } = holder.address() as AddressInfo;
      assert.equal(await demo([...args, '--port', String(port - 1)], world.io), 1);
      await new Promise((resolve) => holder.close(resolve));
      assert.match(world.said.err, /is taken by another program/);
      assert.ok(world.said.err.includes(`npm start -- ${args.map((one) => `${one} `).join('')}--port 9000`));
    });
  }

  it('comes with a gateway-saml.yaml in which check finds nothing, with the very same policies', async () => {
    const code = await check(['--config', 'gateway-saml.yaml', '--without-secrets', '--strict'], world.io);
    assert.equal(code, 0, world.said.out + world.said.err);
    assert.match(world.said.out, /^gateway-saml\.yaml and policies\.yaml: fine/);
  });
});
