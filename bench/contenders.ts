/** What is compared. To add one: a module in this folder with `start`, and a row here. */

/** Starts a server in front of `upstream` on a free port of 127.0.0.1. */
export type Start = (upstream: URL) => Promise<Started>;

export interface Started {
  readonly port: number;
  /** The request to measure with, where it is not the usual one: a session cookie, say. */
  readonly request?: string;
}

export interface Contender {
  readonly name: string;
  /** Module of this folder that exports `start`; null is the upstream itself. */
  readonly module: string | null;
}

/** The first proxy is the one the others are compared with. */
export const CONTENDERS: readonly Contender[] = [
  { name: 'bare upstream', module: null },
  { name: 'bare @fastify/http-proxy', module: './http-proxy.ts' },
  { name: 'engine, all allowed', module: './engine.ts' },
  { name: 'gateway, everything on', module: './gateway.ts' },
];

/** What a browser sends with a click. */
export const REQUEST = [
  'GET /reports/2026?page=2 HTTP/1.1',
  'Host: payroll.example.com',
  'Connection: keep-alive',
  'sec-ch-ua: "Chromium";v="142", "Not.A/Brand";v="24"',
  'sec-ch-ua-mobile: ?0',
  'sec-ch-ua-platform: "Linux"',
  'Upgrade-Insecure-Requests: 1',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-User: ?1',
  'Sec-Fetch-Dest: document',
  'Referer: https://payroll.example.com/reports',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-GB,en;q=0.9,de;q=0.8',
  'Cookie: JSESSIONID=0123456789abcdef0123456789abcdef; theme=dark; lang=en',
  '',
  '',
].join('\r\n');
