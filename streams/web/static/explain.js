// A figure explained: formula, interval, how many answers, whose, and how far from its target.
import { h } from "./dom.js";
import { measureName, reading, span, subjectName } from "./measures.js";
import { absent, attainment, departmentName, interval, metricName, targetOf, unit } from "./shared.js";
import { dateIn, known, moment, number, t, whole } from "./texts.js";

const halfLife = (days) => t(days === 1 ? "one_day" : "days", { n: number(days, 0) });

/** @param {World} world @param {Balance} row */
export function explain(world, row) {
  const metric = world.catalogue.find((one) => one.name === row.metric);
  const target = targetOf(world, row.department, row.metric);
  const facts = [
    [t("value"), row.suppressed ? absent(row) : `${number(row.value, 2)} ${unit(world, row.metric)}`],
    [t("formula"), t(`meaning_${row.metric}`)],
    [t("kinds"), metric?.kinds.join(", ")],
    [t("interval"), `${interval(row)} (${metric?.interval})`],
    [t("n_meaning"), whole(row.n)],
    [t("n_eff_meaning"), row.sampled_one_in > 1 ? t("sampled", { n: number(row.n_eff), k: whole(row.sampled_one_in) }) : number(row.n_eff)],
    ...(row.last_at ? [[t("last_observation"), moment(row.last_at)]] : []),
    [t(`horizon_${row.horizon}`), `${t("half_life")}: ${halfLife(world.registry.horizons[`${row.horizon}_s`] / 86_400)}`],
    [t("view"), `${departmentName(world, row.department)}, ${t(row.view)}`],
    [t("at"), moment(row.at)],
  ];
  if (target) {
    facts.push([t("floor"), number(target.floor)], [t("target"), number(target.internal)]);
    if (target.customer !== null) facts.push([t("customer_target"), number(target.customer)]);
    if (row.horizon === row.term) {
      facts.push([t("attainment"), `${number(attainment(row.value, target.floor, target.internal))} = ${t("attainment_formula")}`]);
    }
  }
  return told(`${metricName(row.metric)} · ${departmentName(world, row.department)}`, facts);
}

/** A figure of governance explained: what it is, interval, how many observations, and whether it is enough to act on. @param {World} world @param {GovernanceRow} row */
export function explainMeasure(world, row) {
  return told(`${measureName(row.measure)} · ${subjectName(world, row)}`, [
    [t("value"), reading(row.unit, row.value)],
    [t("formula"), known(`f_${row.measure}`) ? t(`f_${row.measure}`) : row.measure],
    [t("interval"), span(row)],
    [t("n_observed"), whole(row.n)],
    [t("n_effective"), number(row.n_eff)],
    [t("certainty"), t(row.reason ? `unclear_${row.reason}` : row.uncertain ? "too_little" : row.ci_low === null ? "declared_fact" : "enough")],
    [t("period"), t("period_of", { since: dateIn("from", `${world.since}:00Z`, moment), until: dateIn("to", world.until, moment) })],
    [t("view"), t(world.state.view)],
  ]);
}

const told = (title, facts) => [
  h("h2", { id: "explain-title" }, title),
  h("dl", {}, facts.map(([name, text]) => [h("dt", {}, name), h("dd", {}, text)])),
  h("form", { method: "dialog" }, h("button", { autofocus: true }, t("close"))),
];
