import { isAbsolute, join } from 'node:path';
import type { UnservableWorld } from '../config/load.ts';
import type { Problem } from '../config/problems.ts';
import { tidy } from '../observe/log-text.ts';
import type { Clock } from '../ports.ts';
import { printProblems } from './check-output.ts';
import { type Command, type CommandIo, EXIT } from './command.ts';
import { chooseFiles, loadChoice, type Misuse } from './config-files.ts';
import { locateRequest } from './explain/answered.ts';
import { type AskedRequest, type ExplainArguments, readArguments } from './explain/arguments.ts';
import { describePerson, describeRequest } from './explain/described.ts';
import { explainScene } from './explain/explain-scene.ts';
import type { Explanation } from './explain/explanation.ts';
import { jsonOf, printableJson } from './explain/json.ts';
import { readUrl } from './explain/request-url.ts';
import { textOf } from './explain/text.ts';
import { explainTokenFile } from './explain/token-command.ts';
import { tokenText } from './explain/token-text.ts';
import { readUserFile } from './explain/user-file.ts';
import { systemClock } from './system.ts';

const USAGE = `Usage: stepgate explain METHOD URL [options]
       stepgate explain --token FILE --provider NAME

Says how the gateway decides a request and why: every rule and floor, every demand, what the provider would be asked,
what would be forwarded, and the nearest allow. Nothing is asked of anybody, and nothing is sent.

Who sends it; without --session nobody is signed in, and the rest says who would sign in:
  --session LEVEL=AGE,…   what was proven, and how long ago: mfa=10m,password=1h
  --signed-in AGE         how long ago they signed in
  --groups A,B  --claim NAME=VALUE  --email ADDRESS  --name NAME  --subject SUBJECT  --provider NAME
  --user FILE             the same from YAML or JSON, with the keys of a test's "user", "client" and "headers"

The request:
  --ip ADDRESS            of the client
  --header NAME=VALUE     may be repeated
  --body, --no-body       whether it has a body; POST, PUT and PATCH have one
  --at TIME               when: 2026-11-22T14:05:00Z; now where it is not said

  --config FILE           gateway.yaml (default: STEPGATE_CONFIG, else ./gateway.yaml)
  --without-secrets       does not look up environment variables and files of secrets
  --json                  prints JSON

With --token it says instead which level an ID token proves, and by which line. FILE is JSON with its claims, or the token
itself: decoded, and not verified. Of what is in it only what levels rest on is printed.

Exit codes: 0 explained, 1 problems found or a token that proves nothing, 2 used wrongly.
`;

/** @param clock - what `now` is where nobody says when */
export const createExplain =
  (clock: Clock): Command =>
  async (args, io) => {
    const read = readArguments(args);
    if (read === 'help') {
      io.out(USAGE);
      return EXIT.fine;
    }
    if ('misuse' in read) return misuse(read, io);
    const files = chooseFiles({ files: [], config: read.config }, io);
    if ('misuse' in files) return misuse(files, io);
    // A test that fails is a reason to explain something, and none not to.
    const result = loadChoice(files, { withoutSecrets: read.withoutSecrets, purpose: 'test' }, io);
    if (!result.ok) return broken(result.problems, read, io);
    const { asked, json } = read;
    const { world } = result;
    if ('tokenFile' in asked) {
      const token = explainTokenFile(asked, world, files.gateway, fileReader(io), clock.now());
      if ('misuse' in token) return misuse(token, io);
      const proves = token.proven.length > 0;
      io.out(json ? printableJson({ ok: proves, ...token }) : tokenText(token));
      return proves ? EXIT.fine : EXIT.problems;
    }
    const explained = explainRequest(asked, world, clock, io);
    if ('misuse' in explained) return misuse(explained, io);
    io.out(json ? jsonOf(explained) : textOf(explained));
    return EXIT.fine;
  };

const fileReader =
  (io: CommandIo) =>
  (path: string): Buffer =>
    io.readFile(isAbsolute(path) ? path : join(io.cwd, path));

/** `stepgate explain`: says how a request would be decided, by the gate's own code. */
export const explain: Command = createExplain(systemClock);

function misuse({ misuse: what }: Misuse, io: CommandIo): number {
  const lines = what.split('\n').map((line) => tidy(line, Infinity));
  io.err(`${lines.join('\n')}\nstepgate explain --help says how it is used.\n`);
  return EXIT.usage;
}

function broken(problems: readonly Problem[], { json, withoutSecrets }: ExplainArguments, io: CommandIo): number {
  if (json) io.out(printableJson({ ok: false, problems }));
  else {
    printProblems(problems, io);
    const isSecret = problems.some(({ id }) => id.startsWith('secret-'));
    if (isSecret && !withoutSecrets)
      io.out('Secrets are not needed to explain anything: --without-secrets leaves them.\n');
  }
  return EXIT.problems;
}

function explainRequest(
  asked: AskedRequest,
  world: UnservableWorld,
  clock: Clock,
  io: CommandIo,
): Explanation | Misuse {
  const url = readUrl(asked.url, world);
  if ('misuse' in url) return url;
  const user = asked.userFile === null ? {} : readUserFile(asked.userFile, fileReader(io));
  if ('misuse' in user) return user;
  const now = clock.now();
  const request = describeRequest(asked, url.target, user, now);
  if ('misuse' in request) return request;
  const located = locateRequest(world, url, { scenario: request, now });
  if ('answered' in located) return located.answered;
  const { app, host } = located;
  const whose = describePerson(asked, user, app, world);
  if ('misuse' in whose) return whose;
  const { person, visitor } = whose;
  return explainScene({
    world,
    app,
    scenario: { ...request, person },
    now,
    missing: 'absent',
    origin: host.origin,
    visitor,
    remarks: [...url.remarks, ...whose.remarks],
  });
}
