// What several views show alike.
import { h } from "./dom.js";
import { link } from "./state.js";
import { known, number, t, whole } from "./texts.js";

/** What makes the index of a list, once for each list: names of a thousand departments are looked up for each of many rows. @template T @param {(list: T[]) => Map<string, any>} make @returns {(list: T[]) => Map<string, any>} */
export function indexed(make) {
  const kept = new WeakMap();
  return (list) => {
    const found = kept.get(list) ?? make(list);
    kept.set(list, found);
    return found;
  };
}
const byId = indexed((/** @type {{ id: string }[]} */ list) => new Map(list.map((one) => [one.id, one])));

/** The name of a department, as the registry has it. @param {World} world @param {string} id */
export function departmentName(world, id) {
  if (id === "company" || id === "unowned") return t(id);
  return byId(world.registry.departments).get(id)?.name ?? id;
}

/** What the store calls names that the registry does not know and that count together. */
const OTHER = "(other)";

/** The name of a touchpoint in the language of the page. @param {World} world @param {string} id */
export function touchpointName(world, id) {
  if (id.endsWith(OTHER)) {
    const prefix = id.slice(0, -OTHER.length - 1);
    return t("other_touchpoints") + (prefix ? ` (${prefix})` : "");
  }
  const names = byId(world.registry.touchpoints).get(id)?.name ?? {};
  return names[world.state.lang] ?? names.en ?? Object.values(names)[0] ?? id;
}

export const metricName = (metric) => (known(metric) ? t(metric) : metric);
/** @param {World} world @param {string} id */
export const departmentLink = (world, id) => h("a", { href: link(world.state, { page: "department", department: id }) }, departmentName(world, id));

/** The target that holds for a department at the instant: one that names it wins over the general one. @param {World} world @param {string} department @param {string} metric */
export function targetOf(world, department, metric) {
  const found = world.registry.targets.filter((one) => one.metric === metric);
  return found.find((one) => one.department === department) ?? found.find((one) => one.department === null);
}

const [begin, end] = [(one) => one.from ?? "", (one) => one.to ?? "~"];

/** What a metric should reach, from and until when: outside of its own targets the general ones hold. @param {World} world @param {string} department @param {string} metric @param {string} from @param {string} to @returns {Target[]} */
export function targetsOf(world, department, metric, from, to) {
  const found = [...world.registry.targets, ...world.registry.other_targets].filter((one) => one.metric === metric);
  const own = found.filter((one) => one.department === department);
  let general = found.filter((one) => one.department === null);
  for (const one of own) {
    general = general.flatMap((other) => [
      { ...other, to: end(other) < begin(one) ? other.to : begin(one) },
      { ...other, from: begin(other) > end(one) ? other.from : end(one) },
    ]).filter((other) => begin(other) < end(other));
  }
  return [...general, ...own].filter((one) => begin(one) < to && end(one) > from);
}

/**
 * How far a figure is from an earlier one, with the 95 % interval of that difference, made here of both intervals, for no
 * route gives it (MOVER: Zou and Donner 2008, as in metrics/figures/index_intervals.py). They are taken as independent.
 * Two instants of a stream share answers, so the interval is wider than it need be: what it excludes is no noise, and
 * smaller changes stay unseen, the more the longer the half-life is. Each difference is judged by itself.
 * @param {Figure | undefined} then @param {Figure | undefined} now @returns {Difference}
 */
export function difference(then, now) {
  const none = { change: null, ci_low: null, ci_high: null, isBeyond: null };
  if (!then || !now || then.value === null || now.value === null) return none;
  const change = now.value - then.value;
  if (then.ci_low === null || then.ci_high === null || now.ci_low === null || now.ci_high === null) return { ...none, change };
  const ci_low = change - Math.hypot(now.value - now.ci_low, then.ci_high - then.value);
  const ci_high = change + Math.hypot(now.ci_high - now.value, then.value - then.ci_low);
  return { change, ci_low, ci_high, isBeyond: ci_low > 0 || ci_high < 0 };
}

/** How far a value is from its floor (0) to its target (100), 0 to 150; null without one of them. */
export const attainment = (value, floor, target) =>
  value === null || target === null || target === undefined ? null : 100 * Math.min(1.5, Math.max(0, (value - floor) / (target - floor)));

/** @param {World} world @param {string} metric */
export const unit = (world, metric) => {
  const found = world.catalogue.find((one) => one.name === metric)?.unit ?? "";
  return known(found) ? t(found) : found;
};

/** That an index rests on a single metric of several. @param {Scorecard} card @param {Horizon} term */
export const basis = (card, term) => card[`${term}_metrics`] === 1 && card[`${term}_targets`] > 1
  ? h("small", {}, ` ${t("one_metric", { n: card[`${term}_targets`] })}`) : null;

/** @param {Interval} row */
export const interval = (row) => (row.ci_low === null ? "–" : `${number(row.ci_low)} … ${number(row.ci_high)}`);
export const key = (row) => `${row.department}|${row.metric}|${row.horizon}`;

/** Whether so many effective observations are so few that anything is marked uncertain; 30 up to a rounding error are not: metrics/figures/sample_sizes.py. */
export const areFew = (nEff) => nEff < 30 * (1 - 1e-9);
/** @param {{ n_eff: number, ci_low: number | null }} row */
export const isUncertain = (row) => areFew(row.n_eff) || row.ci_low === null;

/** Why there is no figure. @param {Figure} row */
export const absent = (row) => t("too_few", { why: t(`why_${row.suppressed}`) });

/** A figure that explains itself when it is pressed. @param {Balance | undefined} row */
export function figure(row) {
  if (!row) return "–";
  const shown = row.suppressed ? absent(row) : number(row.value);
  const label = t("explain", { metric: metricName(row.metric), horizon: t(`horizon_${row.horizon}`), value: shown });
  return [h("button", { type: "button", class: "figure", "data-explain": key(row), "aria-label": label, "data-value": row.value }, shown),
    !row.suppressed && isUncertain(row) ? h("small", {}, ` ${t("uncertain")}`) : null];
}

/** Commands stand out where a text ends with one. */
export function advice(text) {
  const at = text.indexOf(": cxb ");
  return at < 0 ? h("p", { class: "quiet" }, text) : h("p", { class: "quiet" }, text.slice(0, at + 2), h("code", {}, text.slice(at + 2)));
}

/** What is said below the first of many. @param {number} n How many there are. @param {number} most How many are shown. */
export const restOf = (n, most) => (n > most ? h("p", { class: "quiet" }, t("more_in_export", { n: whole(n - most) })) : null);
