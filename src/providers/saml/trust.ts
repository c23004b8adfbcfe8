import type { CustomFetch } from 'openid-client';
import type { MetadataSource, SamlProviderConfig } from '../../config/world.ts';
import type { Seconds } from '../../core/time.ts';
import type { Clock, Random } from '../../ports.ts';
import type { IdpMetadata } from '../../saml/metadata.ts';
import { backOff, REFRESH_EVERY, type Schedule } from '../discovery.ts';
import { certificateNotes } from './certificate-notes.ts';
import { AHEAD, type ExpiryWatch, watchExpiry } from './expiry.ts';
import { fetchMetadata } from './fetch-metadata.ts';
import { type Fetched, readFetched } from './read-fetched.ts';

/** What is known of a provider and believed: from its metadata. */
export interface Trust {
  /** What is known now. Waits for the first attempt, and for no other; null where nothing is, or nothing is valid any more. */
  known(): Promise<IdpMetadata | null>;
  /** The same without waiting for anything. */
  knownNow(): IdpMetadata | null;
  close(): void;
}

/** Everything that decides what is believed of a provider: two configurations with the same facts share one trust. */
export type TrustFacts = Pick<SamlProviderConfig, 'name' | 'metadata' | 'issuer' | 'timeout'>;

export const trustFacts = ({ name, metadata, issuer, timeout }: TrustFacts): TrustFacts => ({
  name,
  metadata,
  issuer,
  timeout,
});

export interface TrustOptions {
  readonly config: TrustFacts;
  readonly clock: Clock;
  readonly random: Random;
  /** What an operator may read. */
  readonly log: (event: string, detail: string) => void;
  /** What an operator has to act upon. */
  readonly alert: (event: string, detail: string) => void;
  readonly schedule: Schedule;
  readonly fetch: CustomFetch;
}

/** Starts to trust a provider by its metadata. Nothing that goes wrong is thrown. */
export function startTrust(options: TrustOptions): Trust {
  const { metadata } = options.config;
  return metadata.kind === 'file' ? trustInFile(options, metadata.idp) : trustAtUrl(options, metadata);
}

const isValid = ({ validUntil }: IdpMetadata, clock: Clock): boolean => validUntil === null || clock.now() < validUntil;

/** Trust in metadata that were read with the configuration, and are replaced with it. */
function trustInFile(options: TrustOptions, idp: IdpMetadata | null): Trust {
  const expiry = watchExpiry({ ...options, ahead: () => AHEAD });
  if (idp !== null) {
    for (const note of certificateNotes(idp, options.clock)) options.log('provider_certificate', note);
    expiry.follow(idp.validUntil);
  }
  const knownNow = (): IdpMetadata | null => (idp !== null && isValid(idp, options.clock) ? idp : null);
  return { known: async () => knownNow(), knownNow, close: expiry.close };
}

const LEAST_REFRESH: Seconds = 60;
const LONGEST_REFRESH: Seconds = 86_400;

/** Trust in metadata that are asked for again and again. While that fails, those before count as long as they are valid. */
function trustAtUrl(options: TrustOptions, source: Extract<MetadataSource, { readonly kind: 'url' }>): Trust {
  const { config, clock, random, log, alert, schedule, fetch } = options;
  const stop = new AbortController();
  // What is renewed all the time always ends soon: it is worth an alert once it is renewed no more.
  const expiry: ExpiryWatch = watchExpiry({ ...options, ahead: (left) => Math.min(AHEAD, left / 2) });
  let found: IdpMetadata | null = null;
  let failures = 0;
  let cancel = () => {};

  const fetched = (text: string): Fetched => ({
    text,
    url: source.url,
    issuer: config.issuer,
    certificate: source.certificate,
  });

  async function attempt(): Promise<void> {
    const answer = await fetchMetadata({ url: source.url, timeout: config.timeout, fetch, stop: stop.signal });
    const read = typeof answer === 'string' ? await readFetched(fetched(answer), stop.signal) : answer;
    if (stop.signal.aborted) return;
    const problem = 'problem' in read ? read.problem : refused(read);
    if (!('problem' in read) && problem === null) take(read);
    else {
      failures += 1;
      // What was not there will be; what was there and is no good is somebody's mistake, or their doing.
      const tell = typeof answer === 'string' ? alert : log;
      tell('provider_metadata_failed', problem ?? '');
    }
    cancel = schedule(() => void attempt(), wait());
  }

  /** Why metadata that can be read are not taken all the same. */
  function refused(read: IdpMetadata): string | null {
    // Whoever changes what a name in gateway.yaml stands for changes who everybody is.
    if (found !== null && found.entityId !== read.entityId) return 'its entityID is another one than before';
    return isValid(read, clock) ? null : 'its validUntil is over';
  }

  function take(read: IdpMetadata): void {
    failures = 0;
    const before = found;
    found = read;
    expiry.follow(read.validUntil);
    if (before !== null && sameTrust(before, read)) return;
    log('provider_metadata_read', `${read.entityId} keys=${read.signingCertificates.length}`);
    for (const note of certificateNotes(read, clock)) log('provider_certificate', note);
  }

  function wait(): Seconds {
    const now = clock.now();
    if (found === null || !isValid(found, clock)) return backOff(failures, random);
    const asked = failures > 0 ? REFRESH_EVERY : (found.cacheDuration ?? REFRESH_EVERY);
    // Early enough for a second try before they end.
    const left = found.validUntil === null ? Infinity : (found.validUntil - now) / 2;
    return Math.min(LONGEST_REFRESH, Math.max(LEAST_REFRESH, Math.min(asked, left)));
  }

  const first = attempt();
  const knownNow = (): IdpMetadata | null =>
    !stop.signal.aborted && found !== null && isValid(found, clock) ? found : null;
  return {
    known: async () => {
      if (found === null && !stop.signal.aborted) await first;
      return knownNow();
    },
    knownNow,
    close: () => {
      stop.abort();
      cancel();
      expiry.close();
    },
  };
}

/** Whether nothing changed but the time until which it holds. */
const sameTrust = (a: IdpMetadata, b: IdpMetadata): boolean =>
  JSON.stringify({ ...a, validUntil: null }) === JSON.stringify({ ...b, validUntil: null });
