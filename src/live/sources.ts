import { createHash } from 'node:crypto';

/** Reads a file. @throws when it cannot be read */
export type ReadFile = (path: string) => Buffer;

/**
 * What a configuration was read from: each file, by the name it was read under, to a digest of its content, null where it
 * could not be read. Some of the files are secrets: this stays in memory.
 */
export type Sources = ReadonlyMap<string, string | null>;

/** Reads like `readFile`, and remembers what came of the first time that each file was read. */
export function recordingReads(readFile: ReadFile): { readonly readFile: ReadFile; readonly sources: Sources } {
  const sources = new Map<string, string | null>();
  const note = (path: string, digest: string | null): void => {
    if (!sources.has(path)) sources.set(path, digest);
  };
  return {
    sources,
    readFile(path) {
      try {
        const content = readFile(path);
        note(path, digestOf(content));
        return content;
      } catch (error) {
        note(path, null);
        throw error;
      }
    },
  };
}

/** What the same files hold now. */
export function sourcesNow(sources: Sources, readFile: ReadFile): Sources {
  const reading = recordingReads(readFile);
  for (const path of sources.keys()) {
    try {
      reading.readFile(path);
    } catch {
      // That it cannot be read is what is remembered of it.
    }
  }
  return reading.sources;
}

/** Whether two readings are of the same files with the same content. */
export const sameSources = (a: Sources, b: Sources): boolean =>
  a.size === b.size && [...a].every(([path, digest]) => b.has(path) && b.get(path) === digest);

const digestOf = (content: Buffer): string => createHash('sha256').update(content).digest('base64');
