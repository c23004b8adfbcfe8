export interface LineWriter {
  /** Takes one line, without its end. */
  write(line: string): void;
  /** Hands on what is kept: before the process ends. */
  flush(): void;
}

/** Characters kept at most before they are handed on at once. */
const MAX_KEPT = 65_536;

/**
 * Collects lines and hands them on together: one system call for all that is logged in one turn of the event loop.
 *
 * @param write - takes one or more whole lines
 * @param defer - runs a task at the end of this turn (`setImmediate`)
 */
export function createLineWriter(write: (lines: string) => void, defer: (task: () => void) => void): LineWriter {
  let kept = '';
  let isDeferred = false;

  function flush(): void {
    isDeferred = false;
    if (kept === '') return;
    const lines = kept;
    // Emptied first: a sink that throws gets the same lines once, not for ever.
    kept = '';
    write(lines);
  }

  return {
    write(line) {
      kept += `${line}\n`;
      if (kept.length >= MAX_KEPT) return flush();
      if (isDeferred) return;
      isDeferred = true;
      defer(flush);
    },
    flush,
  };
}
