// The first screen: what got better and worse, where departments stand, what nobody owns.
import { balanceMap, described, isOnMap } from "../charts/balance_map.js";
import * as data from "../data.js";
import { h } from "../dom.js";
import { advice, departmentName, touchpointName } from "../shared.js";
import { dataAlarms } from "../parts/data_alarms.js";
import { departmentRows } from "../parts/department_rows.js";
import { headline } from "../parts/headline.js";
import { Measured } from "../parts/measured.js";
import { link } from "../state.js";
import { number, percent, t, whole } from "../texts.js";
import { useState } from "../vendor/preact.js";

const MOST = 4;
const TAIL_WEEKS = 8;

export const needs = () => ({});
const after = (answer, next) => answer.then(next, next);
/** What compares with other instants: the indices of now are shown first. Two at a time, so that other readers are answered as well. */
export const later = (at, wanted) => {
  const [headline, history] = [data.headline(at, wanted.view, wanted.lang), data.history(at, wanted.view)];
  const drifting = after(headline, () => data.drifting(at));
  const touchpointsLater = after(history, () => data.touchpoints(at));
  return { headline, history, drifting, touchpointsLater, dataAlarms: after(touchpointsLater, () => data.dataAlarms(at)) };
};
/** @type {Partial<World>} */
export const NOT_YET = { headline: null, history: null, drifting: [], touchpointsLater: null, dataAlarms: null };

/** @param {World} world @returns {Shown} */
export function show(world) {
  return { rows: world.scorecards, nodes: h(FirstScreen, { world }) };
}

/** One department is looked at in the picture and in the rows alike. @param {{ world: World }} attributes */
function FirstScreen({ world }) {
  const [chosen, choose] = useState("");
  if (!world.scorecards.length) return h("section", { "aria-labelledby": "map-title" }, h("h2", { id: "map-title" }, t("balance_map")), advice(t("no_facts")));
  return h("div", { class: "first-screen" },
    headline(world),
    h("div", { class: "map-and-rows" }, mapSection(world, chosen, choose), departmentRows(world, chosen, choose)),
    h("div", { class: "gaps" }, nobody(world), dataAlarms(world)));
}

/** @param {World} world @param {string} chosen @param {(id: string) => void} choose */
function mapSection(world, chosen, choose) {
  const departments = world.scorecards.filter((card) => !["company", "unowned"].includes(card.department));
  const cards = world.scorecards.filter((card) => card.department !== "unowned");
  const behind = departments.filter((card) => isOnMap(card) && (card.short_index ?? 0) >= 100 && (card.long_index ?? 100) < 100);
  const missing = departments.filter((card) => !isOnMap(card));
  const myopic = new Set(myopicOf(world));
  const says = [behind.length ? t("map_says", { n: behind.length, total: departments.length }) : t("map_none"),
    ...(myopic.size ? [t("map_myopic", { list: [...myopic].map((id) => departmentName(world, id)).join(", ") })] : [])].join(" ");
  const tails = new Map(cards.map((card) => [card.department, (world.history ?? []).filter((one) => one.department === card.department).slice(-TAIL_WEEKS - 1)]));
  return h("section", { id: "map", "aria-labelledby": "map-title", "aria-busy": world.history === null ? "true" : null }, h("h2", { id: "map-title" }, t("balance_map")),
    h("p", { class: "says" }, says),
    h(Measured, { usual: 520, draw: (width) => balanceMap(world, { cards, tails, myopic, width, label: `${t("balance_map")}: ${says}`, chosen, choose }) }),
    h("p", { class: "quiet small readout" }, chosen ? pointedAt(world, chosen, tails) : t("map_key")),
    missing.length ? h("p", { class: "quiet small" }, t("map_missing", { list: missing.map((card) => departmentName(world, card.department)).join(", ") })) : null);
}

/** What is pointed at, in words. @param {World} world @param {string} id @param {Map<string, Scorecard[]>} tails */
function pointedAt(world, id, tails) {
  const card = world.scorecards.find((one) => one.department === id);
  if (!card) return t("map_key");
  const first = tails.get(id)?.[0];
  const from = first && isOnMap(first) ? `; ${t("map_from", { short: number(first.short_index), long: number(first.long_index) })}` : "";
  return described(world, card) + from;
}

/** Departments that the report calls myopic. @param {World} world */
const myopicOf = (world) => (world.headline?.myopic ?? []);

/** @param {World} world */
function nobody(world) {
  const section = (...children) => h("section", { id: "nobody", "aria-labelledby": "nobody-title", "aria-busy": world.touchpointsLater === null ? "true" : null }, h("h2", { id: "nobody-title" }, t("nobody_owns")), children);
  if (world.touchpointsLater === null) return section(h("p", { class: "quiet" }, t("reading_data")));
  const total = world.touchpointsLater.reduce((sum, one) => sum + one.events, 0);
  const n = world.touchpointsLater.reduce((sum, one) => sum + one.unowned, 0);
  const found = world.touchpointsLater.filter((one) => one.unowned || one.owners.includes("unowned")).sort((a, b) => b.unowned - a.unowned);
  return section(found.length ? [
    h("p", {}, t("unowned_events", { n: whole(n), total: whole(total), share: percent(total ? n / total : null) })),
    h("ul", {}, found.slice(0, MOST).map((one) => h("li", {}, h("strong", {}, touchpointName(world, one.touchpoint)), " ",
      one.unowned ? `${whole(one.unowned)} / ${whole(one.events)}` : t("no_owner_declared")))),
    found.length > MOST ? h("p", {}, h("a", { href: link(world.state, { page: "touchpoints" }) }, t("more", { n: found.length - MOST }))) : null,
    advice(t("unowned_remedy")),
  ] : h("p", { class: "quiet" }, t("everything_owned")));
}
