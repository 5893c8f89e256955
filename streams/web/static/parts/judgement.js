// The first sentences of a department: what drifts since when, and what else moved beyond noise.
import { h } from "../dom.js";
import { metricName, unit } from "../shared.js";
import { dateIn, dayIn, number, t } from "../texts.js";

const MOST = 4;

/** @param {World} world @param {Drifting} one */
function drifted(world, one) {
  const isRise = (one.after ?? 0) > (one.before ?? 0);
  return t(isRise ? "rose_since" : "fell_since", {
    metric: metricName(one.metric), before: number(one.before), after: number(one.after), unit: unit(world, one.metric),
    since: dateIn("since", one.since, dayIn(world.registry.timezone)),
  });
}

/** @param {Tile} tile */
const moved = (tile) => `${metricName(tile.metric)} ${number(tile.change.first)} → ${number(tile.rows[tile.rows.length - 1].value)}`;

/** @param {World} world @param {Drifting[]} drifting Of the department. @param {Tile[]} tiles */
export function judgement(world, drifting, tiles) {
  const told = drifting.filter((one) => one.before !== null && one.after !== null);
  const names = new Set(told.map((one) => one.metric));
  const beyond = tiles.filter((tile) => tile.change.isBeyond && !names.has(tile.metric));
  const since = dateIn("since", tiles.map((tile) => tile.change.since).filter(Boolean).sort()[0] ?? "");
  const list = (found) => found.slice(0, MOST).map(moved).join(", ");
  const [up, down] = [beyond.filter((tile) => (tile.change.change ?? 0) > 0), beyond.filter((tile) => (tile.change.change ?? 0) < 0)];
  const isKnown = tiles.some((tile) => tile.change.change !== null);
  return h("div", { id: "judgement" },
    told.map((one) => h("p", { class: "verdict alarm" }, drifted(world, one))),
    down.length ? h("p", { class: "verdict short" }, t("lower_beyond", { since, list: list(down) })) : null,
    up.length ? h("p", { class: "verdict long" }, t("higher_beyond", { since, list: list(up) })) : null,
    isKnown && !told.length && !beyond.length ? h("p", { class: "verdict" }, t(world.budget.detectors ? "all_calm" : "none_moved", { since })) : null);
}
