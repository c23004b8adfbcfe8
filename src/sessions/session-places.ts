import { type CookieHost, type CookieNames, cookieNames } from './cookies.ts';

/** Where the session of one provider is on one host. */
export interface Place {
  readonly host: CookieHost;
  readonly names: CookieNames;
  /** A whole session. */
  readonly session: Drawer;
  /**
   * A session in two halves: the first lies under the name of a whole one, the second under this name. Of another
   * purpose, so that the seal says how many cookies there must be.
   */
  readonly halved: Drawer;
  readonly seen: Drawer;
}

/** One cookie: its name, what it is sealed for, and the start of its keys in the cache, which no other cookie shares. */
export interface Drawer {
  readonly name: string;
  readonly purpose: string;
  readonly cacheKey: string;
}

/** Places are made once: hosts and providers are configured, so there are few. */
export function places(prefix: string): (host: CookieHost, provider: string) => Place {
  const byOrigin = new Map<string, Map<string, Place>>();
  return (host, provider) => {
    const known = byOrigin.get(host.origin)?.get(provider);
    if (known !== undefined) return known;
    const names = cookieNames(prefix, host.secure);
    const drawer = (name: string, purpose: string): Drawer => ({
      name,
      purpose,
      cacheKey: `${purpose} ${host.origin} `,
    });
    const made: Place = {
      host: { origin: host.origin, secure: host.secure },
      names,
      session: drawer(names.session(provider), `session ${provider}`),
      halved: drawer(names.secondHalf(provider), `session in halves ${provider}`),
      seen: drawer(names.seen(provider), `seen ${provider}`),
    };
    const here = byOrigin.get(host.origin) ?? new Map<string, Place>();
    byOrigin.set(host.origin, here.set(provider, made));
    return made;
  };
}
