/** The application that is proxied: as little HTTP as it takes, so that its own cost does not blur the ratios. */

import { type AddressInfo, createServer } from 'node:net';

const BODY = 'x'.repeat(1024);
const ANSWER = Buffer.from(
  [
    ...['HTTP/1.1 200 OK', 'Content-Type: text/html; charset=utf-8', `Content-Length: ${BODY.length}`, 'Server: app'],
    ...[
      'Date: Mon, 23 Nov 2026 00:00:00 GMT',
      'ETag: "1"',
      'Cache-Control: no-cache',
      'X-Frame-Options: DENY',
      '',
      BODY,
    ],
  ].join('\r\n'),
  'latin1',
);

const server = createServer((socket) => {
  // Requests without a body: each ends with an empty line, which may come in two pieces.
  let rest = '';
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    rest += chunk.toString('latin1');
    let end = rest.indexOf('\r\n\r\n');
    while (end >= 0) {
      socket.write(ANSWER);
      rest = rest.slice(end + 4);
      end = rest.indexOf('\r\n\r\n');
    }
  });
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
