// The map of ownership: touchpoints in lanes, stage by stage, by the office of who owns most of them.
import { h } from "../dom.js";
import { block } from "../parts/owners.js";
import { inWords, isOrphan, mainOwner, portions } from "../parts/ownership.js";
import { departmentName, touchpointName } from "../shared.js";
import { t, whole } from "../texts.js";

const STAGES = ["before", "during", "after", ""];
const OFFICES = ["front", "back", ""];
const LEAST = 3;
/** Of each stage and office; those of most events. */
export const MOST_TILES = 24;

/** The touchpoints by stage and office of the main owner, "" of nobody; those of most events first. @param {World} world */
export function placed(world) {
  const offices = new Map(world.registry.departments.map((one) => [one.id, one.office]));
  /** @type {Map<string, TouchpointRow[]>} */
  const found = new Map();
  for (const row of [...world.touchpoints].sort((a, b) => b.events - a.events)) {
    const place = `${offices.get(mainOwner(row)) ?? ""} ${row.stage ?? ""}`;
    const alike = found.get(place);
    if (alike) alike.push(row);
    else found.set(place, [row]);
  }
  return found;
}

/** @param {World} world @param {(words: string) => Record<string, any>} on @param {string} label */
export function lanes(world, on, label) {
  const rows = world.touchpoints;
  const most = rows.reduce((found, row) => Math.max(found, row.events), 1);
  const all = placed(world);
  const of = (office, stage) => all.get(`${office} ${stage}`) ?? [];
  const stages = STAGES.filter((stage) => OFFICES.some((office) => of(office, stage).length));
  const offices = OFFICES.filter((office) => STAGES.some((stage) => of(office, stage).length));
  return h("div", { class: "lanes", role: "group", "aria-label": label }, offices.map((office) => h("div", { class: "office", "data-office": office || "none" },
    h("h3", {}, t(`office_${office || "none"}`)),
    h("div", { class: `stages of-${stages.length}` }, stages.map((stage) => {
      const inside = of(office, stage);
      return h("div", { class: inside.length ? "stage" : "stage empty", "data-stage": stage || "none" }, h("p", { class: "quiet" }, t(stage || "stage_none")),
        inside.slice(0, MOST_TILES).map((row) => tile(world, row, most, on)),
        inside.length > MOST_TILES ? h("p", { class: "quiet" }, t("and_more", { n: whole(inside.length - MOST_TILES) })) : null);
    })))));
}

/** @param {World} world @param {TouchpointRow} row @param {number} most @param {(words: string) => Record<string, any>} on */
function tile(world, row, most, on) {
  const name = touchpointName(world, row.touchpoint);
  const words = `${name}: ${inWords(world, row)}. ${t("events_n", { n: whole(row.events) })}, ${t("ninety_days")}${row.channel ? `, ${t(row.channel)}` : ""}`;
  const owners = [...new Set(portions(row).map((part) => part.owner))];
  return h("button", { type: "button", class: isOrphan(row) ? "tile orphan" : "tile", "aria-label": words, "data-touchpoint": row.touchpoint, "data-value": row.events, ...on(words) },
    h("span", { class: "name" }, name), strip(world, row, most),
    h("span", { class: "quiet" }, owners.map((id) => departmentName(world, id)).join(" + "), " · ", whole(row.events)));
}

/** A bar as long as the events, in the colours of the owners. */
function strip(world, row, most) {
  const length = Math.max(LEAST, (100 * row.events) / most);
  let x = 0;
  return h("svg", { class: "strip", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, portions(row).map((part) => {
    const width = length * part.weight;
    x += width;
    return block(world, part.owner, { x: x - width, y: 0, width, height: 10, "data-owner": part.owner, "data-weight": part.weight });
  }));
}
