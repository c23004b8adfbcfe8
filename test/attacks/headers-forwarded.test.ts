import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { cookieLines, requestBytes, sendBytes } from '../support/raw-http.ts';
import { askWebSocket } from '../support/raw-websocket.ts';
import { type Stage, startStage } from '../support/stage.ts';
import { NAVIGATION, type Visitor } from '../support/visitor.ts';

const PEOPLE = Object.entries(NAVIGATION).map(([name, value]) => `${name}: ${value}`);
/** The one peer that is believed; anybody else comes from 127.0.0.1. */
const PROXY = '127.0.0.2';
const STRANGER = '127.0.0.1';

describe('where a request came from is what trusted proxies say, and nobody else', () => {
  let stage: Stage;
  let alice: Visitor;
  let host = '';
  before(async () => {
    stage = await startStage({
      gateway: (text) => text.replace('ledger: memory', `ledger: memory\ntrusted_proxies: [${PROXY}/32, 10.0.0.0/8]`),
    });
    host = new URL(stage.origin).host;
    alice = stage.visitor();
    await stage.signIn(alice);
  });
  after(() => stage.stop());

  /** A request for a page of Alice's, as it reached the upstream. */
  async function forwarded(from: string, lines: readonly string[], named = host) {
    const all = [...lines, ...cookieLines(alice.jar)];
    const { reply } = await sendBytes(stage.port, requestBytes('/home', { host: named, lines: all }), from);
    assert.equal(reply.status, 200);
    return stage.upstream.received.at(-1)?.headers ?? {};
  }
  /** The redirect to the provider of somebody who opens a page. */
  async function redirect(from: string, lines: readonly string[], named = host) {
    const bytes = requestBytes('/home', { host: named, lines: [...PEOPLE, ...lines] });
    const { reply } = await sendBytes(stage.port, bytes, from);
    return { reply, uri: new URL(reply.values('location')[0] ?? 'x:').searchParams.get('redirect_uri') };
  }

  const SPOOFED: readonly (readonly string[])[] = [
    ['X-Forwarded-Host: evil.example'],
    ['X-Forwarded-Proto: https'],
    ['X-Forwarded-Port: 443', 'X-Forwarded-Scheme: https', 'X-Forwarded-Ssl: on', 'Front-End-Https: on'],
    ['Forwarded: for=192.0.2.1;host=evil.example;proto=https'],
    ['X-Original-Host: evil.example', 'X-Host: evil.example', 'X-Forwarded-Server: evil.example'],
  ];
  for (const lines of SPOOFED) {
    it(`T148 "${lines[0]}" of a stranger or a trusted proxy's client does not move the redirect URI`, async () => {
      const { reply, uri } = await redirect(STRANGER, lines);
      assert.equal(reply.status, 303);
      assert.equal(uri, `${stage.origin}/.stepgate/callback/corp`);
      assert.ok(reply.values('set-cookie').every((cookie) => !/secure/i.test(cookie)));
      const behind = await redirect(PROXY, lines);
      if (behind.reply.status !== 421) assert.equal(behind.uri, `${stage.origin}/.stepgate/callback/corp`);
    });
  }

  it('T148 a stranger cannot say for which host a request is', async () => {
    assert.equal((await redirect(STRANGER, [`X-Forwarded-Host: ${host}`], 'evil.example')).reply.status, 421);
    assert.equal((await redirect(STRANGER, ['X-Forwarded-Host: evil.example'])).reply.status, 303);
  });

  it('T148 a trusted proxy can, but only for a host that is served here', async () => {
    const { reply, uri } = await redirect(PROXY, [`X-Forwarded-Host: ${host}`], 'backend:8080');
    assert.equal(reply.status, 303);
    assert.equal(uri, `${stage.origin}/.stepgate/callback/corp`);
    assert.equal((await redirect(PROXY, ['X-Forwarded-Host: evil.example'])).reply.status, 421);
    const two = [`X-Forwarded-Host: ${host}`, 'X-Forwarded-Host: evil.example'];
    assert.equal((await redirect(PROXY, two, 'backend:8080')).reply.status, 421);
  });

  it('T148 the upstream is told the public origin, whatever the request says', async () => {
    const lines = [
      'X-Forwarded-Host: evil.example',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Port: 1',
      'Forwarded: for=192.0.2.1;host=evil.example;proto=https',
      'X-Forwarded-For: 192.0.2.1',
      'X-Real-IP: 192.0.2.1',
      'True-Client-IP: 192.0.2.1',
      'X-Client-IP: 192.0.2.1',
    ];
    const headers = await forwarded(STRANGER, lines);
    assert.equal(headers.host, host);
    assert.equal(headers['x-forwarded-host'], host);
    assert.equal(headers['x-forwarded-proto'], 'http');
    assert.equal(headers['x-forwarded-port'], String(stage.port));
    assert.equal(headers['x-forwarded-for'], STRANGER);
    assert.equal(headers['x-real-ip'], STRANGER);
    assert.equal(headers.forwarded, `for=${STRANGER};host="${host}";proto=http`);
    assert.equal(headers['true-client-ip'], undefined);
    assert.equal(headers['x-client-ip'], undefined);
  });

  const CHAINS: readonly [string, readonly string[], string][] = [
    ['one hop', ['192.0.2.7'], '192.0.2.7'],
    ['a client that put another address in front', ['198.51.100.1, 192.0.2.7'], '192.0.2.7'],
    ['a client that put a trusted address in front', ['10.0.0.1, 192.0.2.7'], '192.0.2.7'],
    ['two proxies', ['198.51.100.1, 192.0.2.7, 10.1.2.3'], '192.0.2.7'],
    ['two fields', ['198.51.100.1', '192.0.2.7'], '192.0.2.7'],
    ['IPv6', ['2001:db8::7'], '2001:db8::7'],
    ['a client that says nothing but trusted addresses', ['10.0.0.1, 10.0.0.2'], '10.0.0.1'],
    ['words', ['192.0.2.7, unknown'], PROXY],
    ['an attempt at the Forwarded header', ['192.0.2.7;host="evil.example"'], PROXY],
    ['an attempt at another address', ['192.0.2.7, 10.0.0.1;for=192.0.2.9'], PROXY],
    ['a name of this machine', ['localhost'], PROXY],
    ['a short form of an address', ['10.1'], PROXY],
    ['nothing', [''], PROXY],
  ];
  for (const [what, chain, client] of CHAINS) {
    it(`T148 behind a trusted proxy the client is found from the right: ${what}`, async () => {
      const headers = await forwarded(
        PROXY,
        chain.map((value) => `X-Forwarded-For: ${value}`),
      );
      assert.equal(headers['x-real-ip'], client);
      assert.equal(
        headers.forwarded,
        `for=${client.includes(':') ? `"[${client}]"` : client};host="${host}";proto=http`,
      );
      assert.ok(String(headers['x-forwarded-for']).endsWith(PROXY));
    });
  }

  it('T148 the audit log and an upgrade have the same address', async () => {
    const lines = ['X-Forwarded-For: 198.51.100.1, 192.0.2.7', ...cookieLines(alice.jar)];
    const { socket, status } = await askWebSocket(stage.port, '/home', { host, origin: stage.origin, lines });
    socket.destroy();
    assert.equal(status, 101);
    assert.equal(stage.upstream.received.at(-1)?.headers['x-real-ip'], STRANGER);
    await sendBytes(stage.port, requestBytes('/admin', { host, lines }), PROXY);
    assert.equal(stage.events('challenge').at(-1)?.client_ip, '192.0.2.7');
    await sendBytes(stage.port, requestBytes('/admin', { host, lines }), STRANGER);
    assert.equal(stage.events('challenge').at(-1)?.client_ip, STRANGER);
  });
});
