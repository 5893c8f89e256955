// What the worker's series did in the last minutes: rates and 95th percentiles from the differences of two scrapes.

/** @typedef {{ at: number, series: Sample[] }} Scrape */
/** @typedef {{ at: number, value: number | null }} Point */

const WINDOW_MS = 60_000;

/** @param {Sample[]} series @param {string} name */
const sum = (series, name) => series.filter((one) => one.name === name).reduce((total, one) => total + one.value, 0);

/**
 * What a counter grew by a second, between each scrape and the one before it; a worker that began again has a gap.
 * @param {Scrape[]} scrapes @param {string} name @returns {Point[]}
 */
export const rates = (scrapes, name) => scrapes.slice(1).map((scrape, i) => {
  const [before, seconds] = [scrapes[i], (scrape.at - scrapes[i].at) / 1000];
  const grown = sum(scrape.series, name) - sum(before.series, name);
  return { at: scrape.at, value: grown < 0 || seconds <= 0 ? null : grown / seconds };
});

/** What lies below each bound of a histogram, its greatest bound last. @param {Sample[]} series @param {string} name @returns {[number, number][]} */
function buckets(series, name) {
  /** @type {Map<number, number>} */
  const found = new Map();
  for (const one of series.filter((each) => each.name === `${name}_bucket`)) {
    const bound = one.labels.le === "+Inf" ? Infinity : Number(one.labels.le);
    found.set(bound, (found.get(bound) ?? 0) + one.value);
  }
  return [...found].sort(([a], [b]) => a - b);
}

/**
 * A quantile of what came between two scrapes, in line within its bucket as Prometheus does; null where nothing came.
 * @param {Sample[]} before @param {Sample[]} after @param {string} name @param {number} share
 */
export function quantile(before, after, name, share) {
  const earlier = new Map(buckets(before, name));
  const grown = buckets(after, name).map(([bound, n]) => /** @type {[number, number]} */ ([bound, n - (earlier.get(bound) ?? 0)]));
  const total = grown.at(-1)?.[1] ?? 0;
  if (total <= 0 || grown.some(([, n]) => n < 0)) return null;
  const wanted = share * total;
  const place = grown.findIndex(([, n]) => n >= wanted);
  const [[bound, n], [low, below]] = [grown[place], grown[place - 1] ?? [0, 0]];
  if (bound === Infinity) return low;
  return n === below ? bound : low + (bound - low) * (wanted - below) / (n - below);
}

/** The 95th percentile of the minute before each scrape. @param {Scrape[]} scrapes @param {string} name @returns {Point[]} */
export const percentiles = (scrapes, name) => scrapes.slice(1).map((scrape, i) => {
  const before = scrapes.slice(0, i + 1).find((one) => scrape.at - one.at <= WINDOW_MS) ?? scrapes[i];
  return { at: scrape.at, value: quantile(before.series, scrape.series, name, 0.95) };
});
