import { memberOf } from './addresses.ts';
import type { Findings } from './findings.ts';
import { checkWord } from './names.ts';
import { networkSchema } from './policies-schema.ts';
import { readShape } from './shape.ts';
import { below, keysAt, type SourceFile, top, valueAt } from './source-file.ts';

/** Whether an address lies in a network. */
export type NetworkTest = (address: string) => boolean;

/** Compiles `networks` of policies.yaml. One that is wrong stays as a name of a network that nobody is in. */
export function compileNetworks(policies: SourceFile, findings: Findings): ReadonlyMap<string, NetworkTest> {
  const networks = new Map<string, NetworkTest>();
  const all = below(top(policies), 'networks');
  for (const name of keysAt(all)) {
    const where = below(all, name);
    checkWord(name, where, findings);
    // A list of ranges stands for the map that has nothing else.
    const short = Array.isArray(valueAt(where));
    const entry = readShape(short ? networkSchema.shape.ranges : networkSchema, where, findings);
    const ranges = entry === null ? [] : 'ranges' in entry ? entry.ranges : entry;
    networks.set(name, memberOf(ranges));
  }
  return networks;
}
