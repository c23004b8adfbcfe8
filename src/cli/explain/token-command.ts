import { createFindings } from '../../config/findings.ts';
import type { UnservableWorld } from '../../config/load.ts';
import { suggest } from '../../config/nearest.ts';
import { below, placeOf, top, type Where } from '../../config/source-file.ts';
import { readYaml } from '../../config/yaml-file.ts';
import type { Seconds } from '../../core/time.ts';
import type { Misuse } from '../config-files.ts';
import type { AskedToken } from './arguments.ts';
import { type EvidencePlaces, explainToken, type TokenExplanation } from './token.ts';
import { readTokenFile } from './token-file.ts';

/** Explains the token of a file by the provider that is named, or by the only one there is. */
export function explainTokenFile(
  { tokenFile, provider: named }: AskedToken,
  { providers }: Pick<UnservableWorld, 'providers'>,
  gatewayFile: string,
  readFile: (path: string) => Buffer,
  now: Seconds,
): TokenExplanation | Misuse {
  const names = [...providers.keys()];
  const name = named ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) return { misuse: `whose token is it? say --provider, one of ${names.join(', ')}` };
  const config = providers.get(name);
  if (config === undefined) return { misuse: `there is no provider "${name}": ${suggest(name, names)}` };
  if (config.type === 'saml') return { misuse: `"${name}" speaks SAML: it gives no tokens` };
  const read = readTokenFile(tokenFile, readFile);
  if ('misuse' in read) return read;
  return explainToken(config, read, placesIn(gatewayFile, name, readFile), now);
}

/** The world does not keep where its mappings stand: nothing that is served needs it. */
function placesIn(gatewayFile: string, provider: string, readFile: (path: string) => Buffer): EvidencePlaces {
  const source = readYaml(gatewayFile, readFile(gatewayFile).toString('utf8'), createFindings());
  if (source === null) return { level: () => nowhere(gatewayFile), unmarked: nowhere(gatewayFile) };
  const entry: Where = below(top(source), 'providers', provider);
  return {
    level: (name) => placeOf(below(entry, 'levels', name), true),
    unmarked: placeOf(below(entry, 'unmarked'), true),
  };
}

const nowhere = (file: string) => ({ file, line: 1, column: 1 });
