import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/**
 * A client's body as a stream of its own, unparsed. undici destroys the body it was given when an answer comes early or
 * the upstream breaks; the request itself must outlive that, or its answer could not be written. What is left of a body
 * that nobody wants any more is read and thrown away, so that the client comes to read the answer.
 */
export function requestBody(request: IncomingMessage, response: ServerResponse): Readable {
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
    body.push(null);
  };
  const onClose = (): void => {
    if (!request.readableEnded) body.destroy(new Error('the client broke off its request'));
  };
  request.on('data', onData).on('end', onEnd).on('close', onClose).pause();
  response.once('close', () => body.destroy());
  // Who forwards learns of it by its own listener; after that there may be none left.
  body.on('error', () => {});
  return body;
}
