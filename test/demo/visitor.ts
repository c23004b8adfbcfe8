import assert from 'node:assert/strict';

/** A page or redirect as a browser without script sees it. */
export interface Seen {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Plays a browser without script: keeps cookies by path, follows redirects, fills in forms. */
export interface Visitor {
  /** Goes to an address and follows redirects up to the first page, or to the first address outside `within`. */
  open(address: string | URL): Promise<Seen>;
  /** Sends the form of a page with these fields. */
  submit(page: Seen, fields: Readonly<Record<string, string>>): Promise<Seen>;
  /** Takes cookies that came by another way. */
  keep(headers: readonly string[]): void;
  /** `name=value; attributes` of every cookie that was ever set. */
  readonly cookiesSet: readonly string[];
}

/**
 * @param within - the only origin that is really visited; a redirect elsewhere is returned with status 0
 */
export function visitor(within: string): Visitor {
  const jar = new Map<string, { path: string; value: string }>();
  const cookiesSet: string[] = [];

  async function visit(address: string | URL, init: RequestInit = {}): Promise<Seen> {
    let url = new URL(address);
    let request = init;
    for (let hops = 0; hops < 10; hops++) {
      if (url.origin !== within) return { url, status: 0, headers: new Headers(), text: '' };
      const headers = { Accept: 'text/html', Cookie: cookiesFor(url.pathname) };
      const response = await fetch(url, { ...request, headers, redirect: 'manual' });
      keep(response.headers.getSetCookie(), url.pathname);
      const location = response.headers.get('location');
      const text = await response.text();
      if (location === null) return { url, status: response.status, headers: response.headers, text };
      url = new URL(location, url);
      request = {};
    }
    return assert.fail('redirected for ever');
  }

  function cookiesFor(path: string): string {
    const sent = [...jar].filter(([, cookie]) => path === cookie.path || path.startsWith(slashed(cookie.path)));
    return sent.map(([name, cookie]) => `${name.split(';')[0]}=${cookie.value}`).join('; ');
  }

  function keep(headers: readonly string[], at: string): void {
    for (const header of headers) {
      cookiesSet.push(header);
      const [pair = '', ...attributes] = header.split(/; */);
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? at;
      if (value === '') jar.delete(`${name};${path}`);
      else jar.set(`${name};${path}`, { path, value });
    }
  }

  return {
    cookiesSet,
    open: (address) => visit(address),
    keep: (headers) => keep(headers, '/'),
    submit(page, fields) {
      const [, action] = /<form method="post" action="([^"]+)"/.exec(page.text) ?? [];
      assert.ok(action, `a form on the page ${page.url.pathname}`);
      return visit(new URL(action, page.url), { method: 'POST', body: new URLSearchParams(fields) });
    },
  };
}

function slashed(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}
