import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { LoadResult } from '../config/load.ts';
import { loadWorldFromDisk } from '../config/load-from-disk.ts';
import { nearest } from '../config/nearest.ts';
import type { World } from '../config/world.ts';
import type { Seconds } from '../core/time.ts';
import { LedgerError } from '../ledger/ledger-error.ts';
import { openLedger } from '../ledger/open.ts';
import { auditKey, createAudit } from '../observe/audit.ts';
import { tidy } from '../observe/log-text.ts';
import type { Clock, Ledger, Random } from '../ports.ts';
import { type Command, type CommandIo, configFile, EXIT } from './command.ts';
import { systemClock, systemRandom } from './system.ts';

/** What `revoke` reads of a configuration. */
export type RevokeWorld = Pick<World, 'ledger' | 'session' | 'providers' | 'secrets' | 'hash'>;

export interface RevokeParts {
  /** Loads the configuration whose gateway.yaml is at `file`, as it was named. */
  readonly load: (file: string, io: CommandIo) => LoadResult<RevokeWorld>;
  readonly clock: Clock;
  readonly random: Random;
}

const USAGE = `Usage: stepgate revoke --provider NAME --subject SUBJECT
       stepgate revoke --family FAMILY
       stepgate revoke --all
Ends sessions at once, in every running gateway that uses the ledger of the configuration.
  --config FILE   gateway.yaml (default: STEPGATE_CONFIG, else ./gateway.yaml)
  --json          one JSON object instead of sentences
The audit event of it goes to standard error, as one JSON object.
`;

/**
 * How much longer than a session's life a revocation is kept: a session made under an earlier configuration may live
 * longer than today's `session.lifetime`, and must not come back to life.
 */
const MARGIN: Seconds = 30 * 86_400;

type What =
  | { readonly kind: 'subject'; readonly provider: string; readonly subject: string }
  | { readonly kind: 'family'; readonly family: string }
  | { readonly kind: 'all' };

/** The same with the person as sessions and the ledger know them. */
type Target = Exclude<What, { kind: 'subject' }> | (Extract<What, { kind: 'subject' }> & { readonly issuer: string });

/** How it ended. */
interface Outcome {
  readonly exit: number;
  readonly sentence: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** `stepgate revoke`: voids sessions of a person, one sign-in, or everybody. */
export function createRevoke(parts: RevokeParts): Command {
  return async (args, io) => {
    const asked = read(args);
    if (asked === 'help') {
      io.out(USAGE);
      return EXIT.fine;
    }
    if (asked === null) {
      io.err(USAGE);
      return EXIT.usage;
    }
    const { exit, sentence, facts } = await run(asked.what, configFile(asked.config, io), parts, io);
    if (asked.json) io.out(`${JSON.stringify({ ok: exit === EXIT.fine, ...facts, message: sentence })}\n`);
    else if (exit === EXIT.fine) io.out(`${sentence}\n`);
    else io.err(`${sentence}\n`);
    return exit;
  };
}

/** The command as `main.ts` knows it. */
export const revoke: Command = createRevoke({
  load: (file, io) => loadWorldFromDisk(file, { env: io.env, readFile: io.readFile }),
  clock: systemClock,
  random: systemRandom,
});

async function run(what: What, file: string, parts: RevokeParts, io: CommandIo): Promise<Outcome> {
  const loaded = parts.load(file, io);
  if (!loaded.ok) {
    const problems = loaded.problems.map((p) => `${p.file}:${p.line}:${p.column}: ${p.message}`);
    const sentence = ['Nothing was revoked: the configuration has problems.', ...problems].join('\n');
    return { exit: EXIT.problems, sentence, facts: { error: 'configuration' } };
  }
  const { world } = loaded;
  const target = targetOf(what, world);
  if ('exit' in target) return target;
  if (world.ledger.kind === 'memory') {
    const sentence =
      'Nothing was revoked: the ledger of this configuration is "memory", which only the running gateway can reach. Restarting it ends every session.';
    return { exit: EXIT.usage, sentence, facts: { error: 'memory_ledger' } };
  }
  try {
    const location = { kind: 'sqlite', file: resolve(io.cwd, world.ledger.file) } as const;
    // A ledger made here would be one that no gateway reads.
    const ledger = openLedger(location, { ...parts, create: false });
    try {
      const stored = await store(target, ledger, parts.clock.now(), world.session.lifetime + MARGIN);
      record(target, world, parts.clock, io);
      return stored;
    } finally {
      await ledger.close();
    }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return { exit: EXIT.problems, sentence: `Nothing was revoked: ${error.message}.`, facts: { error: error.code } };
  }
}

/** The audit event, as one line on standard error: running gateways cannot tell who revoked what. */
function record(target: Target, world: RevokeWorld, clock: Clock, io: CommandIo): void {
  const write = (line: string): void => io.err(`${line}\n`);
  const key = auditKey(world.secrets);
  const audit = createAudit({ write, clock, world: () => world.hash, key, pathMode: 'plain' });
  const { kind: why, ...whose } = target;
  audit.record({ event: 'revoked', why, ...whose });
}

/** What is asked, in the ledger's terms; or why it cannot be. */
function targetOf(what: What, world: RevokeWorld): Target | Outcome {
  if (what.kind !== 'subject') return what;
  const issuer = world.providers.get(what.provider)?.issuer;
  if (issuer !== undefined && issuer !== null) return { ...what, issuer };
  if (issuer === null) {
    const sentence = `Nothing was revoked: gateway.yaml does not say what the provider "${tidy(what.provider)}" calls itself. Write its entityID under "issuer".`;
    return { exit: EXIT.usage, sentence, facts: { error: 'unknown_issuer' } };
  }
  const names = [...world.providers.keys()];
  const near = nearest(what.provider, names);
  const meant = near === null ? '' : ` Did you mean "${near}"?`;
  const sentence = `Nothing was revoked: there is no provider "${tidy(what.provider)}".${meant} Providers: ${names.join(', ')}.`;
  return { exit: EXIT.usage, sentence, facts: { error: 'unknown_provider', providers: names } };
}

/** @param kept - how long the ledger keeps the revocation */
async function store(target: Target, ledger: Ledger, now: Seconds, kept: Seconds): Promise<Outcome> {
  const expires = now + kept;
  const until = new Date(now * 1000).toISOString();
  const done = (sentence: string, facts: Outcome['facts']): Outcome => ({ exit: EXIT.fine, sentence, facts });
  if (target.kind === 'family') {
    const { family } = target;
    await ledger.voidFamily(family, expires);
    return done(`The sign-in ${tidy(family)} is revoked.`, { revoked: 'family', family });
  }
  if (target.kind === 'all') {
    await ledger.voidAll(now, expires);
    return done(`Every session that began until ${until} is revoked.`, { revoked: 'all', until });
  }
  const { provider, issuer, subject } = target;
  await ledger.voidSubject(issuer, subject, now, expires);
  const sentence = `Every session of ${tidy(subject)} at ${provider} that began until ${until} is revoked.`;
  return done(sentence, { revoked: 'subject', provider, issuer, subject, until });
}

interface Asked {
  readonly what: What;
  readonly config: string | undefined;
  readonly json: boolean;
}

/** The arguments, or null when they are not exactly one of the three forms. */
function read(args: readonly string[]): Asked | 'help' | null {
  const parsed = parse(args);
  if (parsed === null) return null;
  if (parsed.help) return 'help';
  const { provider, subject, family, all, config, json = false } = parsed;
  const forms: What[] = [];
  if (provider && subject) forms.push({ kind: 'subject', provider, subject });
  if (family) forms.push({ kind: 'family', family });
  if (all) forms.push({ kind: 'all' });
  const [what, second] = forms;
  // Half of a form beside a whole one is a mistake too: revoking everybody must never come from one.
  const isHalf =
    (provider === undefined) !== (subject === undefined) || provider === '' || subject === '' || family === '';
  return what === undefined || second !== undefined || isHalf ? null : { what, config, json };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { provider: text, subject: text, family: text, all: flag, config: text, json: flag, help: flag };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch {
    return null;
  }
}
