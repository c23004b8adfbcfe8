import type { HostEntry } from '../config/world.ts';
import type { OwnCookies } from '../sessions/cookies.ts';
import type { Opened } from '../sessions/session-cookies.ts';
import type { Passage } from './answer.ts';

/** Every session that this browser has on this host, in the order of the host's providers. */
export function openedOn({ current, now }: Passage, host: HostEntry, cookies: OwnCookies): readonly Opened[] {
  return host.providers.flatMap((name) => {
    const provider = current.world.providers.get(name);
    const opened =
      provider === undefined ? null : current.sessions.open(host, provider, provider.evidence, cookies, now);
    return opened === null ? [] : [opened];
  });
}
