import type { World } from '../config/world.ts';
import type { Seconds } from '../core/time.ts';
import type { TunnelGuard } from '../proxy/tunnel.ts';
import { isPublic } from './allowed.ts';
import type { Passage } from './answer.ts';
import { type Arrival, arrivalOf, type RawRequest } from './arrival.ts';
import type { Context } from './context.ts';
import { type Judged, judge, type Verdict } from './gate.ts';

/**
 * Guards an open tunnel by asking again and again whether its request would be allowed: by the world, the ledger and the
 * clock of now. So a sign-out anywhere, a revocation, a lapsed level, a person who is gone and a reload all end it, by the
 * one judgement that there is.
 *
 * @param touched - whether the request renewed the idle time
 */
export function guardOf(passage: Passage, allowed: Judged, touched: boolean, raw: RawRequest): TunnelGuard {
  const { context, current, arrival, now, requestId } = passage;
  const { app, host, opened, decision } = allowed;
  return guard({
    context,
    requestId,
    // Not the request itself, which would keep its buffers and parser alive.
    raw: {
      method: raw.method,
      url: raw.url,
      headers: raw.headers,
      rawHeaders: raw.rawHeaders,
      socket: { remoteAddress: raw.socket.remoteAddress },
    },
    arrived: { world: current.world, arrival },
    allowed: { app: app.name, upstream: app.upstream.origin, origin: host.origin },
    family: decision.kind === 'allow' && !isPublic(decision) ? (opened?.standing.session.family ?? null) : null,
    seenAt: touched ? now : (opened?.seenAt ?? 0),
  });
}

interface Guarded {
  readonly context: Context;
  readonly requestId: string;
  readonly raw: RawRequest;
  /** The request as a world reads it: whom it trusts to forward is part of the configuration. */
  arrived: { readonly world: World; readonly arrival: Arrival };
  readonly allowed: { readonly app: string; readonly upstream: string; readonly origin: string };
  readonly family: string | null;
  seenAt: Seconds;
}

const guard = (guarded: Guarded): TunnelGuard => ({
  family: guarded.family,
  seen(now) {
    guarded.seenAt = Math.max(guarded.seenAt, now);
  },
  isOver(now) {
    const { context, allowed, seenAt } = guarded;
    const { current } = context.live;
    if (guarded.arrived.world !== current.world) {
      guarded.arrived = { world: current.world, arrival: arrivalOf(guarded.raw, current.world) };
    }
    const why = whyOver(judge(current, guarded.arrived.arrival, now, { seenAt }), allowed);
    if (why === null) return false;
    context.log.info('tunnel_ended', { request_id: guarded.requestId, app: allowed.app, why });
    return true;
  },
});

/** Why a tunnel that was `allowed` has to end, in the words of decisions; null = it may stay. */
function whyOver(verdict: Verdict, { app, upstream, origin }: Guarded['allowed']): string | null {
  if (verdict.kind === 'refused') return verdict.code;
  const { decision } = verdict;
  if (decision.kind !== 'allow') return decision.why;
  const same = verdict.app.name === app && verdict.app.upstream.origin === upstream && verdict.host.origin === origin;
  return same ? null : 'moved';
}
