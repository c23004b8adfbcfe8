/** How often a rule of `mode: report` had a say, and how often it would have changed what became of the request. */
export interface ReportCount {
  readonly seen: number;
  readonly changed: number;
}

/** Counts what rules and floors of `mode: report` would do, for as long as one configuration is in force. */
export interface ReportCounts {
  /** @returns the count of the rule, this request included */
  count(rule: string, changed: boolean): ReportCount;
  totals(): ReadonlyMap<string, ReportCount>;
}

export function createReportCounts(): ReportCounts {
  const counts = new Map<string, ReportCount>();
  return {
    count(rule, changed) {
      const before = counts.get(rule) ?? { seen: 0, changed: 0 };
      const after = { seen: before.seen + 1, changed: before.changed + (changed ? 1 : 0) };
      counts.set(rule, after);
      return after;
    },
    totals: () => counts,
  };
}
