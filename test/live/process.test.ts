import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

const policies = (effect: string): string => `version: 1
levels:
  - {name: password, label: Password, validity: 8h}
default: {require: password}
apps:
  payroll:
    rules:
      - {id: page, path: /page, ${effect}}
`;

describe('stepgate serve, while its files change', () => {
  let folder: string;
  let origin: string;
  let child: ReturnType<typeof spawn>;
  const lines: Record<string, unknown>[] = [];
  let heard = (): void => {};

  /** The next line with this event or message that was not asked for yet. */
  const logged = async (name: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const at = lines.findIndex(({ event, msg }) => event === name || msg === name);
      const [line] = lines.splice(0, at + 1).slice(-1);
      if (at >= 0 && line !== undefined) return line;
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, `.${name}.new`), text);
    renameSync(join(folder, `.${name}.new`), join(folder, name));
  };
  const status = async (): Promise<number> => (await fetch(`${origin}/page`)).status;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stepgate-'));
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    origin = `http://127.0.0.1:${port}`;
    write('secret', randomBytes(32).toString('base64'));
    write('policies.yaml', policies('require: password'));
    write(
      'gateway.yaml',
      `version: 1
listen: {host: 127.0.0.1, port: ${port}}
secrets: ["\${file:secret}"]
ledger: memory
providers:
  corp: {type: oidc, issuer: "http://127.0.0.1:9", client_id: x, client_secret: "\${file:secret}", levels: {password: {acr: pwd}}}
apps:
  payroll: {origins: ["${origin}"], upstream: "http://127.0.0.1:9", provider: corp}
`,
    );
    child = spawn(process.execPath, [MAIN, 'serve', '--config', join(folder, 'gateway.yaml')]);
    let rest = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      const all = `${rest}${chunk}`.split('\n');
      rest = all.pop() ?? '';
      lines.push(...all.map((line) => JSON.parse(line) as Record<string, unknown>));
      heard();
    });
    await logged('started');
  });
  after(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  it('takes what changed, by itself', async () => {
    assert.equal(await status(), 401);
    write('policies.yaml', policies('deny: true'));
    const { world, world_before } = await logged('reloaded');
    assert.notEqual(world, world_before);
    assert.equal(await status(), 403);
  });

  it('goes on with what it has where the change is broken, and takes the repaired one', async () => {
    write('policies.yaml', policies('deny: maybe'));
    const said = await logged('reload_refused');
    assert.match(String(said.place), /policies\.yaml:8:\d+$/);
    assert.equal((await logged('reload_refused')).event, 'reload_refused');
    assert.equal(await status(), 403);
    write('policies.yaml', policies('require: password'));
    await logged('reloaded');
    assert.equal(await status(), 401);
  });

  it('reads a secret that was replaced', async () => {
    write('secret', randomBytes(32).toString('base64'));
    const { world, world_before } = await logged('reloaded');
    assert.equal(world, world_before, 'the two files are the same');
  });

  it('reads at once when it is told to (SIGHUP), and says so where nothing changed', async () => {
    child.kill('SIGHUP');
    await logged('reload_unchanged');
    write('policies.yaml', policies('deny: true'));
    child.kill('SIGHUP');
    await logged('reloaded');
    assert.equal(await status(), 403);
  });

  it('stops as before', async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await logged('stopped');
    assert.equal(await ended, 0);
  });
});
