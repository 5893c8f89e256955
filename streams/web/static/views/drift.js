// What has left its usual level, since when, whose it is, and what has to do with it.
import { driftChart } from "../charts/series.js";
import { most, waterfall } from "../charts/waterfall.js";
import * as data from "../data.js";
import { h, section, table } from "../dom.js";
import { sentence } from "../parts/happened.js";
import { Measured } from "../parts/measured.js";
import { Readout } from "../parts/readout.js";
import { calm, story } from "../parts/story.js";
import { absent, departmentLink, departmentName, interval, metricName, touchpointName, unit } from "../shared.js";
import { counted, dateIn, day, dayIn, moment, number, percent, t, whole } from "../texts.js";

const DIMENSIONS = ["touchpoint", "segment", "region"];
const MOST_GROUPS = 7;
const CAUSES = ["ownership", "registry", "note"];
const CAUSES_MS = 14 * 86_400_000;

export const needs = (at) => ({ drifting: data.drifting(at), changes: data.changes(), budget: data.driftBudget(at) });
// The ways of metrics are read one after the other: the stories are shown without them first.
export const later = (at) => ({ driftSeries: data.driftSeries(at) });
export const NOT_YET = { driftSeries: {} };

/** What the alert budget means. @param {Budget} budget */
const budgetLine = ({ detectors, expected_a_month, alarms, explained }) => detectors
  ? h("p", { class: "quiet", id: "budget" }, t("budget", {
    false_alarms: counted("false_alarms", expected_a_month), alarms: counted("alarms", alarms),
    explained: explained ? counted("explained", explained) : "",
  }))
  : null;

/** @param {World} world @returns {Shown} */
export function show(world) {
  const found = [...world.drifting].sort((a, b) => b.since.localeCompare(a.since));
  return {
    rows: world.drifting,
    nodes: [
      section("drifting", t("drifting"),
        found.length ? h("p", { class: "judgement" }, judgement(world, found)) : calm(world), budgetLine(world.budget), found.map((one) => alarm(world, one))),
      h("section", { id: "history" }, h("details", {}, h("summary", {}, t("history")), history(world))),
    ],
  };
}

const what = (world, one) => `${metricName(one.metric)} · ${departmentName(world, one.department)}`;

/** @param {World} world @param {Drifting[]} found */
const judgement = (world, found) => t("drift_said", {
  drifting: counted("drifts", found.length), what: what(world, found[0]),
  moved: t(`${found[0].state}_since`, { since: dateIn("since", found[0].since, dayIn(world.registry.timezone)) }),
});

/** @param {World} world @param {Drifting} one */
function alarm(world, one) {
  const key = `${one.department}|${one.metric}`;
  const series = world.driftSeries[key];
  return h("article", { key, class: "alarm-card", "data-drift": key, "aria-busy": series ? null : "true" }, h("p", {}, story(world, one)),
    series ? way(world, one, series) : h("p", { class: "quiet" }, t("being_read")),
    one.before === null || one.after === null ? null : h("div", { class: "waterfalls" }, DIMENSIONS.map((name) => adding(world, one, name))),
    h("details", {}, h("summary", {}, t("drift_details", { what: what(world, one) })), detector(one), contributions(world, one), series ? points(world, one, series.rows) : null));
}

/** What may have to do with it, from two weeks before on. @param {World} world @param {Drifting} one @param {DriftSeries} series */
function happened(world, one, series) {
  const earliest = Date.parse(one.since) - CAUSES_MS;
  return series.happened.filter((event) => CAUSES.includes(event.kind) && Date.parse(event.at) >= earliest).map((event) => ({ at: event.at, text: capital(sentence(world, event)) }));
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @param {World} world @param {Drifting} one @param {DriftSeries} series */
function way(world, one, series) {
  const rows = series.rows;
  const events = happened(world, one, series);
  const [of, write] = [unit(world, one.metric), dayIn(world.registry.timezone)];
  const usual = t("usual_is", { level: `${number(one.baseline_value)} ${of}`, low: number(one.baseline_low), high: number(one.baseline_high), n: whole(one.baseline_n), from: dateIn("from", one.baseline_from, write), to: dateIn("to", one.baseline_to, write) });
  const said = (row) => `${day(row.at)}: ${number(row.value)} ${of} (${interval(row)})`;
  const label = `${what(world, one)}: ${one.before === null || one.after === null ? t("nothing_to_judge") : `${number(one.before)} → ${number(one.after)} ${of}`}`;
  return [
    series.error ? h("p", { class: "alarm" }, t("failed", { error: series.error })) : null,
    rows.some((row) => row.value !== null) ? h(Readout, { usual: t("drift_note"), draw: (on) => h(Measured, { usual: 900, draw: (width) => driftChart({ one, rows, events, until: world.until, width, label, on, said, since: capital(dateIn("since", one.since, write)) }) }) }) : null,
    h("p", {}, usual),
    h("p", {}, t("happened_then"), " ", events.length ? null : t("nothing_known")),
    events.length ? h("ul", {}, events.map((event) => h("li", {}, event.text))) : null,
  ];
}

const groupName = (world, dimension, part) => (part.isRest ? part.group : dimension === "touchpoint" ? touchpointName(world, part.group) : part.group || "–");

/** @param {World} world @param {Drifting} one @param {string} dimension */
function adding(world, one, dimension) {
  const parts = one.contributions[dimension];
  // Where events say no segment or region, there is nothing to tell apart.
  if (!parts.some((part) => part.group) || one.before === null || one.after === null) return null;
  const { before, after } = one;
  const shown = most(parts, MOST_GROUPS, t("more", { n: parts.length - MOST_GROUPS + 1 }));
  const title = t(`adds_by_${dimension}`);
  return h("div", { "data-dimension": dimension }, h("h3", {}, title), h(Readout, { usual: "", draw: (on) => h(Measured, { usual: 300, draw: (width) => waterfall({
    before, after, parts: shown, words: { before: t("was"), after: t("is") }, named: (part) => groupName(world, dimension, part), width, label: `${title}: ${what(world, one)}`, on }) }) }));
}

/** What the detector saw. @param {Drifting} one */
function detector(one) {
  return h("dl", {}, [
    [t("noticed"), moment(one.at)], [t("statistic"), number(one.statistic)], [t("threshold"), number(one.threshold)],
    [t("events_a_day"), `${number(one.events_a_day_before)} → ${number(one.events_a_day_after)}`], [t("mix_moved"), percent(one.mix_moved)],
    [t("n_observed"), `${whole(one.n_before)} → ${whole(one.n_after)}`],
  ].map(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]));
}

/** @param {World} world @param {Drifting} one */
const contributions = (world, one) => h("div", { class: "contributions" }, table(t("contributions", { what: what(world, one) }), [
  { title: t("dimension"), read: (part) => t(part.dimension) },
  { title: t("group"), head: true, read: (part) => groupName(world, part.dimension, part) },
  { title: t("was"), number: true, read: (part) => number(part.before) },
  { title: t("is"), number: true, read: (part) => number(part.after) },
  { title: t("change"), number: true, read: (part) => number(part.change, 2) },
  { title: t("share"), number: true, read: (part) => percent(part.share) },
], DIMENSIONS.flatMap((dimension) => one.contributions[dimension].map((part) => ({ ...part, dimension })))));

/** @param {World} world @param {Drifting} one @param {Balance[]} rows */
const points = (world, one, rows) => h("div", { class: "points" }, table(what(world, one), [
  { title: t("when"), head: true, read: (row) => day(row.at) },
  { title: t("value"), number: true, read: (row) => (row.suppressed ? absent(row) : number(row.value)) },
  { title: t("interval"), number: true, read: interval },
  { title: "n_eff", number: true, read: (row) => number(row.n_eff) },
], rows));

/** @param {World} world */
const history = (world) => table(t("history"), [
  { title: `${t("when")} (UTC)`, read: (row) => moment(row.at) },
  { title: t("department"), read: (row) => departmentLink(world, row.department) },
  { title: t("metric"), read: (row) => metricName(row.metric) },
  { title: t("state"), read: (row) => t(row.state) },
  { title: `${t("since")} (UTC)`, read: (row) => moment(row.since) },
  { title: t("statistic"), number: true, read: (row) => number(row.statistic) },
  { title: t("threshold"), number: true, read: (row) => number(row.threshold) },
], world.changes.filter((row) => !world.state.at || row.at <= `${world.state.at}:00Z`).sort((a, b) => b.at.localeCompare(a.at)));
