// One department: how each metric went and what happened to it, where, how people answered, and all of its figures.
import * as data from "../data.js";
import { h, select } from "../dom.js";
import { answers } from "../parts/answers.js";
import { breakdown } from "../parts/breakdown.js";
import { figures } from "../parts/figures.js";
import { happened, marksOf } from "../parts/happened.js";
import { judgement } from "../parts/judgement.js";
import { Multiples } from "../parts/multiples.js";
import { periodOf, RECENT_MS } from "../parts/period.js";
import { chosenDepartment, departmentPicker } from "../parts/picker.js";
import { responses } from "../parts/responses.js";
import { basis, departmentName, difference, metricName, targetOf, targetsOf } from "../shared.js";
import { instant, METRICS, RANGE_NAMES } from "../state.js";
import { number, percent, signed, t, whole } from "../texts.js";

export const needs = (at) => ({ drifting: data.drifting(at), budget: data.driftBudget(at) });

/** Which question an answer is to: one to another question is not shown. @param {State} wanted */
const asked = ({ department, view, at, range }) => [department || "company", view, at, range].join("|");

// What reads a period: the view is shown without it first.
export function later(at, wanted) {
  const department = wanted.department || "company";
  const period = periodOf(at, wanted.range);
  const of = asked(wanted);
  const trends = data.trends({ department, view: wanted.view, ...period.midnights, points: period.points });
  const breakdown = Promise.all([data.drifting(at).catch(() => []), trends]).then(([drifting, { rows }]) => {
    const metric = chosenMetric(wanted.metric, drifting, department, rows);
    const horizon = rows.find((row) => row.metric === metric)?.term;
    return data.trends({ department, view: wanted.view, metric, horizon, by: wanted.by, ...period.recent, points: 2 })
      .then((answer) => ({ ...answer, of: `${of}|${metric}|${wanted.by}` }));
  });
  return {
    trends: trends.then((answer) => ({ ...answer, of })),
    happened: data.annotations({ department, ...period.whole }).then((answer) => ({ ...answer, of })),
    breakdown,
    answers: data.distribution({ department, view: wanted.view, ...period.whole, points: period.stretches }).then((answer) => ({ ...answer, of })),
    responses: data.responses({ department, view: wanted.view, ...period.whole }).then((answer) => ({ ...answer, of })),
    surrogates: data.surrogates(at),
  };
}
export const NOT_YET = { surrogates: { pairs: [] }, trends: null, happened: null, breakdown: null, answers: null, responses: null };

/** The metric that is looked at more closely: the one asked for, one that drifts, one that moved beyond noise, or the first there is. */
function chosenMetric(wanted, drifting, department, rows) {
  const there = METRICS.filter((metric) => rows.some((row) => row.metric === metric));
  const beyond = there.find((metric) => changeOf(rows.filter((row) => row.metric === metric && row.horizon === row.term)).isBeyond);
  return wanted || drifting.find((one) => one.department === department)?.metric || beyond || there[0] || METRICS[0];
}

/** @param {World} world @returns {Shown} */
export function show(world) {
  const chosen = chosenDepartment(world);
  const rows = world.balances.filter((row) => row.department === chosen);
  const drifting = world.drifting.filter((one) => one.department === chosen);
  const of = asked(world.state);
  const current = (answer) => (answer?.of === of ? answer : null);
  const [trends, marks] = [current(world.trends), current(world.happened)];
  const period = periodOf(instant(world.state.at), world.state.range);
  const tiles = trends ? tilesOf(world, chosen, trends.rows, marks?.rows ?? [], period.midnights.from) : [];
  const metric = chosenMetric(world.state.metric, drifting, chosen, trends?.rows ?? rows);
  return {
    rows,
    nodes: h("div", { class: "department" },
      head(world, chosen, drifting, tiles),
      h("section", { id: "trends", class: "card", "aria-labelledby": "trends-title", "aria-busy": trends ? null : "true" }, h("h2", { id: "trends-title" }, t("how_it_went")),
        trends?.error ? h("p", { class: "alarm" }, t("failed", { error: trends.error })) : null,
        tiles.length ? [h(Multiples, { world, tiles, name: departmentName(world, chosen) }), h("p", { class: "quiet" }, t("series_note"))]
          : h("p", { class: "quiet" }, t(trends ? "no_trend_here" : "being_read"))),
      h("div", { class: "two" },
        breakdown(world, {
          metric, from: period.recent.from, target: targetOf(world, chosen, metric),
          metrics: METRICS.filter((name) => rows.some((row) => row.metric === name) || name === metric),
          answer: world.breakdown?.of === `${of}|${metric}|${world.state.by}` ? world.breakdown : null,
        }),
        happened(world, marks?.rows ?? [])),
      answers(current(world.answers)),
      responses(world, chosen, current(world.responses)),
      figures(world, chosen, rows)),
  };
}

/** @param {World} world @param {string} chosen @param {Drifting[]} drifting @param {Tile[]} tiles */
function head(world, chosen, drifting, tiles) {
  const card = world.scorecards.find((one) => one.department === chosen);
  return h("section", { class: "head", "aria-labelledby": "view-title" }, h("h2", { id: "view-title" }, departmentName(world, chosen)),
    judgement(world, drifting, tiles),
    card ? h("p", { id: "card" }, `${t("short")} ${number(card.short_index)}`, basis(card, "short"), ` · ${t("long")} ${number(card.long_index)}`, basis(card, "long"), ` · ${t("balance")} ${number(card.outcome_balance)} · ${t("weight")} ${percent(card.weight_balance)}. `,
      t("customers", { short: number(card.short_index_customer), long: number(card.long_index_customer) })) : null,
    foretold(world, chosen),
    h("form", {}, departmentPicker(world), select(t("range"), "range", RANGE_NAMES.map((name) => [name, t(`range_${name}`)]), world.state.range)));
}

/** A picture for each metric that has figures in the period; what drifts comes first. @param {World} world @param {string} chosen @param {Balance[]} rows @param {Happened[]} marks @param {string} from @returns {Tile[]} */
function tilesOf(world, chosen, rows, marks, from) {
  const tiles = METRICS.flatMap((metric) => {
    const live = world.balances.filter((row) => row.department === chosen && row.metric === metric);
    const all = rows.filter((row) => row.metric === metric);
    const own = withLast(all.filter((row) => row.horizon === row.term), live.find((row) => row.horizon === row.term));
    if (!own.length) return [];
    const drifting = world.drifting.find((one) => one.department === chosen && one.metric === metric);
    const other = withLast(all.filter((row) => row.horizon !== row.term), live.find((row) => row.horizon !== row.term));
    const to = own[own.length - 1].at;
    const within = marksOf(world, marks, metric).filter((mark) => mark.at >= from && mark.at <= to);
    return [{ metric, term: own[0].term, rows: own, other, drifting, from, to, targets: targetsOf(world, chosen, metric, from, to), marks: within, change: changeOf(own) }];
  });
  return tiles.sort((a, b) => Number(Boolean(b.drifting)) - Number(Boolean(a.drifting)));
}

/** Figures of midnights, with that of the instant as the last. */
const withLast = (rows, live) => (live ? [...rows.filter((row) => row.at < live.at), live] : rows);

/** How far the last figure is from that of 30 days before. @param {Balance[]} rows */
function changeOf(rows) {
  const [known, last] = [rows.filter((row) => row.value !== null), rows[rows.length - 1]];
  const then = last ? Date.parse(last.at) - RECENT_MS : 0;
  const first = known.findLast((row) => Date.parse(row.at) <= then) ?? known[0];
  return { ...difference(first === last ? undefined : first, last), first: first?.value ?? null, since: first?.at ?? "" };
}

/** What the short-term metrics of a department say about its long-term ones; what cannot be told stays silent. @param {World} world @param {string} chosen */
function foretold(world, chosen) {
  const change = (value, of) => `${signed(value)} ${of === "percent" ? "%" : t("points")}`;
  // The rate is read by what it counts, in percent of that number.
  const name = (metric) => (metric === "repeat_rate" ? t("repeat_purchases") : metricName(metric));
  return world.surrogates.pairs.filter((pair) => pair.department === chosen && !pair.reason).map((pair) => h("p", { class: "foretold" },
    t(`reads_${pair.reading}`, {
      short: metricName(pair.short), rise: change(pair.rise, pair.rise_unit), long: name(pair.long), effect: change(pair.effect, pair.effect_unit),
      low: number(pair.effect_low), high: number(pair.effect_high), later: t(pair.lag_weeks === 1 ? "one_week_later" : "weeks_later", { n: whole(pair.lag_weeks) }),
    })));
}
