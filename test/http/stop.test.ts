import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Stage, startStage } from '../support/stage.ts';

/** Listens for real, since stopping is about that: a port of its own, and the Host of the stage. */
async function listening(stage: Stage): Promise<{ readonly port: number; readonly host: string }> {
  const origin = await stage.gateway.listen({ host: '127.0.0.1', port: 0 });
  return { port: Number(new URL(origin).port), host: `127.0.0.1:${stage.port}` };
}

describe('a gateway that is stopped', () => {
  it('lets a running request finish', async () => {
    const stage = await startStage();
    const { port, host } = await listening(stage);
    stage.upstream.answer.hang = true;
    const running = new Promise<number>((resolve, reject) => {
      const call = request(`http://127.0.0.1:${port}/static/slow`, { agent: false, headers: { host } }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      call.on('error', reject);
      call.end();
    });
    while (stage.upstream.received.length === 0) await turn();
    const closing = stage.gateway.close();
    stage.upstream.release();
    assert.equal(await running, 200);
    await closing;
    await stage.stop();
  });

  it('breaks off what does not finish within its limit', async () => {
    const stage = await startStage({ stopLimitMs: 50 });
    const { port, host } = await listening(stage);
    stage.upstream.answer.hang = true;
    const broken = new Promise<string>((resolve) => {
      const call = request(`http://127.0.0.1:${port}/static/slow`, { agent: false, headers: { host } });
      call.on('error', (error) => resolve(error.message));
      call.end();
    });
    while (stage.upstream.received.length === 0) await turn();
    await stage.gateway.close();
    assert.match(await broken, /socket hang up|ECONNRESET/);
    await stage.stop();
  });

  it('ends its tunnels, which would otherwise keep it open', async () => {
    const stage = await startStage();
    const { port, host } = await listening(stage);
    const visitor = stage.visitor();
    await stage.signIn(visitor);
    const cookie = [...visitor.jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const socket = connect(port, '127.0.0.1');
    socket.write(
      [
        'GET /live HTTP/1.1',
        `Host: ${host}`,
        `Origin: ${stage.origin}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        `Cookie: ${cookie}`,
        '\r\n',
      ].join('\r\n'),
    );
    const head = await new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
    assert.match(head, /^HTTP\/1.1 101 /);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.resume();
    await stage.gateway.close();
    await closed;
    await stage.stop();
    assert.ok(stage.events('stopped').length >= 1);
  });
});
