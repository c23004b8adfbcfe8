import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Seconds } from '../core/time.ts';
import { dispatchOptions } from './forward.ts';
import { join } from './join.ts';
import type { ForwardPlan, OwnCookies } from './plan.ts';
import { relay } from './relay.ts';
import { requestHeaders } from './request-headers.ts';
import { responseHeaders } from './response-headers.ts';
import { headerLine } from './upgrade.ts';
import type { Upstreams } from './upstreams.ts';

/** An allowed request to switch to the WebSocket protocol, as Node's `upgrade` event brings it. */
export interface TunnelRequest {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What the client sent after the request. */
  readonly head: Buffer;
  readonly plan: ForwardPlan;
  readonly guard: TunnelGuard;
}

/** Whether what was allowed once would be allowed still. It lives as long as its tunnel, so it should be small. */
export interface TunnelGuard {
  /** Family of the session that was allowed, null on a public path. */
  readonly family: string | null;
  /** Asked about every second. */
  readonly isOver: (now: Seconds) => boolean;
  /** The person did something elsewhere: what goes through the tunnel itself never says so. */
  readonly seen: (now: Seconds) => void;
}

/** The open tunnels of this process. */
export interface Tunnels {
  /**
   * Asks the upstream for the upgrade and, when it agrees, joins the two connections byte by byte. Any other answer is
   * passed on as plain HTTP and the connection is closed. `plan.onError` answers on the socket when there is none.
   */
  readonly open: (tunnel: TunnelRequest) => void;
  /** Ends the tunnels of a session: it signed out or was revoked. */
  readonly endFamily: (family: string) => void;
  /** Ends the tunnels that would not be opened any more. */
  readonly endLapsed: (now: Seconds) => void;
  /** The same for one in `parts` of them, at the next call for the next ones: many must not hold up everything else. */
  readonly endSomeLapsed: (now: Seconds, parts: number) => void;
  /** Tells the tunnels of a session that its person was active. */
  readonly seen: (family: string, now: Seconds) => void;
  readonly endAll: () => void;
  readonly count: () => number;
}

interface Tunnel {
  readonly guard: TunnelGuard;
  readonly client: Duplex;
}

/** Seconds of silence after which TCP asks whether the client is still there. WebSockets may be silent for hours. */
const PROBE_AFTER: Seconds = 60;

export function createTunnels(upstreams: Upstreams, own: OwnCookies): Tunnels {
  const open = new Set<Tunnel>();
  // The upstream's end closes with the client's.
  const endWhere = (isOver: (tunnel: Tunnel) => boolean): void => {
    for (const tunnel of open) if (isOver(tunnel)) tunnel.client.destroy();
  };
  const isOver = ({ guard, client }: Tunnel, now: Seconds): boolean => !client.destroyed && guard.isOver(now);
  let round = open.values();
  return {
    open: (asked) => openTunnel(asked, upstreams, own, open),
    endFamily: (family) => endWhere(({ guard }) => guard.family === family),
    endLapsed: (now) => endWhere((tunnel) => isOver(tunnel, now)),
    endSomeLapsed(now, parts) {
      for (let left = Math.ceil(open.size / parts); left > 0; left -= 1) {
        const { value: tunnel, done } = round.next();
        if (done === true) round = open.values();
        else if (isOver(tunnel, now)) tunnel.client.destroy();
      }
    },
    seen(family, now) {
      for (const { guard } of open) if (guard.family === family) guard.seen(now);
    },
    endAll: () => endWhere(() => true),
    count: () => open.size,
  };
}

function openTunnel(asked: TunnelRequest, upstreams: Upstreams, own: OwnCookies, open: Set<Tunnel>): void {
  const { request, socket, head, plan } = asked;
  register({ guard: asked.guard, client: socket }, socket, open);
  const stopWatching = watchForLeaving(socket);
  const response = plainResponse(request, socket);
  const { headers } = requestHeaders(request.rawHeaders, socket.remoteAddress ?? '', plan, own);
  const { pool, servername } = upstreams.upstreamOf(plan.upstream, plan.timeouts.connect);
  const options = { ...dispatchOptions(plan, 'GET', headers, servername), upgrade: 'websocket' };
  pool.dispatch(options, {
    ...relay(response, plan, own, false),
    onRequestUpgrade(controller, status, answer, upstream) {
      if (socket.destroyed) {
        upstream.destroy();
        return;
      }
      // Thrown errors end the upstream's connection and become `upstream_broke`.
      if (String(answer.upgrade).toLowerCase() !== 'websocket') throw new Error('switched to another protocol');
      const raw = Array.isArray(controller.rawHeaders) ? controller.rawHeaders : [];
      const switched = switching(responseHeaders(raw, status, plan, own));
      response.detachSocket(socket);
      stopWatching();
      socket.write(switched, 'latin1');
      if (head.length > 0) upstream.write(head);
      join(socket, upstream);
      plan.onFinished?.(status, 0, true);
    },
  });
}

/** In a function of its own, so that an idle tunnel keeps nothing of its request alive. */
function register(tunnel: Tunnel, socket: Socket, open: Set<Tunnel>): void {
  open.add(tunnel);
  socket.once('close', () => open.delete(tunnel));
  socket.on('error', () => socket.destroy());
  socket
    .setTimeout(0)
    .setNoDelay(true)
    .setKeepAlive(true, PROBE_AFTER * 1000);
}

/** Notices a client that leaves before it is answered. What it says too early waits in its buffer. */
function watchForLeaving(socket: Socket): () => void {
  const onReadable = (): void => {
    // The end shows only to who reads.
    if (socket.readableLength === 0) socket.read();
  };
  const onEnd = (): void => {
    socket.destroy();
  };
  socket.on('readable', onReadable).on('end', onEnd);
  return () => socket.off('readable', onReadable).off('end', onEnd);
}

/** Writes an answer that is no upgrade on the bare socket, with Node's own framing, and closes it. */
function plainResponse(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    response.detachSocket(socket);
    socket.destroySoon();
  });
  return response;
}

/** The head of a 101 (RFC 6455 4.2.2): the connection's own headers are ours, the others the upstream's. */
function switching(headers: readonly string[]): string {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    lines.push(headerLine(headers[index] ?? '', headers[index + 1] ?? ''));
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
