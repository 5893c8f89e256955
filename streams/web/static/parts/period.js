// The period that a department is looked at over, as the address names it.
const [DAY_MS, MINUTE_MS] = [86_400_000, 60_000];
/** What has changed is said against 30 days before; the first screen compares indices, in whole weeks. */
export const RECENT_MS = 30 * DAY_MS;

/** How long each range is, at how many midnights its metrics are looked at, and in how many stretches answers are counted. */
export const RANGES = {
  month: { days: 30, points: 31, stretches: 30 },
  quarter: { days: 91, points: 92, stretches: 13 },
  year: { days: 364, points: 53, stretches: 52 },
};

const iso = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/**
 * Midnights do not change any more, so metrics are asked for at midnights, and so once a day. What counts up to the instant
 * is asked for up to the last five minutes.
 * @param {string | null} at @param {string} range
 */
export function periodOf(at, range) {
  const { days, points, stretches } = RANGES[range];
  const end = at ? Date.parse(at) : Math.floor(Date.now() / (5 * MINUTE_MS)) * 5 * MINUTE_MS;
  const midnight = Math.floor(end / DAY_MS) * DAY_MS;
  return {
    points, stretches,
    midnights: { from: iso(midnight - days * DAY_MS), to: iso(midnight) },
    recent: { from: iso(end - RECENT_MS), to: iso(end) },
    whole: { from: iso(end - days * DAY_MS), to: iso(end) },
  };
}
