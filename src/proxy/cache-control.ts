/**
 * A `Cache-Control` that keeps an answer out of shared caches (RFC 9111 5.2.2): `no-store` and an unqualified `private`
 * stay as they are, otherwise `public`, `s-maxage` and a qualified `private` make room for `private`. A missing header
 * becomes `private`, since a shared cache may keep an answer that says nothing.
 *
 * @param value - as received, null where there was none
 */
export function privateCacheControl(value: string | null): string {
  if (value === null || value.trim() === '') return 'private';
  const directives = (value.match(DIRECTIVE) ?? []).map((directive) => directive.trim()).filter(Boolean);
  const names = directives.map((directive) => directive.toLowerCase());
  if (names.includes('no-store')) return value;
  const kept = directives.filter((_, index) => !SHARED.test(names[index] ?? ''));
  return [...kept, 'private'].join(', ');
}

const DIRECTIVE = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g;
const SHARED = /^(?:public|private|s-maxage)(?:[\t ]*=.*)?$/;

/** Headers with which an upstream instructs particular shared caches past `Cache-Control`. */
export const SHARED_CACHE_HEADERS: ReadonlySet<string> = new Set([
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'surrogate-control',
  'x-accel-expires',
]);
