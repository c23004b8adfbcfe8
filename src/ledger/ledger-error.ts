/** Why a ledger cannot be used. */
export type LedgerErrorCode =
  | 'ledger_missing'
  | 'ledger_unwritable'
  | 'ledger_damaged'
  | 'ledger_foreign'
  | 'ledger_newer'
  | 'ledger_busy'
  | 'ledger_lost'
  | 'ledger_closed';

const SENTENCES: Readonly<Record<LedgerErrorCode, string>> = {
  ledger_missing: 'there is no ledger in this place',
  ledger_unwritable: 'the ledger cannot be created or written there',
  ledger_damaged: 'the ledger is damaged, or is no SQLite file',
  ledger_foreign: 'the file is an SQLite database, but no ledger of Stepgate',
  ledger_newer: 'the ledger was made by a newer Stepgate',
  ledger_busy: 'another process keeps the ledger locked',
  ledger_lost: 'the file of the ledger was deleted or replaced under the running process',
  ledger_closed: 'the ledger is closed',
};

/** A failure of the ledger. Its message names the place and what is wrong with it, never what the ledger holds. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;

  /** @param place - the file, or a word for the ledger where there is none */
  constructor(code: LedgerErrorCode, place: string, options?: ErrorOptions) {
    super(`${place}: ${SENTENCES[code]}`, options);
    this.code = code;
  }
}
