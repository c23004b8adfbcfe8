/** What oidc-provider stores: plain data of one model. */
export interface Stored {
  readonly grantId?: string;
  readonly uid?: string;
  consumed?: number;
}

/** Where oidc-provider keeps its sessions, codes and grants (its `Adapter` contract). */
export interface StorageAdapter {
  upsert(id: string, payload: Stored, expiresIn?: number): Promise<void>;
  find(id: string): Promise<Stored | undefined>;
  findByUid(uid: string): Promise<Stored | undefined>;
  findByUserCode(userCode: string): Promise<Stored | undefined>;
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
}

interface Entry {
  readonly payload: Stored;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** More than a demo needs; beyond it the oldest entries go. */
const MAX_ENTRIES = 5000;

/**
 * Storage in memory, one per model, gone when the demo stops. oidc-provider brings one of its own, but warns about it on
 * the console and keeps it for the whole process, so that two providers would share it.
 *
 * @param now - milliseconds since 1970
 */
export function memoryAdapter(now: () => number): (model: string) => StorageAdapter {
  return () => {
    const entries = new Map<string, Entry>();
    const find = (id: string): Stored | undefined => {
      const entry = entries.get(id);
      return entry !== undefined && entry.expires > now() ? entry.payload : undefined;
    };
    return {
      async upsert(id, payload, expiresIn) {
        entries.delete(id);
        entries.set(id, { payload, expires: expiresIn === undefined ? Infinity : now() + expiresIn * 1000 });
        if (entries.size > MAX_ENTRIES) dropOldest(entries, now());
      },
      find: async (id) => find(id),
      async findByUid(uid) {
        for (const [id, { payload }] of entries) if (payload.uid === uid) return find(id);
        return undefined;
      },
      findByUserCode: async () => undefined,
      async consume(id) {
        const payload = find(id);
        if (payload !== undefined) payload.consumed = Math.floor(now() / 1000);
      },
      async destroy(id) {
        entries.delete(id);
      },
      async revokeByGrantId(grantId) {
        for (const [id, { payload }] of entries) if (payload.grantId === grantId) entries.delete(id);
      },
    };
  };
}

function dropOldest(entries: Map<string, Entry>, now: number): void {
  for (const [id, entry] of entries) if (entry.expires <= now) entries.delete(id);
  for (const id of entries.keys()) {
    if (entries.size <= MAX_ENTRIES) return;
    entries.delete(id);
  }
}
