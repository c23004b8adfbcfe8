import ipaddr from 'ipaddr.js';
import type { Wrong } from './problems.ts';

/** A public origin, and the `Host` headers that mean it. */
export interface Origin {
  readonly origin: string;
  readonly secure: boolean;
  /** Lower case; with the default port left out and written. */
  readonly hosts: readonly string[];
}

const ORIGIN = /^https?:\/\/[^/?#@\\\s]+$/i;
const HOST_NAME = /^(?:[a-z0-9_-]+\.)*[a-z0-9_-]+$|^\[[0-9a-f:.]+\]$/;

/** Reads `https://host` or `http://host:port`; null if it is no origin. */
function readOrigin(text: string): URL | null {
  const url = ORIGIN.test(text) ? URL.parse(text) : null;
  return url !== null && HOST_NAME.test(url.hostname) ? url : null;
}

/** Whether a URL's host can only be this machine: what plain http is accepted for. */
export function isLoopback(url: URL): boolean {
  const name = url.hostname;
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}

/** Reads a public origin of an app. */
export function parsePublicOrigin(text: string): Origin | Wrong {
  const url = readOrigin(text);
  if (url === null) {
    const hint = text.endsWith('/') ? 'leave out the last "/"' : 'write scheme and host: https://app.example.com';
    return { wrong: 'bad-origin', message: `"${text}" is not an origin`, hint };
  }
  const secure = url.protocol === 'https:';
  if (!secure && !isLoopback(url)) {
    return {
      wrong: 'origin-not-https',
      message: `plain http is for loopback only, and ${url.hostname} is not`,
      hint: 'write https://; the gateway may stand behind what ends TLS',
    };
  }
  const hosts = url.port === '' ? [url.host, `${url.host}:${secure ? 443 : 80}`] : [url.host];
  return { origin: url.origin, secure, hosts };
}

/** Reads where an application listens. */
export function parseUpstream(text: string): URL | Wrong {
  const hint = 'write scheme, host and port only: http://10.0.0.5:9000';
  return readOrigin(text) ?? { wrong: 'bad-upstream', message: `"${text}" is not the origin of an application`, hint };
}

/** Checks an issuer (OpenID Connect Discovery 3: an https URL without query or fragment). It stays as it is written. */
export function parseIssuer(text: string): string | Wrong {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || /[?#@\\\s]/.test(text)) {
    const hint = 'the URL that the provider calls itself, without query and fragment';
    return { wrong: 'bad-issuer', message: `"${text}" is not an issuer`, hint };
  }
  if (url.protocol === 'https:' || isLoopback(url)) return text;
  return { wrong: 'issuer-not-https', message: `plain http is for loopback only, and ${url.hostname} is not` };
}

/** Reads an address or host name to listen on. */
export function parseListenHost(text: string): string | Wrong {
  if (ipaddr.IPv6.isValid(text) || ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  if (/^(?=.*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(text)) return text;
  return {
    wrong: 'bad-address',
    message: `"${text}" is not an address to listen on`,
    hint: 'such as 127.0.0.1 or "::"',
  };
}

/** Reads the address of a client. An IPv4 address that is written as IPv6 is the IPv4 address. */
export function parseAddress(text: string): string | Wrong {
  const known = ipaddr.IPv4.isValidFourPartDecimal(text) || (ipaddr.IPv6.isValid(text) && !text.includes('%'));
  if (known) return ipaddr.process(text).toString();
  return { wrong: 'bad-address', message: `"${text}" is not an address`, hint: 'such as 192.0.2.9 or "2001:db8::9"' };
}

/** An address as policies name it: in its shortest form (RFC 5952), and IPv4 as such (RFC 4291 2.5.5.2). Null for what is none. */
export const addressText = (address: string): string | null =>
  ipaddr.isValid(address) ? ipaddr.process(address).toString() : null;

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Reads a network (`10.0.0.0/8`) or a single address. */
export function parseNetwork(text: string): Range | Wrong {
  const wrong = (hint: string): Wrong => ({ wrong: 'bad-address', message: `"${text}" is not a network`, hint });
  const [address = '', prefix] = text.split('/');
  const known = ipaddr.IPv4.isValidFourPartDecimal(address) || (ipaddr.IPv6.isValid(address) && !address.includes('%'));
  if (!known || text.split('/').length > 2) return wrong('such as 10.0.0.0/8 or 2001:db8::/32');
  const ip = ipaddr.parse(address);
  const bits = ip.kind() === 'ipv4' ? 32 : 128;
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits)) return wrong(`at most /${bits}`);
  const range: Range = [ip, prefix === undefined ? bits : Number(prefix)];
  if (ip.kind() === 'ipv6' && (ip as ipaddr.IPv6).isIPv4MappedAddress()) return wrong('write it as an IPv4 network');
  const base = networkOf(range);
  if (base !== ip.toString()) return wrong(`bits are set behind the prefix: did you mean ${base}/${range[1]}?`);
  return range;
}

const networkOf = ([ip, bits]: Range): string => {
  const text = `${ip.toString()}/${bits}`;
  return (ip.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(text).toString();
};

/** Whether an address lies in one of the networks. An IPv4 address may be written as IPv6; what is no address does not. */
export function memberOf(networks: readonly Range[]): (address: string) => boolean {
  return (address) => {
    if (networks.length === 0 || !ipaddr.isValid(address)) return false;
    const ip = ipaddr.process(address);
    return networks.some(([base, bits]) => base.kind() === ip.kind() && ip.match(base, bits));
  };
}
