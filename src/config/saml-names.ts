import { LONGEST_ENTITY_ID } from '../saml/metadata.ts';
import { isLoopback } from './addresses.ts';
import type { Wrong } from './problems.ts';

/** Where metadata are found, as it is written: a URL, or the path of a file. */
export type MetadataPlace =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string };

/** Reads where metadata are found: https, plain http for loopback only, or the path of a file. */
export function parseMetadataPlace(text: string): MetadataPlace | Wrong {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { kind: 'file', path: text };
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || /[#\\\s]/.test(text) || url.username + url.password !== '') {
    const hint = 'an https URL without user name and fragment, or the path of a file';
    return { wrong: 'bad-metadata', message: `"${text}" is no place of metadata`, hint };
  }
  if (url.protocol === 'https:' || isLoopback(url)) return { kind: 'url', url: url.href };
  return {
    wrong: 'metadata-not-https',
    message: `plain http is for loopback only, and ${url.hostname} is not`,
    hint: 'whoever changes metadata on their way can sign in as anybody',
  };
}

const tooLong = (text: string): Wrong | null =>
  text.length <= LONGEST_ENTITY_ID
    ? null
    : { wrong: 'bad-entity-id', message: `an entityID has ${LONGEST_ENTITY_ID} characters at most, and this has more` };

/** Checks the entityID of a provider (Core 8.3.6). It stays as it is written: some are no URIs. */
export const parseIdpEntityId = (text: string): string | Wrong => tooLong(text) ?? text;

/** Checks our own entityID: a URI, so that it is nobody else's. */
export function parseOwnEntityId(text: string): string | Wrong {
  const wrong = tooLong(text);
  if (wrong !== null) return wrong;
  if (/^[a-z][a-z0-9+.-]*:[!-~]+$/i.test(text)) return text;
  return {
    wrong: 'bad-entity-id',
    message: `"${text}" is not a URI`,
    hint: 'with its scheme: https://apps.example.com/stepgate, or urn:example:stepgate',
  };
}
