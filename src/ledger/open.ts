import type { LedgerLocation } from '../config/world.ts';
import type { Ledger } from '../ports.ts';
import { createMemoryLedger } from './memory.ts';
import { openSqliteLedger, type SqliteLedgerOptions } from './sqlite.ts';

/**
 * Opens the ledger that gateway.yaml names.
 *
 * @throws LedgerError if it cannot be opened, written or understood
 */
export function openLedger(location: LedgerLocation, options: Omit<SqliteLedgerOptions, 'file'>): Ledger {
  return location.kind === 'memory'
    ? createMemoryLedger(options)
    : openSqliteLedger({ ...options, file: location.file });
}
