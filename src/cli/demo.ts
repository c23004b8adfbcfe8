import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadWorld } from '../config/load.ts';
import { startDemoOidcProvider } from '../demo/oidc/provider.ts';
import { startPayroll } from '../demo/payroll.ts';
import { demoPeople } from '../demo/people.ts';
import { callbackUrl, OWN_ROUTES } from '../http/own-routes.ts';
import type { Reading } from '../live/follow.ts';
import { recordingReads } from '../live/sources.ts';
import { printProblems } from './check-output.ts';
import { EXIT } from './command.ts';
import { runGateway, untilStopped, whyNotStarted } from './run-gateway.ts';
import type { RunningCommand, RunningIo } from './running.ts';

const USAGE = `Usage: stepgate demo [--port 8080] [--log]

Runs the shipped gateway.yaml and policies.yaml with an identity provider, three people and a legacy payroll app, all on
this machine: the gateway on the port given, the provider on the next one, the app on the one after.

  --port PORT   8080 unless given
  --log         prints the gateway's log

Exit codes: 0 stopped, 1 could not start, 2 used wrongly.
`;

/** The ports that the shipped gateway.yaml names, as distances from the first. */
const SHIPPED_PORT = 8080;

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
    await runDemo(asked.port, asked.log ? io.out : () => {}, io);
    return EXIT.fine;
  } catch (error) {
    const ports = `One of the ports ${asked.port} to ${asked.port + 2}`;
    io.err(
      `stepgate: the demo did not start. ${whyNotStarted(error, ports)}\nAnother port: npm start -- --port 9000\n`,
    );
    return EXIT.problems;
  }
};

function readArguments(args: readonly string[]): { readonly port: number; readonly log: boolean } | 'help' | null {
  try {
    const options = {
      port: { type: 'string', default: String(SHIPPED_PORT) },
      log: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) return 'help';
    const port = Number(values.port);
    return Number.isInteger(port) && port > 0 && port <= 65_533 ? { port, log: values.log } : null;
  } catch {
    return null;
  }
}

async function runDemo(port: number, write: (lines: string) => void, io: RunningIo): Promise<void> {
  const clientSecret = randomBytes(24).toString('base64url');
  const read = shippedReader(port, clientSecret, io);
  const { loaded, sources } = read();
  if (!loaded.ok) {
    printProblems(loaded.problems, { ...io, out: io.err });
    throw new Error('The shipped configuration has problems, see above.');
  }
  const { world } = loaded;
  const corp = world.providers.get('corp');
  const payroll = world.apps.get('payroll');
  const origin = payroll?.origins[0];
  if (corp?.type !== 'oidc' || origin === undefined)
    throw new Error('the shipped gateway.yaml is not the one of the demo');
  const people = demoPeople(randomBytes);
  const provider = await startDemoOidcProvider({
    port: port + 1,
    people,
    clients: [
      {
        client_id: corp.clientId,
        client_secret: clientSecret,
        redirect_uris: [callbackUrl(origin, corp.name)],
        post_logout_redirect_uris: [`${origin}${OWN_ROUTES.signedOut}`],
        token_endpoint_auth_method: corp.clientAuth === 'client_secret_post' ? corp.clientAuth : 'client_secret_basic',
      },
    ],
  });
  const closers: (() => Promise<void>)[] = [() => provider.close()];
  try {
    const app = await startPayroll({ port: port + 2, links: [{ text: 'Sign out', href: OWN_ROUTES.signOut }] });
    closers.push(() => app.close());
    const running = await runGateway(world, write);
    io.out(welcome(origin, provider.issuer, people));
    await untilStopped(io, running, read, sources, (changed, taken) => {
      if (!changed.ok) printProblems(changed.problems, io);
      io.out(taken ? '  The changed configuration is in force.\n' : '  The change is refused, all is as it was.\n');
    });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** Reads the shipped files, with other ports where asked for, and secrets that live as long as this process. */
function shippedReader(port: number, clientSecret: string, io: RunningIo): () => Reading {
  const secrets: Readonly<Record<string, string>> = {
    STEPGATE_SECRET: randomBytes(32).toString('base64'),
    STEPGATE_DEMO_CLIENT_SECRET: clientSecret,
  };
  return () => {
    const { readFile, sources } = recordingReads(io.readFile);
    const text = (name: string) => {
      const file = fileURLToPath(new URL(`../../${name}`, import.meta.url));
      return { file, text: readFile(file).toString('utf8') };
    };
    const gateway = text('gateway.yaml');
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

function welcome(origin: string, issuer: string, people: ReturnType<typeof demoPeople>): string {
  const rows = people.map(({ username, password, totpSecret, name }) => {
    const factor = totpSecret === null ? 'no second factor' : 'second factor: the page shows the code';
    return `    ${username.padEnd(7)} ${password.padEnd(12)} ${name.padEnd(14)} ${factor}`;
  });
  return `
  Stepgate is running, in front of a payroll app that knows nothing of sign-in.

  Open        ${origin}
  Provider    ${issuer}

  People      username, password
${rows.join('\n')}

  Try
    1. ${origin}/account            asks for the password
    2. ${origin}/payslips           then also for the second factor, once an hour
    3. ${origin}/approve/42         wants a second factor of the last two minutes
    4. ${origin}/bank-account       wants a passkey: you register one on the way, on this device or a security key
    5. ${'any of these as bob'.padEnd(origin.length + 20)} has no second factor: ends on a page, and stays signed in
    6. ${origin}/.stepgate/sign-out

  What each path requires is in policies.yaml, how things are reached in gateway.yaml: change one, and it is in force. Ctrl-C
  stops everything.
`;
}
