import type { Passage } from '../answer.ts';
import type { Answer } from '../context.ts';
import { findHost } from '../gate.ts';
import { acsUrl, originsOf, sloUrl } from '../own-routes.ts';
import { refusalAnswer } from '../refusals.ts';

/** `GET /.stepgate/saml/PROVIDER/metadata`: what the provider has to know of us (Metadata 2.4.4). No secret is in it. */
export function answerMetadata({ current, arrival, requestId }: Passage, providerName: string): Answer {
  const host = findHost(current, arrival);
  if ('code' in host) return refusalAnswer(host.code, arrival, { requestId });
  const provider = current.providers.get(providerName);
  if (provider?.type !== 'saml') return refusalAnswer('not_found', arrival, { requestId });
  const origins = originsOf(current.world, providerName);
  // A service without a single place is none that a provider could be told of.
  if (origins.length === 0) return refusalAnswer('not_found', arrival, { requestId });
  return {
    status: 200,
    headers: [
      ['Content-Type', 'application/samlmetadata+xml'],
      ['Cache-Control', 'no-store'],
      ['X-Content-Type-Options', 'nosniff'],
    ],
    body: provider.serviceMetadata(
      origins.map((origin) => ({ acs: acsUrl(origin, providerName), slo: sloUrl(origin, providerName) })),
    ),
  };
}
