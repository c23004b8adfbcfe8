import type { FastifyBaseLogger } from 'fastify';
import type { Log } from './log.ts';

/**
 * The logger that Fastify and its plugins get. Their messages and objects hold whole URLs, so of a warning or an error
 * only the level and what is safe of an error is passed on; below that nothing.
 */
export function frameworkLog(log: Log): FastifyBaseLogger {
  const quiet = (): void => {};
  const passOn =
    (level: 'warn' | 'error') =>
    (...said: readonly unknown[]): void =>
      log[level]('framework', { error: errorIn(said[0]) });
  const logger: FastifyBaseLogger = {
    level: 'warn',
    trace: quiet,
    debug: quiet,
    info: quiet,
    silent: quiet,
    warn: passOn('warn'),
    error: passOn('error'),
    fatal: passOn('error'),
    // A child for every request would cost more than it tells.
    child: () => logger,
  };
  return logger;
}

function errorIn(said: unknown): Error | undefined {
  if (said instanceof Error) return said;
  if (typeof said !== 'object' || said === null) return undefined;
  return Object.values(said).find((value) => value instanceof Error);
}
