import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Seconds } from '../core/time.ts';

/**
 * A client's body as a stream of its own, unparsed. undici destroys the body it was given when an answer comes early or
 * the upstream breaks; the request itself must outlive that, or its answer could not be written. What is left of a body
 * that nobody wants any more is read and thrown away, so that the client comes to read the answer.
 *
 * @param idle - how long nothing may move before the client's connection is broken off
 */
export function requestBody(request: IncomingMessage, response: ServerResponse, idle: Seconds): Readable {
  const body = new Readable({
    read: () => {
      request.resume();
    },
    destroy: (error, done) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).resume();
      done(error);
    },
  });
  const onData = (chunk: Buffer): void => {
    if (!body.push(chunk)) request.pause();
  };
  const onEnd = (): void => {
    request.socket.setTimeout(0);
    body.push(null);
  };
  const onClose = (): void => {
    if (!request.readableEnded) body.destroy(new Error('the client broke off its request'));
  };
  request.on('data', onData).on('end', onEnd).on('close', onClose).pause();
  request.socket.setTimeout(idle * 1000);
  response.once('close', () => body.destroy());
  // Who forwards learns of it by its own listener; after that there may be none left.
  body.on('error', () => {});
  return body;
}
