import type { SamlProviderConfig } from '../../config/world.ts';
import type { Clock } from '../../ports.ts';
import { type IdpMetadata, readMetadata } from './metadata.ts';

/** What is known of a provider and believed: from its metadata. */
export interface Trust {
  /** What is known now. Waits for the first attempt, and for no other; null where nothing is, or nothing is valid any more. */
  known(): Promise<IdpMetadata | null>;
  /** The same without waiting for anything. */
  knownNow(): IdpMetadata | null;
  close(): void;
}

/** Trust in metadata that stand in a file: read with the configuration, and replaced with it. */
export function trustInFile(
  config: Pick<SamlProviderConfig, 'issuer'>,
  text: string,
  clock: Clock,
  log: (event: string, detail: string) => void,
): Trust {
  const read = readMetadata(text);
  if ('problem' in read) log('provider_metadata_refused', read.problem);
  const isOurs = 'entityId' in read && (config.issuer === null || config.issuer === read.entityId);
  if ('entityId' in read && !isOurs) log('provider_metadata_refused', 'its entityID is not the configured one');
  const knownNow = (): IdpMetadata | null => {
    if ('problem' in read || !isOurs) return null;
    return read.validUntil === null || clock.now() < read.validUntil ? read : null;
  };
  return { known: async () => knownNow(), knownNow, close: () => {} };
}
