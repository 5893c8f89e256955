// One department: its figures, how they went, and what the short term foretells.
import { departmentPicker, chosenDepartment } from "../parts/picker.js";
import { trend } from "../charts/trend.js";
import * as data from "../data.js";
import { h, table } from "../dom.js";
import { advice, attainment, basis, departmentName, figure, interval, metricName, targetOf, unit } from "../shared.js";
import { number, percent, t, whole } from "../texts.js";
import { daysBefore } from "../state.js";

export const needs = (at, wanted) => ({
  trend: data.trend({ department: wanted.department, metric: wanted.metric, view: wanted.view, from: at && `${daysBefore(at, 90)}:00Z`, to: at }),
});

// What reads years, and so may take a while: the view is shown without it first.
export const later = (at) => ({ surrogates: data.surrogates(at) });
export const NOT_YET = { surrogates: { pairs: [] } };

/** @param {World} world @returns {Shown} */
export function show(world) {
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
