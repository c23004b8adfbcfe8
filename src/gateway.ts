import type { FastifyInstance } from 'fastify';
import type { OidcProviderConfig, SamlProviderConfig, World } from './config/world.ts';
import { accessRecorder } from './http/access.ts';
import type { Context } from './http/context.ts';
import { createServer } from './http/server.ts';
import { upgradeListener } from './http/upgrade.ts';
import type { Current, Live, Replaceable } from './live/live.ts';
import { createReload, type Reload } from './live/reload.ts';
import { createAccessLog } from './observe/access-log.ts';
import { auditKey, createAudit } from './observe/audit.ts';
import { createLog, type Log } from './observe/log.ts';
import { createReportCounts } from './observe/report-counts.ts';
import type { Audit, Clock, Ledger, Provider, Random } from './ports.ts';
import { connectionFacts } from './providers/believed-alike.ts';
import { type Discovery, startDiscovery } from './providers/discovery.ts';
import { createOidcProvider, later, send } from './providers/oidc.ts';
import { createOutliving, type Outliving } from './providers/outliving.ts';
import { createSamlProvider } from './providers/saml/saml.ts';
import { startTrust, type Trust, trustFacts } from './providers/saml/trust.ts';
import type { Verifier } from './providers/saml/verifier.ts';
import { createVerifiers } from './providers/saml/verifiers.ts';
import { createAssertions } from './proxy/assertion.ts';
import { createForwarder } from './proxy/forward.ts';
import type { OwnCookies } from './proxy/plan.ts';
import { createTunnels } from './proxy/tunnel.ts';
import { createUpstreams } from './proxy/upstreams.ts';
import { setsOwnCookie, withoutOwnCookies } from './sessions/cookies.ts';
import { createFlows } from './sessions/flows.ts';
import { createSealer } from './sessions/seal.ts';
import { createSessionCookies } from './sessions/session-cookies.ts';

/** Opened cookies kept in memory, of sessions and of idle times each: 1 kB, and as much again for what upstreams are told. */
const CACHED_COOKIES = 50_000;
/** Every open tunnel is judged once more in each round of so many steps, of so many milliseconds: about every second. */
const TUNNEL_ROUND_STEPS = 10;
const TUNNEL_STEP_MS = 100;
/** Milliseconds that running requests get to finish when the gateway stops. */
const STOP_LIMIT_MS = 10_000;

export interface GatewayOptions {
  readonly world: World;
  /** Closed by the caller, after the gateway. */
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly randomBytes: (bytes: number) => Buffer;
  /** Takes a line of the access log, the application log or the audit log, without its end. */
  readonly write: (line: string) => void;
  /** Limit for running requests when the gateway stops. */
  readonly stopLimitMs?: number;
}

export interface Gateway {
  readonly fastify: FastifyInstance;
  readonly live: Live;
  readonly log: Log;
  /** Takes a new configuration in the place of the running one, whole or not at all. */
  readonly reload: Reload;
  /** Judges every open tunnel once more, as happens every second. */
  readonly endLapsedTunnels: () => void;
  /** Starts listening. @returns the origin it listens on. @throws what the system says when it cannot */
  listen(address?: { readonly host: string; readonly port: number }): Promise<string>;
  /** Once, however often it is called: ends tunnels, lets running requests finish within a limit, then breaks off what is left. */
  close(): Promise<void>;
}

/** Puts the gateway together. Every other part gets what it needs as arguments; here they are made. */
export function createGateway(options: GatewayOptions): Gateway {
  const { world, ledger, clock, write, randomBytes } = options;
  const random: Random = (bytes) => randomBytes(bytes).toString('base64url');
  const log = createLog(write, clock);
  const say = (provider: string) => (event: string, detail: string) => log.info(event, { provider, detail });
  const warn = (provider: string) => (event: string, detail: string) => log.warn(event, { provider, detail });
  const discoveries = createOutliving(connectionFacts, (config: OidcProviderConfig) =>
    startDiscovery({ config, clock, random, log: say(config.name), schedule: later, fetch: send }),
  );
  const trusts = createOutliving(trustFacts, (config: SamlProviderConfig) => {
    const tell = { log: say(config.name), alert: warn(config.name) };
    return startTrust({ config, clock, random, ...tell, schedule: later, fetch: send });
  });
  const verifier = createVerifiers();
  const furnishing: Furnishing = { options, random, discoveries, trusts, verifier, say };
  const live: Replaceable = { current: furnish(world, furnishing) };
  const audit: Audit = { record: (event) => live.current.audit.record(event) };
  const upstreams = createUpstreams();
  const own: OwnCookies = {
    withoutOwnCookies: (header) => withoutOwnCookies(header, world.cookiePrefix),
    setsOwnCookie: (setCookie) => setsOwnCookie(setCookie, world.cookiePrefix),
  };
  const tunnels = createTunnels(upstreams, own);
  const context: Context = {
    live,
    ledger,
    clock,
    random,
    audit,
    log,
    endTunnels: tunnels.endFamily,
    noteActivity: tunnels.seen,
  };
  const access = accessRecorder(createAccessLog(write, clock));
  const fastify = createServer({
    context,
    access,
    forwarder: createForwarder(upstreams, own),
    onUpgrade: upgradeListener(context, tunnels, access.upgraded),
  });
  fastify.addHook('onReady', () => live.current.assertions.ready());
  const endLapsedTunnels = (): void => tunnels.endLapsed(clock.now());
  const watch = setInterval(() => tunnels.endSomeLapsed(clock.now(), TUNNEL_ROUND_STEPS), TUNNEL_STEP_MS);
  watch.unref();

  const reload = createReload({
    live,
    log,
    async furnish(next) {
      const made = furnish(next, furnishing);
      await made.assertions.ready();
      return made;
    },
    onReplaced(before, after) {
      sayReports(before);
      const configs = [...after.world.providers.values()];
      discoveries.keepOnly(configs.flatMap((config) => (config.type === 'oidc' ? config : [])));
      trusts.keepOnly(configs.flatMap((config) => (config.type === 'saml' ? config : [])));
      for (const provider of before.providers.values()) provider.close();
      endLapsedTunnels();
    },
  });

  let closing: Promise<void> | null = null;
  return {
    fastify,
    live,
    log,
    reload: async (loaded) => closing === null && reload(loaded),
    endLapsedTunnels,
    async listen(address = world.listen) {
      const origin = await fastify.listen(address);
      audit.record({ event: 'started' });
      return origin;
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };

  /** What became of the rules that were only reported, by the time their world is over. */
  function sayReports({ reports, world }: Current): void {
    for (const [rule, { seen, changed }] of reports.totals()) {
      log.info('report_totals', { rule, seen, changed, world: world.hash });
    }
  }

  /** In this order: what would keep the server open, the server, what its requests needed. */
  async function close(): Promise<void> {
    clearInterval(watch);
    tunnels.endAll();
    sayReports(live.current);
    for (const provider of live.current.providers.values()) provider.close();
    discoveries.close();
    trusts.close();
    const limit = setTimeout(() => fastify.server.closeAllConnections(), options.stopLimitMs ?? STOP_LIMIT_MS);
    await fastify.close();
    clearTimeout(limit);
    verifier.close();
    await upstreams.destroy();
    audit.record({ event: 'stopped' });
  }
}

/** What every world is furnished with, and outlives it. */
interface Furnishing {
  readonly options: GatewayOptions;
  readonly random: Random;
  readonly discoveries: Outliving<OidcProviderConfig, Discovery>;
  readonly trusts: Outliving<SamlProviderConfig, Trust>;
  readonly verifier: Verifier;
  readonly say: (provider: string) => (event: string, detail: string) => void;
}

/** Everything that is made for one world. */
function furnish(world: World, { options, random, discoveries, trusts, verifier, say }: Furnishing): Current {
  const { ledger, clock, write } = options;
  const sealer = createSealer(world.secrets, options.randomBytes);
  const prefix = world.cookiePrefix;
  const key = auditKey(world.secrets);
  const audit = createAudit({ write, clock, world: () => world.hash, key, pathMode: 'plain' });
  const providers = new Map<string, Provider>();
  for (const config of world.providers.values()) {
    const log = say(config.name);
    if (config.type === 'oidc') {
      const discovery = discoveries.of(config);
      providers.set(config.name, createOidcProvider({ config, clock, random, discovery, log }));
    } else {
      const trust = trusts.of(config);
      providers.set(config.name, createSamlProvider({ config, clock, random, log, trust, verifier }));
    }
  }
  return {
    world,
    sealer,
    providers,
    assertions: createAssertions(world.assertion, ledger),
    reports: createReportCounts(),
    audit,
    sessions: createSessionCookies({ sealer, prefix, ledger, session: world.session, cacheSize: CACHED_COOKIES }),
    flows: createFlows({ sealer, prefix, ledger, random }),
  };
}
