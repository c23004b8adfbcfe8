import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { DemoProvider } from '../demo/idp-server.ts';
import { startPayroll } from '../demo/payroll.ts';
import { demoPeople } from '../demo/people.ts';
import { startProviderFor } from '../demo/provider-for.ts';
import { OWN_ROUTES } from '../http/own-routes.ts';
import { printProblems } from './check-output.ts';
import { EXIT } from './command.ts';
import { type DemoProtocol, gatewayFileOf, makeDemoSecrets, SHIPPED_PORT, shippedReader } from './demo-files.ts';
import { runGateway, untilStopped, whyNotStarted } from './run-gateway.ts';
import type { RunningCommand, RunningIo } from './running.ts';
import { systemClock } from './system.ts';

const USAGE = `Usage: stepgate demo [--saml] [--port 8080] [--log]

Runs the shipped gateway.yaml and policies.yaml with an identity provider, three people and a legacy payroll app, all on
this machine: the gateway on the port given, the provider on the next one, the app on the one after.

  --saml        the provider speaks SAML instead of OpenID Connect: gateway-saml.yaml, and the same policies.yaml
  --port PORT   8080 unless given
  --log         prints the gateway's log

Exit codes: 0 stopped, 1 could not start, 2 used wrongly.
`;

/** `stepgate demo`: everything on this machine, in one command. */
export const demo: RunningCommand = async (args, io) => {
  const asked = readArguments(args);
  if (asked === 'help') {
    io.out(USAGE);
    return EXIT.fine;
  }
  if (asked === null) {
    io.err(USAGE);
    return EXIT.usage;
  }
  try {
    await runDemo(asked, io);
    return EXIT.fine;
  } catch (error) {
    const ports = `One of the ports ${asked.port} to ${asked.port + 2}`;
    io.err(
      `stepgate: the demo did not start. ${whyNotStarted(error, ports)}\nAnother port: npm start -- ${asked.protocol === 'saml' ? '--saml ' : ''}--port 9000\n`,
    );
    return EXIT.problems;
  }
};

interface Asked {
  readonly port: number;
  readonly protocol: DemoProtocol;
  readonly log: boolean;
}

function readArguments(args: readonly string[]): Asked | 'help' | null {
  try {
    const options = {
      port: { type: 'string', default: String(SHIPPED_PORT) },
      saml: { type: 'boolean', default: false },
      log: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) return 'help';
    const port = Number(values.port);
    const protocol = values.saml ? 'saml' : 'oidc';
    return Number.isInteger(port) && port > 0 && port <= 65_533 ? { port, protocol, log: values.log } : null;
  } catch {
    return null;
  }
}

async function runDemo({ port, protocol, log }: Asked, io: RunningIo): Promise<void> {
  const secrets = await makeDemoSecrets(protocol, systemClock.now() * 1000);
  const read = shippedReader({ protocol, port, secrets }, io);
  const { loaded, sources } = read();
  if (!loaded.ok) {
    printProblems(loaded.problems, { ...io, out: io.err });
    throw new Error('The shipped configuration has problems, see above.');
  }
  const { world } = loaded;
  const corp = world.providers.get('corp');
  const origin = world.apps.get('payroll')?.origins[0];
  if (corp?.type !== protocol || origin === undefined) {
    throw new Error(`the shipped ${gatewayFileOf(protocol)} is not the one of the demo`);
  }
  const provider = await startProviderFor(corp, origin, { port: port + 1, people: demoPeople(randomBytes) });
  const closers: (() => Promise<void>)[] = [() => provider.close()];
  try {
    const app = await startPayroll({ port: port + 2, links: [{ text: 'Sign out', href: OWN_ROUTES.signOut }] });
    closers.push(() => app.close());
    const running = await runGateway(world, log ? io.out : () => {});
    io.out(welcome(origin, provider, protocol));
    await untilStopped(io, running, read, sources, (changed, taken) => {
      if (!changed.ok) printProblems(changed.problems, io);
      io.out(taken ? '  The changed configuration is in force.\n' : '  The change is refused, all is as it was.\n');
    });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

function welcome(origin: string, { issuer, people }: DemoProvider, protocol: DemoProtocol): string {
  const rows = people.map(({ username, password, totpSecret, name }) => {
    const factor = totpSecret === null ? 'no second factor' : 'second factor: the page shows the code';
    return `    ${username.padEnd(7)} ${password.padEnd(12)} ${name.padEnd(14)} ${factor}`;
  });
  return `
  Stepgate is running, in front of a payroll app that knows nothing of sign-in.

  Open        ${origin}
  Provider    ${issuer}${protocol === 'saml' ? ' (SAML)' : ''}

  People      username, password
${rows.join('\n')}

  Try
    1. ${origin}/account            asks for the password
    2. ${origin}/payslips           then also for the second factor, once an hour
    3. ${origin}/approve/42         wants a second factor of the last two minutes
    4. ${origin}/bank-account       wants a passkey: you register one on the way, on this device or a security key
    5. ${'any of these as bob'.padEnd(origin.length + 20)} has no second factor: ends on a page, and stays signed in
    6. ${origin}/.stepgate/sign-out

  What each path requires is in policies.yaml, how things are reached in ${gatewayFileOf(protocol)}: change one, and it is in force.
  Ctrl-C stops everything.
`;
}
