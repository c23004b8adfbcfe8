import type { UnservableWorld } from '../../config/load.ts';
import type { Misuse } from '../config-files.ts';

/** What a client would send for a URL that somebody wrote. */
export interface RequestUrl {
  /** With scheme, as written. */
  readonly origin: string;
  /** `Host`, in lower case. */
  readonly host: string;
  /** Path and query as written: nothing is resolved or escaped, since a client need not do it either. */
  readonly target: string;
  readonly remarks: readonly string[];
}

const ABSOLUTE = /^(https?):\/\/([^/?#]*)(.*)$/is;

/** Takes a URL apart without changing it. A path alone will do where all apps are on one origin. */
export function readUrl(written: string, { hosts }: Pick<UnservableWorld, 'hosts'>): RequestUrl | Misuse {
  const remarks: string[] = [];
  const hash = written.indexOf('#');
  if (hash >= 0) remarks.push('what stands behind "#" is never sent');
  const url = hash < 0 ? written : written.slice(0, hash);
  const [, scheme = '', authority = '', rest = ''] = ABSOLUTE.exec(url) ?? [];
  if (scheme === '') {
    const origins = [...new Set([...hosts.values()].map(({ origin }) => origin))];
    const [only, second] = origins;
    if (!url.startsWith('/')) return { misuse: `"${written}" is no URL: write ${only ?? 'https://host'}/path` };
    if (only === undefined || second !== undefined) {
      return { misuse: `which origin is "${written}" on? write one of ${origins.join(', ')} before it` };
    }
    return { origin: only, host: only.slice(only.indexOf('//') + 2), target: url, remarks };
  }
  if (authority.includes('@')) return { misuse: 'a name and password in a URL are not sent: leave them out' };
  const host = authority.toLowerCase();
  const served = hosts.get(host);
  if (served !== undefined && !served.origin.startsWith(`${scheme.toLowerCase()}://`)) {
    remarks.push(`the origin is ${served.origin}: what stands in front of the gateway decides about ${scheme}`);
  }
  return { origin: `${scheme}://${authority}`, host, target: rest.startsWith('/') ? rest : `/${rest}`, remarks };
}
