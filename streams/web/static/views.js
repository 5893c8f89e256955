// Every view but the first screen: each gives what to show (nodes) and what to export (rows).
import { h, select, table } from "./dom.js";
import { calm, story } from "./overview.js";
import { advice, attainment, basis, departmentLink, departmentName, figure, interval, key, metricName, targetOf, touchpointName, unit } from "./shared.js";
import { trend } from "./trend.js";
import { counted, moment, number, percent, t, whole } from "./texts.js";

const DIMENSIONS = ["touchpoint", "segment", "region"];

/** The department asked for, or the whole company. @param {World} world */
export const chosenDepartment = (world) => world.state.department || "company";

/** @param {World} world */
function departmentPicker(world) {
  const ids = [...new Set(["company", ...world.registry.departments.map((one) => one.id), "unowned", chosenDepartment(world)])];
  return select(t("department"), "department", ids.map((id) => [id, departmentName(world, id)]), chosenDepartment(world));
}

/** @param {World} world @returns {Shown} */
export function department(world) {
  const chosen = chosenDepartment(world);
  const rows = world.balances.filter((row) => row.department === chosen);
  const card = world.scorecards.find((one) => one.department === chosen);
  const found = Object.fromEntries(rows.map((row) => [`${row.metric}|${row.horizon}`, row]));
  const metrics = [...new Set(rows.map((row) => row.metric))].map((metric) => {
    const term = rows.find((row) => row.metric === metric)?.term;
    const [own, target] = [found[`${metric}|${term}`], targetOf(world, chosen, metric)];
    return { metric, term, own, target, short: found[`${metric}|short`], long: found[`${metric}|long`] };
  });
  const sizes = (row) => (row ? `${whole(row.n)} / ${number(row.n_eff)}` : "–");
  const horizon = (name) => [
    { title: t(`horizon_${name}`), number: true, read: (one) => figure(one[name]) },
    { title: t("interval"), number: true, read: (one) => (one[name] ? interval(one[name]) : "–") },
    { title: "n / n_eff", number: true, read: (one) => sizes(one[name]) },
  ];
  return {
    rows,
    nodes: h("section", { "aria-labelledby": "view-title" }, h("h2", { id: "view-title" }, departmentName(world, chosen)),
      h("form", {}, departmentPicker(world)),
      card ? h("p", { id: "card" }, `${t("short")} ${number(card.short_index)}`, basis(card, "short"), ` · ${t("long")} ${number(card.long_index)}`, basis(card, "long"), ` · ${t("balance")} ${number(card.outcome_balance)} · ${t("weight")} ${percent(card.weight_balance)}. `,
        t("customers", { short: number(card.short_index_customer), long: number(card.long_index_customer) })) : null,
      foretold(world, chosen),
      rows.length ? table(departmentName(world, chosen), [
        { title: t("metric"), head: true, read: (one) => `${metricName(one.metric)} (${unit(world, one.metric)})` },
        { title: t("term"), read: (one) => t(one.term) },
        ...horizon("short"), ...horizon("long"),
        { title: t("target"), number: true, read: (one) => number(one.target?.internal) },
        { title: t("attainment"), number: true, read: (one) => (one.target && one.own ? number(attainment(one.own.value, one.target.floor, one.target.internal)) : "–") },
      ], metrics) : advice(t("no_facts")),
      h("p", { class: "quiet" }, t("attainment_note")), rows.length ? trend(world, departmentName(world, chosen)) : null),
  };
}

/** What the short-term metrics of a department say about its long-term ones; what cannot be told stays silent. @param {World} world @param {string} chosen */
function foretold(world, chosen) {
  const change = (value, of) => `${value > 0 ? "+" : ""}${number(value)} ${of === "percent" ? "%" : t("points")}`;
  // The rate is read by what it counts, in percent of that number.
  const name = (metric) => (metric === "repeat_rate" ? t("repeat_purchases") : metricName(metric));
  return world.surrogates.pairs.filter((pair) => pair.department === chosen && !pair.reason).map((pair) => h("p", { class: "foretold" },
    t(`reads_${pair.reading}`, {
      short: metricName(pair.short), rise: change(pair.rise, pair.rise_unit), long: name(pair.long), effect: change(pair.effect, pair.effect_unit),
      low: number(pair.effect_low), high: number(pair.effect_high), later: t(pair.lag_weeks === 1 ? "one_week_later" : "weeks_later", { n: whole(pair.lag_weeks) }),
    })));
}

/** @param {World} world @returns {Shown} */
export function touchpoints(world) {
  const named = (ids) => ids.map((id) => departmentName(world, id)).join(", ");
  const word = (text) => (text ? t(text) : t("undeclared"));
  return {
    rows: world.touchpoints,
    nodes: h("section", {}, world.touchpoints.length ? table(t("touchpoints"), [
      { title: t("touchpoint"), head: true, read: (one) => [touchpointName(world, one.touchpoint), h("br"), h("small", {}, one.touchpoint)] },
      { title: t("stage"), read: (one) => word(one.stage) },
      { title: t("channel"), read: (one) => word(one.channel) },
      { title: t("owners"), read: (one) => h("span", { class: one.owners.includes("unowned") ? "alarm" : null }, named(one.owners)) },
      { title: t("shares"), read: (one) => one.shares },
      { title: t("sponsor"), read: (one) => one.sponsor },
      { title: t("events"), number: true, read: (one) => whole(one.events) },
      { title: t("by_owner"), read: (one) => Object.entries(one.by_owner).map(([id, n]) => `${departmentName(world, id)} ${whole(n)}`).join(", ") },
    ], world.touchpoints) : advice(t("no_facts"))),
  };
}

/** What the alert budget means. @param {Budget} budget */
const budgetLine = ({ detectors, expected_a_month, alarms, explained }) => detectors
  ? h("p", { class: "quiet", id: "budget" }, t("budget", {
    false_alarms: counted("false_alarms", expected_a_month), alarms: counted("alarms", alarms),
    explained: explained ? counted("explained", explained) : "",
  }))
  : null;

/** @param {World} world @returns {Shown} */
export function drift(world) {
  const what = (one) => `${metricName(one.metric)} · ${departmentName(world, one.department)}`;
  const name = (dimension, group) => (dimension === "touchpoint" ? touchpointName(world, group) : group || "–");
  return {
    rows: world.drifting,
    nodes: [
      h("section", { id: "drifting" }, h("h2", {}, t("drifting")), world.drifting.length ? world.drifting.map((one) => h("article", {},
        h("p", {}, story(world, one)),
        h("details", {}, h("summary", {}, t("contributions", { what: what(one) })), table(t("contributions", { what: what(one) }), [
          { title: t("dimension"), read: (part) => (part.dimension === "touchpoint" ? t("touchpoint") : part.dimension) },
          { title: t("group"), head: true, read: (part) => name(part.dimension, part.group) },
          { title: t("was"), number: true, read: (part) => number(part.before) },
          { title: t("is"), number: true, read: (part) => number(part.after) },
          { title: t("change"), number: true, read: (part) => number(part.change, 2) },
          { title: t("share"), number: true, read: (part) => percent(part.share) },
        ], DIMENSIONS.flatMap((dimension) => one.contributions[dimension].map((part) => ({ ...part, dimension }))))))) : calm(world),
      budgetLine(world.budget)),
      h("section", {}, table(t("history"), [
        { title: `${t("when")} (UTC)`, read: (row) => moment(row.at) },
        { title: t("department"), read: (row) => departmentLink(world, row.department) },
        { title: t("metric"), read: (row) => metricName(row.metric) },
        { title: t("state"), read: (row) => t(row.state) },
        { title: `${t("since")} (UTC)`, read: (row) => moment(row.since) },
        { title: t("statistic"), number: true, read: (row) => number(row.statistic) },
        { title: t("threshold"), number: true, read: (row) => number(row.threshold) },
      ], world.changes.filter((row) => !world.state.at || row.at <= `${world.state.at}:00Z`).sort((a, b) => b.at.localeCompare(a.at)))),
    ],
  };
}

/** Whether two intervals overlap; null where one of them is not known. @param {Interval} one @param {Interval} other */
function overlapping(one, other) {
  if (one.ci_low === null || one.ci_high === null || other.ci_low === null || other.ci_high === null) return null;
  return one.ci_low <= other.ci_high && other.ci_low <= one.ci_high;
}

/** @param {World} world @returns {Shown} */
export function compare(world) {
  const chosen = chosenDepartment(world);
  const earlier = Object.fromEntries(world.earlier.map((row) => [key(row), row]));
  const rows = world.balances.filter((row) => row.department === chosen && row.horizon === row.term).map((row) => {
    const then = earlier[key(row)];
    const overlap = then ? overlapping(then, row) : null;
    return {
      department: chosen, metric: row.metric, horizon: row.horizon,
      before_at: then?.at ?? null, before: then?.value ?? null, before_low: then?.ci_low ?? null, before_high: then?.ci_high ?? null,
      after_at: row.at, after: row.value, after_low: row.ci_low, after_high: row.ci_high,
      difference: then && then.value !== null && row.value !== null ? row.value - then.value : null,
      overlap,
    };
  });
  const span = (low, high) => interval({ ci_low: low, ci_high: high });
  return {
    rows,
    nodes: h("section", { "aria-labelledby": "view-title" }, h("h2", { id: "view-title" }, `${t("compare")}: ${departmentName(world, chosen)}`),
      h("form", {}, departmentPicker(world), h("label", {}, t("other"), " ", h("input", { type: "datetime-local", name: "other", value: world.other }))),
      rows.length ? table(t("compare"), [
        { title: t("metric"), head: true, read: (row) => `${metricName(row.metric)} (${unit(world, row.metric)})` },
        { title: t("term"), read: (row) => t(row.horizon) },
        { title: t("was"), number: true, read: (row) => number(row.before) },
        { title: t("interval"), number: true, read: (row) => span(row.before_low, row.before_high) },
        { title: t("is"), number: true, read: (row) => number(row.after) },
        { title: t("interval"), number: true, read: (row) => span(row.after_low, row.after_high) },
        { title: t("difference"), number: true, read: (row) => (row.difference > 0 ? "+" : "") + number(row.difference) },
        { title: t("overlap"), read: (row) => (row.overlap === null ? "–" : row.overlap ? t("yes") : h("strong", {}, t("no"))) },
      ], rows) : advice(t("no_facts")),
      h("p", { class: "quiet" }, t("overlap_note"))),
  };
}

const REASONS = ["too_large", "not_json", "not_an_object", "missing_field", "bad_type", "bad_value", "unknown_kind", "score_out_of_range", "too_old", "in_future"];

/** @param {World} world @returns {Shown} */
export function refused(world) {
  return {
    rows: world.refused,
    nodes: h("section", { "aria-labelledby": "view-title" }, h("h2", { id: "view-title" }, t("refused")),
      h("form", {}, select(t("reason"), "reason", [["", t("all")], ...REASONS.map((one) => [one, one])], world.state.reason)),
      world.refused.length ? [advice(t("refused_remedy")), table(t("refused"), [
        { title: t("when"), read: (row) => moment(row.rejected_at) },
        { title: t("reason"), read: (row) => row.reason },
        { title: t("detail"), read: (row) => row.detail },
        { title: t("source"), read: (row) => `${row.topic}[${row.partition}]@${row.offset}` },
        { title: t("payload"), read: (row) => h("code", {}, row.payload.slice(0, 300)) },
      ], world.refused)] : advice(t("none_refused"))),
  };
}

const SUMS = ["cx_events_total", "cx_rejected_total", "cx_unowned_events_total", "cx_consumer_lag_events", "cx_records_lost_total"];
const MEANS = ["cx_event_landing_seconds", "cx_insert_seconds"];

/** @param {World} world @returns {Shown} */
export function pipeline(world) {
  const sum = (name, labels = {}) => world.series
    .filter((one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value))
    .reduce((total, one) => total + one.value, 0);
  const rows = [
    ...SUMS.map((name) => ({ series: name, value: sum(name), digits: 0 })),
    ...MEANS.map((name) => ({ series: name, value: sum(`${name}_count`) ? sum(`${name}_sum`) / sum(`${name}_count`) : null, digits: 2 })),
    ...["cx_ingest_stalled", "cx_broker_answers"].map((name) => ({ series: name, value: sum(name), digits: 0 })),
    { series: "process_resident_memory_bytes", value: sum("process_resident_memory_bytes") / 1e6, digits: 0 },
  ];
  return {
    rows: rows.map(({ series, value }) => ({ series, value })),
    nodes: h("section", { "aria-labelledby": "view-title" }, h("h2", { id: "view-title" }, t("pipeline")),
      h("p", {}, `${t("this_worker")}: ${world.ready.ready ? t("is_ready") : world.ready.reason}`),
      table(t("pipeline"), [
        { title: t("series"), head: true, read: (row) => t(row.series) },
        { title: t("value"), number: true, read: (row) => number(row.value, row.digits) },
        { title: "Prometheus", read: (row) => h("code", {}, row.series) },
      ], rows)),
  };
}
