// A metric of a department by touchpoint, segment or region, in an order that the address names.
import { sharedScale, span } from "../charts/span.js";
import { h, select, table } from "../dom.js";
import { absent, advice, difference, interval, metricName, touchpointName, unit } from "../shared.js";
import { BY, link, SORTS } from "../state.js";
import { dateIn, number, signed, t, whole } from "../texts.js";

const nameOf = (world, by, value) => (by === "touchpoint" ? touchpointName(world, value) : value === "(other)" ? t("others") : value || t("without"));

/** By name: the figure of the end, and how far it is from that of the start. @param {World} world @param {Balance[]} rows */
function lines(world, rows) {
  const { by } = world.state;
  const last = rows.map((row) => row.at).sort().at(-1);
  const before = new Map(rows.filter((row) => row.at !== last).map((row) => [row[by], row]));
  return rows.filter((row) => row.at === last).map((row) => ({ row, name: nameOf(world, by, row[by]), ...difference(before.get(row[by]), row) }));
}

const SORT = {
  value: (one) => one.row.value ?? Number.POSITIVE_INFINITY,
  change: (one) => one.change ?? Number.POSITIVE_INFINITY,
  n: (one) => -one.row.n,
};

function sorted(found, by) {
  const read = SORT[by];
  return [...found].sort((a, b) => (read ? read(a) - read(b) : 0) || a.name.localeCompare(b.name));
}

/** @param {World} world @param {{ metric: string, metrics: string[], target: Target | undefined, from: string, answer: { rows: Balance[], error: string } | null }} of */
export function breakdown(world, { metric, metrics, target, from, answer }) {
  const { by, sort } = world.state;
  const title = t(`by_${by}`, { metric: metricName(metric) });
  const rows = (answer?.rows ?? []).filter((row) => row.horizon === row.term);
  const found = sorted(lines(world, rows), sort);
  const goal = target?.internal ?? null;
  const x = sharedScale(found.map((one) => one.row), goal === null ? [] : [goal]);
  const heading = (name, text) => h("a", { href: link(world.state, { sort: name }), "data-stay": "", "aria-current": sort === name ? "true" : null }, text, sort === name ? h("span", { "aria-hidden": "true" }, " ▾") : null);
  return h("section", { id: "breakdown", class: "card", "aria-labelledby": "breakdown-title", "aria-busy": answer ? null : "true" }, h("h2", { id: "breakdown-title" }, title),
    h("form", {}, select(t("metric"), "metric", metrics.map((one) => [one, metricName(one)]), metric),
      select(t("split_by"), "by", BY.map((one) => [one, t(one)]), by),
      select(t("sort_by"), "sort", SORTS.map((one) => [one, t(`sort_${one}`)]), sort)),
    answer?.error ? h("p", { class: "alarm" }, t("failed", { error: answer.error })) : null,
    !answer ? h("p", { class: "quiet" }, t("being_read")) : found.length ? table(title, [
      { title: heading("name", t(by)), head: true, read: (one) => one.name },
      { title: `${number(x.domain()[0])} … ${number(x.domain()[1])}`, read: (one) => span(one.row, x, goal) },
      { title: heading("value", `${t("value")} (${unit(world, metric)})`), number: true, read: (one) => (one.row.suppressed ? absent(one.row) : number(one.row.value)) },
      { title: t("interval"), number: true, read: (one) => interval(one.row) },
      { title: heading("change", t("change_since", { since: dateIn("since", from) })), number: true, read: (one) => changed(one) },
      { title: heading("n", "n / n_eff"), number: true, read: (one) => `${whole(one.row.n)} / ${number(one.row.n_eff)}` },
    ], found) : advice(t("no_trend_here")));
}

/** @param {Difference} one */
export const changed = ({ change, isBeyond }) => (change === null ? "–"
  : h("span", { class: isBeyond ? "beyond" : null }, signed(change), isBeyond ? ` (${t("change_beyond")})` : ""));
