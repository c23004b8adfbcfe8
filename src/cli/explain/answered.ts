import type { UnservableWorld } from '../../config/load.ts';
import { suggest } from '../../config/nearest.ts';
import type { App, HostEntry } from '../../config/world.ts';
import { OWN_SEGMENT } from '../../core/return-url.ts';
import { findHost, locate, type RefusedRequest } from '../../http/gate.ts';
import { OWN_ROUTES } from '../../http/own-routes.ts';
import type { Explanation } from './explanation.ts';
import { type Frame, frameOf, refused, unjudged } from './frame.ts';
import type { RequestUrl } from './request-url.ts';
import type { Scene } from './scene.ts';

/** What a request comes to before any policy is asked: an app, or an answer of the gateway's own. */
export type Located = { readonly host: HostEntry; readonly app: App } | { readonly answered: Explanation };

/** Finds the app of a request by the gate's own steps. */
export function locateRequest(
  world: Pick<UnservableWorld, 'hosts'>,
  url: RequestUrl,
  asked: Pick<Scene, 'scenario' | 'now'>,
): Located {
  const { scenario } = asked;
  const { target, remarks } = url;
  const host = findHost({ world }, { host: url.host === '' ? null : url.host, target, cookie: undefined });
  if ('code' in host) {
    const hint = host.code === 'unknown_host' ? suggest(url.host, world.hosts.keys()) : undefined;
    const said = hint === undefined ? remarks : [...remarks, `"${url.host}" is no host that is served: ${hint}`];
    return { answered: refusedBy(host, frameOf(asked, host.host?.origin ?? url.origin, null, said)) };
  }
  const frame = frameOf(asked, host.origin, null, remarks);
  const own = ownRoute(target);
  if (own !== null) return { answered: ownAnswer(own, frame) };
  const placed = locate(host, target, { headers: Object.fromEntries(scenario.headers ?? []) });
  return 'code' in placed ? { answered: refusedBy(placed, frame) } : { host, app: placed.app };
}

const refusedBy = ({ code, detail }: RefusedRequest, frame: Frame): Explanation => refused(frame, code, detail);

/** The route of the gateway's own that a target is; `null` for everything that apps may be asked. */
function ownRoute(target: string): { readonly route: string | null } | null {
  const path = target.split('?', 1)[0] ?? '';
  const segments = path.split('/').slice(1);
  if (segments[0] !== OWN_SEGMENT) return null;
  const route = Object.values(OWN_ROUTES).find((pattern) => {
    const pieces = pattern.split('/').slice(1);
    return pieces.length === segments.length && pieces.every((p, i) => p.startsWith(':') || p === segments[i]);
  });
  return { route: route ?? null };
}

function ownAnswer({ route }: { readonly route: string | null }, frame: Frame): Explanation {
  if (route === null) return refused(frame, 'not_found', 'own_route');
  const sentence = `The gateway answers ${route} itself: no policy is about it, and no app is asked.`;
  return unjudged(frame, { decision: 'own', why: null, status: null, check: null, sentence });
}
