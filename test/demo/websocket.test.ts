import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { startPayroll } from '../../src/demo/payroll.ts';

/** RFC 6455 section 1.3 gives this key and its answer. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

describe('the live line of the payroll application', () => {
  let payroll: Awaited<ReturnType<typeof startPayroll>>;
  before(async () => {
    payroll = await startPayroll({ port: 0 });
  });
  after(() => payroll.close());

  async function upgrade(path = '/live', more: readonly string[] = ['Sec-WebSocket-Version: 13']): Promise<Line> {
    const { hostname, port } = new URL(payroll.url);
    const socket = connect(Number(port), hostname);
    const lines = [`GET ${path} HTTP/1.1`, 'Host: payroll', 'Connection: Upgrade', 'Upgrade: websocket', ...more];
    socket.write(`${[...lines, `Sec-WebSocket-Key: ${KEY}`].join('\r\n')}\r\n\r\n`);
    return lineOf(socket);
  }

  it('shakes hands, says whom it sees and repeats what it hears', async () => {
    const line = await upgrade('/live', ['Sec-WebSocket-Version: 13', 'X-Auth-Name: Zo%C3%AB', 'X-Auth-Level: mfa']);
    assert.match(
      await line.until('mfa.'),
      new RegExp(`101 Switching Protocols[^]*Accept: ${ACCEPT.replace('+', '\\+')}`),
    );
    assert.match(line.read(), /You are Zoë, level mfa\./);
    line.socket.write(masked(1, Buffer.from('hello')));
    await line.until('You said: hello');
    line.socket.destroy();
  });

  it('takes a message in pieces, several at once, and one of more than 125 bytes', async () => {
    const line = await upgrade();
    await line.until('You are nobody, level none.');
    const [one, two] = [masked(1, Buffer.from('one')), masked(1, Buffer.from('two'.repeat(60)))];
    line.socket.write(one.subarray(0, 3));
    line.socket.write(Buffer.concat([one.subarray(3), two]));
    await line.until('You said: one');
    await line.until(`You said: ${'two'.repeat(60)}`);
    line.socket.destroy();
  });

  it('answers a ping with the same bytes', async () => {
    const line = await upgrade();
    line.socket.write(masked(9, Buffer.from('still there')));
    await line.until('\x8a\x0bstill there', 'latin1');
    line.socket.destroy();
  });

  for (const [name, bytes, status] of [
    ['a farewell', masked(8, Buffer.alloc(0)), 1000],
    ['a frame that is not masked', Buffer.from([0x81, 0x01, 0x61]), 1002],
    ['a fragment', masked(1, Buffer.from('a')).fill(0x01, 0, 1), 1003],
    ['bytes that are no text', masked(2, Buffer.from('a')), 1003],
    ['a message that is too long', Buffer.from([0x81, 0xfe, 0x20, 0x00, 0, 0, 0, 0]), 1009],
    ['a message of 64-bit length', Buffer.from([0x81, 0xff]), 1009],
  ] as const) {
    it(`closes with ${status} on ${name}`, async () => {
      const line = await upgrade();
      await line.until('level none.');
      line.socket.write(bytes);
      await once(line.socket, 'end');
      const answer = line.bytes();
      assert.equal(answer.readUInt16BE(answer.length - 2), status);
      assert.deepEqual([...answer.subarray(-4, -2)], [0x88, 0x02]);
    });
  }

  it('refuses another version, and an upgrade anywhere else', async () => {
    const old = await upgrade('/live', ['Sec-WebSocket-Version: 8']);
    assert.match(await old.until('Sec-WebSocket-Version: 13'), /^HTTP\/1\.1 426 /);
    const elsewhere = await upgrade('/account');
    assert.match(await elsewhere.until('\r\n\r\n'), /^HTTP\/1\.1 404 /);
  });
});

interface Line {
  readonly socket: Socket;
  bytes(): Buffer;
  read(): string;
  /** Everything read, once `text` is in it. */
  until(text: string, encoding?: BufferEncoding): Promise<string>;
}

function lineOf(socket: Socket): Line {
  let read = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    read = Buffer.concat([read, chunk]);
  });
  return {
    socket,
    bytes: () => read,
    read: () => read.toString('utf8'),
    async until(text, encoding = 'utf8') {
      while (!read.includes(Buffer.from(text, encoding))) await once(socket, 'data');
      return read.toString('utf8');
    },
  };
}

/** A frame as a client sends it: whole and masked. */
function masked(opcode: number, payload: Buffer): Buffer {
  const mask = Buffer.from([1, 2, 3, 4]);
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff];
  const head = Buffer.from([0x80 | opcode, 0x80 | (length[0] ?? 0), ...length.slice(1)]);
  const body = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([head, mask, body]);
}
