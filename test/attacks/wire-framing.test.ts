import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sendBytes } from '../support/raw-http.ts';
import { type Stage, startStage } from '../support/stage.ts';

/** What would be smuggled: a public path, so that only the framing can keep it out. */
const HIDDEN = 'GET /static/hidden HTTP/1.1\r\nHost: HOST\r\n\r\n';
const POST = 'POST /open HTTP/1.1\r\nHost: HOST\r\n';
const GET = 'GET /static/a HTTP/1.1\r\n';
const FIVE = '5\r\nhello\r\n0\r\n\r\n';

/** Requests whose end or meaning two readers could see differently: 400, and the connection is closed. */
const MALFORMED: readonly [string, string][] = [
  ['a length beside chunks', `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['chunks beside a length', `${POST}Transfer-Encoding: chunked\r\nContent-Length: 50\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['an unknown coding', `${POST}Transfer-Encoding: xchunked\r\n\r\n${FIVE}${HIDDEN}`],
  ['chunked, then another coding', `${POST}Transfer-Encoding: chunked, identity\r\n\r\n${FIVE}${HIDDEN}`],
  ['two codings in two fields', `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n${FIVE}${HIDDEN}`],
  ['a coding behind a control character', `${POST}Transfer-Encoding: \x0bchunked\r\n\r\n${FIVE}${HIDDEN}`],
  ['a blank before the colon of the coding', `${POST}Transfer-Encoding : chunked\r\n\r\n${FIVE}${HIDDEN}`],
  ['a length with a sign', `${POST}Content-Length: +5\r\n\r\nhello${HIDDEN}`],
  ['a negative length', `${POST}Content-Length: -1\r\n\r\n${HIDDEN}`],
  ['a hexadecimal length', `${POST}Content-Length: 0x5\r\n\r\nhello${HIDDEN}`],
  ['a length of two numbers', `${POST}Content-Length: 5 5\r\n\r\nhello${HIDDEN}`],
  ['a list of lengths', `${POST}Content-Length: 5, 5\r\n\r\nhello${HIDDEN}`],
  ['an empty length', `${POST}Content-Length: \r\n\r\n${HIDDEN}`],
  ['a length beyond counting', `${POST}Content-Length: 99999999999999999999999\r\n\r\n${HIDDEN}`],
  ['two lengths', `${POST}Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello${HIDDEN}`],
  ['the same length twice', `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello${HIDDEN}`],
  ['a folded line', `${GET}Host: HOST\r\nX-A: 1\r\n  2\r\n\r\n`],
  ['a folded line in front', `${GET} Host: HOST\r\n\r\n`],
  ['bare line feeds', 'GET /static/a HTTP/1.1\nHost: HOST\n\n'],
  ['one bare line feed', `${GET}Host: HOST\nX-A: 1\r\n\r\n`],
  ['a bare carriage return', `${GET}Host: HOST\r\nX-A: 1\rX-B: 2\r\n\r\n`],
  ['a null byte in a value', `${GET}Host: HOST\r\nX-A: 1\x002\r\n\r\n`],
  ['a blank in a name', `${GET}Host: HOST\r\nX A: 1\r\n\r\n`],
  ['a line without a colon', `${GET}Host: HOST\r\nX-A\r\n\r\n`],
  ['an empty name', `${GET}Host: HOST\r\n: 1\r\n\r\n`],
  ['no Host', `${GET}\r\n`],
  ['two Hosts', `${GET}Host: HOST\r\nHost: evil.example\r\n\r\n`],
  ['two Hosts, ours last', `${GET}Host: evil.example\r\nHost: HOST\r\n\r\n`],
  ['the same Host twice', `${GET}Host: HOST\r\nhost: HOST\r\n\r\n`],
  ['an empty Host', `${GET}Host:\r\n\r\n`],
  ['HTTP/1.0 without Host', 'GET /static/a HTTP/1.0\r\n\r\n'],
  ['HTTP/0.9', 'GET /static/a\r\n\r\n'],
  ['another version', 'GET /static/a HTTP/1.7\r\nHost: HOST\r\n\r\n'],
  ['a version in lower case', 'GET /static/a http/1.1\r\nHost: HOST\r\n\r\n'],
  ['a blank in the target', 'GET /static/a b HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['a tab for a blank', 'GET\t/static/a HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['an unknown method', 'FOO /static/a HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['a method in lower case', 'get /static/a HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['the start of a TLS handshake', '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00'],
];

describe('a request that two readers could take for two is nobody’s', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
  });
  after(() => stage.stop());

  const exchange = (bytes: string) => sendBytes(stage.port, bytes.replaceAll('HOST', new URL(stage.origin).host));

  for (const [what, bytes] of MALFORMED) {
    it(`T147 ${what} is 400, the connection is closed, and nothing reaches the upstream`, async () => {
      const count = stage.upstream.received.length;
      const { statuses, closed } = await exchange(bytes);
      assert.deepEqual(statuses, [400]);
      assert.ok(closed);
      assert.deepEqual(stage.upstream.received.slice(count), []);
    });
  }

  const BROKEN_BODIES: readonly [string, string][] = [
    ['a signed chunk size', '+5\r\nhello\r\n0\r\n\r\n'],
    ['a prefixed chunk size', '0x5\r\nhello\r\n0\r\n\r\n'],
    ['a blank before the chunk size', ' 5\r\nhello\r\n0\r\n\r\n'],
    ['a chunk size beyond counting', 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n'],
    ['a chunk longer than its size', '3\r\nhello\r\n0\r\n\r\n'],
    ['bare line feeds between chunks', '5\nhello\n0\n\n'],
    ['a bare line feed in an extension', '5;a\nb\r\nhello\r\n0\r\n\r\n'],
    ['no chunk at all', 'hello\r\n'],
  ];
  for (const [what, body] of BROKEN_BODIES) {
    it(`T147 ${what} ends the connection, and what follows is no request`, async () => {
      const count = stage.upstream.received.length;
      const { statuses, closed } = await exchange(`${POST}Transfer-Encoding: chunked\r\n\r\n${body}${HIDDEN}`);
      assert.ok(closed);
      assert.ok(!statuses.includes(200), String(statuses));
      assert.deepEqual(stage.upstream.received.slice(count), []);
    });
  }

  it('T147 requests on one connection are judged one by one, each with its own body', async () => {
    const count = stage.upstream.received.length;
    const { statuses } = await exchange(
      [
        `${POST}Content-Length: ${HIDDEN.length + new URL(stage.origin).host.length - 4}\r\n\r\n${HIDDEN}`,
        'GET /admin HTTP/1.1\r\nHost: HOST\r\n\r\n',
        `${POST}Transfer-Encoding: chunked\r\n\r\n5;ext="x"\r\nhello\r\n0\r\n\r\n`,
        'GET /static/last HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\n\r\nhello',
        'GET /home HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n',
      ].join(''),
    );
    assert.deepEqual(statuses, [200, 401, 200, 200, 401]);
    const seen = stage.upstream.received.slice(count);
    assert.deepEqual(
      seen.map(({ target, body }) => [target, body.slice(0, 19)]),
      [
        ['/open', 'GET /static/hidden '],
        ['/open', 'hello'],
        ['/static/last', 'hello'],
      ],
    );
  });

  it('T147 the body of a refused request is not the next request', async () => {
    const count = stage.upstream.received.length;
    const length = HIDDEN.length + new URL(stage.origin).host.length - 4;
    const { statuses } = await exchange(
      `POST /admin HTTP/1.1\r\nHost: HOST\r\nContent-Length: ${length}\r\n\r\n${HIDDEN}` +
        'GET /static/next HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n',
    );
    assert.equal(statuses[0], 401);
    assert.ok(stage.upstream.received.slice(count).every(({ target }) => target !== '/static/hidden'));
  });

  const HOSTS: readonly [string, string, number][] = [
    ['a dot at the end', 'HOST.', 421],
    ['user information', 'x@HOST', 421],
    ['a path', 'HOST/x', 421],
    ['a query', 'HOST?x', 421],
    ['an encoded letter', '%31HOST', 421],
    ['two names', 'HOST, evil.example', 421],
    ['two names and a space', 'HOST evil.example', 421],
    ['another port', 'HOST0', 421],
    ['a short form of its address', '127.1:80', 421],
    ['a name that ends as ours does', 'evil-HOST', 421],
    ['quotes', '"HOST"', 421],
    ['a tab behind it', 'HOST\t', 200],
  ];
  for (const [what, name, status] of HOSTS) {
    it(`T147 a Host with ${what} is ${status}`, async () => {
      const count = stage.upstream.received.length;
      const { reply } = await exchange(`${GET}Host: ${name}\r\nConnection: close\r\n\r\n`);
      assert.equal(reply.status, status);
      assert.equal(stage.upstream.received.length - count, status === 200 ? 1 : 0);
    });
  }

  it('T147 headers over 32 kB are a plain 431 that signs nobody out', async () => {
    const { statuses, closed, reply } = await exchange(`${GET}Host: HOST\r\nX-A: ${'a'.repeat(33_000)}\r\n\r\n`);
    assert.deepEqual(statuses, [431]);
    assert.ok(closed);
    assert.deepEqual(reply.values('set-cookie'), []);
  });
});
