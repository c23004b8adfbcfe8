import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadWorld } from '../config/load.ts';
import { makeKeyPair } from '../demo/saml/certificate.ts';
import type { Reading } from '../live/follow.ts';
import { recordingReads } from '../live/sources.ts';
import type { RunningIo } from './running.ts';

/** The first of the ports that the shipped files name; the provider has the next one, the application the one after. */
export const SHIPPED_PORT = 8080;

/** What the provider speaks. What is required is the same for both: policies.yaml. */
export type DemoProtocol = 'oidc' | 'saml';

/** The shipped file that says how things are reached. */
export const gatewayFileOf = (protocol: DemoProtocol): string =>
  protocol === 'saml' ? 'gateway-saml.yaml' : 'gateway.yaml';

/** What the shipped files refer to by `${env:…}`. */
export type DemoSecrets = Readonly<Record<string, string>>;

/** Makes the secrets, which live as long as this process. @param now - milliseconds since 1970 */
export async function makeDemoSecrets(protocol: DemoProtocol, now: number): Promise<DemoSecrets> {
  const STEPGATE_SECRET = randomBytes(32).toString('base64');
  if (protocol === 'oidc')
    return { STEPGATE_SECRET, STEPGATE_DEMO_CLIENT_SECRET: randomBytes(24).toString('base64url') };
  const { key, certificate } = await makeKeyPair('Stepgate demo', now);
  return { STEPGATE_SECRET, STEPGATE_DEMO_SAML_KEY: key, STEPGATE_DEMO_SAML_CERT: certificate };
}

/** Reads the shipped files, with other ports where asked for. */
export function shippedReader(
  {
    protocol,
    port,
    secrets,
  }: { readonly protocol: DemoProtocol; readonly port: number; readonly secrets: DemoSecrets },
  io: RunningIo,
): () => Reading {
  return () => {
    const { readFile, sources } = recordingReads(io.readFile);
    const text = (name: string) => {
      const file = fileURLToPath(new URL(`../../${name}`, import.meta.url));
      return { file, text: readFile(file).toString('utf8') };
    };
    const gateway = text(gatewayFileOf(protocol));
    const moved = gateway.text.replace(/\b808([0-2])\b/g, (_, last: string) => String(port + Number(last)));
    const loaded = loadWorld({
      gateway: { file: gateway.file, text: moved },
      policies: text('policies.yaml'),
      env: (name) => secrets[name],
      readFile,
    });
    return { loaded, sources };
  };
}
