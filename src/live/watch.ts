import { type FSWatcher, readlinkSync, realpathSync, statSync, watch } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Watches the folders of some files. It may miss a change, and it may tell of none: whoever is told looks for himself. */
export interface Watching {
  /** From now on these files. To be called again after changes: a folder that was replaced is another folder. */
  follow(files: Iterable<string>): void;
  close(): void;
}

/** Links from one file to the next that are followed, at most. */
const MOST_LINKS = 8;

/**
 * Watches folders rather than files: an editor writes a new file and renames it, a mounted ConfigMap swaps a link beside
 * the files (`..data`), and either leaves a watch of the old file behind.
 *
 * @param changed - called for whatever happens there, often several times for one change
 * @param failed - called with the code of an error when a folder cannot be watched
 */
export function watchFolders(changed: () => void, failed: (code: string) => void): Watching {
  const watchers = new Map<string, FSWatcher>();

  function start(folder: string): FSWatcher | null {
    try {
      const watcher = watch(folder, { persistent: false }, changed);
      watcher.on('error', (error: NodeJS.ErrnoException) => {
        failed(error.code ?? error.name);
        watcher.close();
      });
      return watcher;
    } catch (error) {
      failed(error instanceof Error && 'code' in error ? String(error.code) : 'unknown');
      return null;
    }
  }

  return {
    follow(files) {
      const wanted = foldersOf(files);
      for (const [identity, watcher] of watchers) {
        if (wanted.has(identity)) continue;
        watcher.close();
        watchers.delete(identity);
      }
      for (const [identity, folder] of wanted) {
        if (watchers.has(identity)) continue;
        const watcher = start(folder);
        if (watcher !== null) watchers.set(identity, watcher);
      }
    },
    close() {
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

/** The folders that a change of the files shows in, by what tells one from another of the same name. */
function foldersOf(files: Iterable<string>): ReadonlyMap<string, string> {
  const folders = new Map<string, string>();
  for (const file of files) {
    for (const folder of [...linksOf(file), realOf(file)].map((path) => dirname(path))) {
      try {
        const { dev, ino } = statSync(folder);
        folders.set(`${folder} ${dev}:${ino}`, folder);
      } catch {
        // A folder that is not there is looked for again at the next call.
      }
    }
  }
  return folders;
}

/** The file and every link on the way from it. */
function linksOf(file: string): readonly string[] {
  const links = [file];
  try {
    for (let at = file; links.length <= MOST_LINKS; links.push(at)) at = resolve(dirname(at), readlinkSync(at));
  } catch {
    // No link: the way ends here.
  }
  return links;
}

function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
