// Two instants side by side.
import { chosenDepartment, departmentPicker } from "../parts/picker.js";
import * as data from "../data.js";
import { h, table } from "../dom.js";
import { advice, departmentName, interval, key, metricName, unit } from "../shared.js";
import { instant, otherOf } from "../state.js";
import { number, t } from "../texts.js";

export const needs = (_, wanted) => ({ earlier: data.balances(instant(otherOf(wanted)), wanted.view) });

/** Whether two intervals overlap; null where one of them is not known. @param {Interval} one @param {Interval} other */
function overlapping(one, other) {
  if (one.ci_low === null || one.ci_high === null || other.ci_low === null || other.ci_high === null) return null;
  return one.ci_low <= other.ci_high && other.ci_low <= one.ci_high;
}

/** @param {World} world @returns {Shown} */
export function show(world) {
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
      h("form", {}, departmentPicker(world), h("label", {}, t("other"), " ", h("input", { type: "datetime-local", name: "other", key: world.other, defaultValue: world.other }))),
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
