// Two instants: what got better or worse between them beyond noise, a picture of it, and the figures.
import { dumbbells } from "../charts/dumbbells.js";
import * as data from "../data.js";
import { h, table } from "../dom.js";
import { Measured } from "../parts/measured.js";
import { chosenDepartment, departmentPicker } from "../parts/picker.js";
import { Readout } from "../parts/readout.js";
import { advice, departmentName, difference, interval, isUncertain, key, metricName, targetOf, unit } from "../shared.js";
import { instant, otherOf } from "../state.js";
import { dateIn, moment, number, signed, t } from "../texts.js";

export const needs = (_, wanted) => ({ earlier: data.balances(instant(otherOf(wanted)), wanted.view) });

/** Each metric of a department on the horizon of its term, at both instants. @param {World} world @param {string} department */
function compared(world, department) {
  const earlier = new Map(world.earlier.map((row) => [key(row), row]));
  return world.balances.filter((row) => row.department === department && row.horizon === row.term).map((now) => {
    const then = earlier.get(key(now));
    const apart = difference(then, now);
    return { now, then, apart, verdict: !apart.isBeyond ? "same" : (apart.change ?? 0) > 0 ? "better" : "worse" };
  });
}

const listed = (rows) => rows.map(({ now, apart }) => `${metricName(now.metric)} (${signed(apart.change)})`).join(", ");

/** What changed beyond noise, in a sentence or two. @param {string} name @param {ReturnType<typeof compared>} rows */
function judged(name, rows) {
  const [better, worse] = ["better", "worse"].map((verdict) => rows.filter((row) => row.verdict === verdict));
  const said = [better.length ? t("got_better", { department: name, list: listed(better) }) : null, worse.length ? t("got_worse", { department: name, list: listed(worse) }) : null].filter(Boolean);
  if (said.length) return said.join(" ");
  return rows.some((row) => row.apart.isBeyond !== null) ? t("none_beyond", { department: name }) : t("none_compared", { department: name });
}

/** The other departments of which something changed beyond noise. @param {World} world @param {string} chosen */
function elsewhere(world, chosen) {
  const ids = [...new Set(world.balances.map((row) => row.department))].filter((id) => id !== chosen && id !== "unowned");
  const changed = ids.map((id) => [id, compared(world, id).filter((row) => row.verdict !== "same")]).filter(([, rows]) => rows.length);
  return changed.length ? h("ul", { id: "elsewhere" }, changed.map(([id, rows]) => h("li", {}, judged(departmentName(world, String(id)), /** @type {any} */ (rows))))) : null;
}

/** @param {World} world @returns {Shown} */
export function show(world) {
  const chosen = chosenDepartment(world);
  const rows = compared(world, chosen);
  const name = departmentName(world, chosen);
  const picker = (label, state, value) => h("label", {}, label, " ", h("input", { type: "datetime-local", name: state, key: value, defaultValue: value }));
  const between = t("between", { from: dateIn("on", `${world.other}:00Z`, moment), to: dateIn("on", world.balances[0]?.at ?? world.until, moment) });
  return {
    rows: rows.map((row) => exported(chosen, row)),
    nodes: h("section", { "aria-labelledby": "view-title" }, h("h2", { id: "view-title" }, `${t("compare")}: ${name}`),
      rows.length ? h("p", { class: "judgement" }, h("strong", {}, judged(name, rows)), h("br"), h("small", {}, between)) : null,
      h("form", {}, departmentPicker(world), picker(t("other"), "other", world.other), picker(t("at"), "at", world.state.at)),
      rows.length ? h("div", { class: "pair" }, h("div", { id: "dumbbells" }, picture(world, rows, `${between} ${judged(name, rows)}`)),
        h("div", {}, elsewhere(world, chosen), figures(world, rows))) : advice(t("no_facts")),
      rows.length ? h("p", { class: "quiet" }, t("difference_note")) : null),
  };
}

/** @param {World} world @param {ReturnType<typeof compared>} rows @param {string} label */
const picture = (world, rows, label) => h(Readout, { usual: t("dumbbell_key"), draw: (on) => h(Measured, { usual: 420, draw: (width) => dumbbells({ width, label, on, rows: rows.map((row) => pair(world, row)) }) }) });

/** @param {World} world @param {ReturnType<typeof compared>[number]} row */
function pair(world, { now, then, verdict, apart }) {
  const name = metricName(now.metric);
  const reading = `${verdict === "better" ? "▲ " : verdict === "worse" ? "▼ " : ""}${number(then?.value)} → ${number(now.value)}${apart.change === null ? "" : ` (${signed(apart.change)})`}`;
  const ends = [then, now].map((one) => (one ? { ...one, isUncertain: isUncertain(one), data: { "data-at": one.at } } : null));
  return { name, reading, verdict, ends, metric: now.metric, goal: targetOf(world, now.department, now.metric)?.internal ?? null, words: `${name}: ${reading}` };
}

/** @param {World} world @param {ReturnType<typeof compared>} rows */
const figures = (world, rows) => table(t("compare"), [
  { title: t("metric"), head: true, read: ({ now }) => `${metricName(now.metric)} (${unit(world, now.metric)})` },
  { title: t("term"), read: ({ now }) => t(now.horizon) },
  { title: t("was"), number: true, read: ({ then }) => number(then?.value) },
  { title: t("interval"), number: true, read: ({ then }) => (then ? interval(then) : "–") },
  { title: t("is"), number: true, read: ({ now }) => number(now.value) },
  { title: t("interval"), number: true, read: ({ now }) => interval(now) },
  { title: t("difference"), number: true, read: ({ apart }) => signed(apart.change) },
  { title: t("interval"), number: true, read: ({ apart }) => interval(apart) },
  { title: t("beyond"), read: ({ apart }) => (apart.isBeyond === null ? "–" : apart.isBeyond ? h("strong", {}, t("yes")) : t("no")) },
], rows);

/** @param {string} department @param {ReturnType<typeof compared>[number]} row */
const exported = (department, { now, then, apart }) => ({
  department, metric: now.metric, horizon: now.horizon,
  before_at: then?.at ?? null, before: then?.value ?? null, before_low: then?.ci_low ?? null, before_high: then?.ci_high ?? null,
  after_at: now.at, after: now.value, after_low: now.ci_low, after_high: now.ci_high,
  difference: apart.change, difference_low: apart.ci_low, difference_high: apart.ci_high, beyond_noise: apart.isBeyond,
});
