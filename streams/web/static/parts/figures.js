// The figures of a department: both horizons of each metric with intervals, sizes, target and attainment.
import { h, table } from "../dom.js";
import { advice, attainment, departmentName, figure, interval, metricName, targetOf, unit } from "../shared.js";
import { number, t, whole } from "../texts.js";

const sizes = (row) => (row ? `${whole(row.n)} / ${number(row.n_eff)}` : "–");

/** @param {"short" | "long"} name */
const horizon = (name) => [
  { title: t(`horizon_${name}`), number: true, read: (one) => figure(one[name]) },
  { title: t("interval"), number: true, read: (one) => (one[name] ? interval(one[name]) : "–") },
  { title: "n / n_eff", number: true, read: (one) => sizes(one[name]) },
];

/** @param {World} world @param {string} chosen @param {Balance[]} rows */
export function figures(world, chosen, rows) {
  const found = Object.fromEntries(rows.map((row) => [`${row.metric}|${row.horizon}`, row]));
  const metrics = [...new Set(rows.map((row) => row.metric))].map((metric) => {
    const term = rows.find((row) => row.metric === metric)?.term;
    const [own, target] = [found[`${metric}|${term}`], targetOf(world, chosen, metric)];
    return { metric, term, own, target, short: found[`${metric}|short`], long: found[`${metric}|long`] };
  });
  return h("section", { id: "figures", class: "card", "aria-labelledby": "figures-title" }, h("h2", { id: "figures-title" }, t("all_figures")),
    rows.length ? table(departmentName(world, chosen), [
      { title: t("metric"), head: true, read: (one) => `${metricName(one.metric)} (${unit(world, one.metric)})` },
      { title: t("term"), read: (one) => t(one.term) },
      ...horizon("short"), ...horizon("long"),
      { title: t("target"), number: true, read: (one) => number(one.target?.internal) },
      { title: t("attainment"), number: true, read: (one) => (one.target && one.own ? number(attainment(one.own.value, one.target.floor, one.target.internal)) : "–") },
    ], metrics) : advice(t("no_facts")),
    h("p", { class: "quiet" }, t("attainment_note")));
}
