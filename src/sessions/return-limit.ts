import { returnPath } from '../core/return-url.ts';

/** Bytes of path and query that a trip remembers. */
export const RETURN_URL_LIMIT = 500;

/**
 * Where a trip returns to: the path and query where they fit, else the path alone, else `/`. What a browser could take
 * for another origin, or for a page of ours, is `/` as well.
 *
 * @returns `shortened`: whether something of it was lost, which the audit log notes
 */
export function shortenReturn(pathAndQuery: string): { readonly returnTo: string; readonly shortened: boolean } {
  const judged = returnPath(pathAndQuery);
  if (judged === null) return { returnTo: '/', shortened: pathAndQuery !== '/' };
  if (judged.length <= RETURN_URL_LIMIT) return { returnTo: judged, shortened: false };
  const path = withoutQuery(judged);
  return { returnTo: path.length <= RETURN_URL_LIMIT ? path : '/', shortened: true };
}

/** The path of a path and query. */
export function withoutQuery(pathAndQuery: string): string {
  const query = pathAndQuery.indexOf('?');
  return query < 0 ? pathAndQuery : pathAndQuery.slice(0, query);
}
