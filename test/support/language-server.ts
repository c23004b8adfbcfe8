import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** From 0, as editors count. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: Position; readonly end: Position };
}

/** An editor with one file open, as far as a language server can tell (LSP 3.17). */
export interface Editor {
  /** Opens a file with a text of its own, whatever the disk has, and gives what is marked in it. */
  marks(file: string, text: string): Promise<readonly Diagnostic[]>;
  /** What is offered there. */
  offers(file: string, text: string, at: Position): Promise<readonly string[]>;
  /** What is shown over a word; empty for nothing. */
  shows(file: string, text: string, at: Position): Promise<string>;
  close(): Promise<void>;
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

const ROOT = join(import.meta.dirname, '../..');
const SERVER = join(ROOT, 'node_modules/yaml-language-server/bin/yaml-language-server');

/** As an editor is set up that knows nothing of us: the first line of a file says which schema it has. */
const SETTINGS = {
  yaml: { validate: true, completion: true, hover: true, schemaStore: { enable: false }, schemas: {} },
  http: {},
  editor: { tabSize: 2 },
};

/** Starts the server of YAML that editors start, and talks to it as they do. */
export async function openEditor(): Promise<Editor> {
  const child = spawn(process.execPath, [SERVER, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = new Map<number | string, (message: Message) => void>();
  const published = new Map<string, (marks: readonly Diagnostic[]) => void>();
  let count = 0;

  const send = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  const notify = (method: string, params: unknown): void => send({ method, params });
  const ask = (method: string, params: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++count;
      answers.set(id, ({ result, error }) =>
        error === undefined ? resolve(result) : reject(new Error(error.message)),
      );
      send({ id, method, params });
    });
  const take = (message: Message): void => {
    const { id, method, params } = message;
    if (method === undefined) {
      if (id !== undefined) answers.get(id)?.(message);
    } else if (id !== undefined) send({ id, result: answerOf(method, params) });
    else if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: readonly Diagnostic[] };
      published.get(uri)?.(diagnostics);
    }
  };
  child.stdout.on('data', reader(take));

  await ask('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(ROOT).href,
    capabilities: {
      workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
      textDocument: { completion: { completionItem: {} }, hover: { contentFormat: ['plaintext'] } },
    },
  });
  notify('initialized', {});

  /** Every text is a file of its own, beside the one it is named after: no answer is about another text. */
  const open = (file: string, text: string): { uri: string; marked: Promise<readonly Diagnostic[]> } => {
    const uri = pathToFileURL(join(ROOT, `${file}.${++count}.yaml`)).href;
    const marked = new Promise<readonly Diagnostic[]>((resolve) => published.set(uri, resolve));
    notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    return { uri, marked };
  };
  const at = async (method: string, file: string, text: string, position: Position): Promise<unknown> => {
    const { uri } = open(file, text);
    return await ask(method, { textDocument: { uri }, position });
  };

  return {
    marks: (file, text) => open(file, text).marked,
    offers: async (file, text, position) => {
      const answer = (await at('textDocument/completion', file, text, position)) as { items: { label: string }[] };
      return answer.items.map(({ label }) => label);
    },
    shows: async (file, text, position) => {
      const answer = (await at('textDocument/hover', file, text, position)) as { contents: { value: string } } | null;
      return answer?.contents.value ?? '';
    },
    close: async () => {
      await ask('shutdown', null);
      const ended = once(child, 'exit');
      notify('exit', null);
      await ended;
    },
  };
}

function answerOf(method: string, params: unknown): unknown {
  if (method !== 'workspace/configuration') return null;
  const { items } = params as { items: readonly { section: keyof typeof SETTINGS }[] };
  return items.map(({ section }) => SETTINGS[section] ?? null);
}

/** Cuts a stream into messages: headers, an empty line, and as many bytes as they say (LSP, Base Protocol). */
function reader(take: (message: Message) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const end = pending.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/i.exec(pending.subarray(0, end).toString('latin1'))?.[1]);
      const next = end + 4 + length;
      if (end < 0 || !(pending.length >= next)) return;
      const body = pending.subarray(end + 4, next).toString('utf8');
      pending = pending.subarray(next);
      take(JSON.parse(body) as Message);
    }
  };
}
