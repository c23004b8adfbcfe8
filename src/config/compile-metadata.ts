import { isUtf8 } from 'node:buffer';
import { type IdpMetadata, readMetadata, type Unusable } from '../saml/metadata.ts';
import { isLoopback } from './addresses.ts';
import { besideFile } from './beside-file.ts';
import { certificateAt } from './compile-key-pairs.ts';
import type { Findings } from './findings.ts';
import type { SamlProviderEntry } from './gateway-schema.ts';
import type { SecretSource } from './secrets.ts';
import { below, type Where } from './source-file.ts';
import { MOST_BYTES } from './text-file.ts';
import type { MetadataSource } from './world.ts';

/**
 * Where a SAML provider's metadata come from. What stands in a file is read, and part of the configuration: a mistake in
 * it is one of the line that names it. Null after reporting one.
 *
 * @param secrets - null leaves files unread
 */
export function compileMetadata(
  entry: SamlProviderEntry,
  where: Where,
  secrets: SecretSource | null,
  findings: Findings,
): MetadataSource | null {
  const certificate = secrets && certificateAt(entry.metadata_cert, below(where, 'metadata_cert'), secrets, findings);
  if (entry.metadata.kind === 'url') return { ...entry.metadata, certificate };
  const path = besideFile(where.source.file, entry.metadata.path);
  if (secrets === null) return { kind: 'file', path, idp: null };
  const place = below(where, 'metadata');
  const bytes = readBytes(entry.metadata.path, secrets);
  if (bytes === null) {
    findings.problem(place, 'file-unreadable', `the metadata file ${path} cannot be read`);
    return null;
  }
  const read = readIn(bytes, entry, certificate);
  if ('problem' in read) {
    findings.problem(place, 'bad-metadata', `the metadata in ${path} cannot be used: ${read.problem}`, read.hint);
    return null;
  }
  noteAbout(read, entry, where, secrets, findings);
  return { kind: 'file', path, idp: read };
}

function readBytes(path: string, secrets: SecretSource): Buffer | null {
  try {
    return Buffer.from(secrets.readFile(path));
  } catch {
    return null;
  }
}

function readIn(bytes: Buffer, { issuer }: SamlProviderEntry, certificate: string | null): IdpMetadata | Unusable {
  // Of a longer file no more than its start is ever read.
  if (bytes.length > MOST_BYTES) return { problem: 'they are larger than 1 MiB' };
  if (!isUtf8(bytes)) return { problem: 'they are not UTF-8' };
  const plainLoopback = (url: URL): boolean => url.protocol === 'http:' && isLoopback(url);
  return readMetadata(bytes.toString('utf8'), { issuer: issuer ?? null, certificate, plainLoopback });
}

function noteAbout(
  idp: IdpMetadata,
  entry: SamlProviderEntry,
  where: Where,
  secrets: SecretSource,
  findings: Findings,
): void {
  const place = below(where, 'metadata');
  if (idp.validUntil !== null && idp.validUntil <= secrets.now()) {
    const message = 'these metadata are over: nobody can sign in there until there are newer ones';
    findings.notice(place, 'metadata-expired', message);
  }
  if (idp.wantsSignedRequests && entry.sign === undefined) {
    const message = 'this provider wants signed requests, and there is no key to sign them with';
    findings.notice(place, 'requests-unsigned', message, 'name a key and its certificate under "sign"');
  }
  if (entry.logout === 'provider' && idp.singleLogout.redirect === null && idp.singleLogout.post === null) {
    const message =
      'signing out leads to no provider: its metadata have no SingleLogoutService by HTTP-Redirect or HTTP-POST';
    findings.notice(below(where, 'logout'), 'logout-stays-local', message);
  }
}
