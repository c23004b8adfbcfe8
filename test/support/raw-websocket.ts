import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type RawReply, replyOf } from './raw-http.ts';

export interface WebSocketAsk {
  readonly host: string;
  /** Null = none is sent. */
  readonly origin: string | null;
  readonly lines?: readonly string[];
}

/** What became of a request to open a WebSocket. */
export interface WebSocketAnswer extends RawReply {
  /** Open after a 101; for the test to use and destroy. */
  readonly socket: Socket;
}

/** Asks for a WebSocket (RFC 6455 4.1) with a target that is not looked at, and waits for the answer's whole head. */
export function askWebSocket(port: number, target: string, ask: WebSocketAsk): Promise<WebSocketAnswer> {
  const lines = [
    `GET ${target} HTTP/1.1`,
    `Host: ${ask.host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(ask.origin === null ? [] : [`Origin: ${ask.origin}`]),
    ...(ask.lines ?? []),
  ];
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const reply = replyOf(text);
      if (!text.includes('\r\n\r\n') || reply.status === 0) return;
      socket.off('data', onData);
      resolve({ ...reply, socket });
    };
    socket.on('data', onData);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(text.slice(0, 80))}`)));
  });
}

/** Status of an attempt to open a WebSocket, which is closed at once. */
export async function webSocketStatus(port: number, target: string, ask: WebSocketAsk): Promise<number> {
  const { status, socket } = await askWebSocket(port, target, ask);
  socket.destroy();
  return status;
}

/** Sends bytes through an open tunnel and waits until as many came back. */
export function echoed(socket: Socket, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.length >= bytes.length) resolve(text);
    });
    socket.once('close', () => reject(new Error('closed')));
    socket.write(bytes, 'latin1');
  });
}
