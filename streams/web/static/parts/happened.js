// What happened while metrics went their way: as marks on pictures, and as a list.
import { h } from "../dom.js";
import { departmentName, metricName, touchpointName } from "../shared.js";
import { dateIn, dayIn, t } from "../texts.js";

const SYMBOLS = { ownership: "◆", registry: "■", drift_begun: "▼", drift_ended: "●", baseline: "▬", note: "✎" };
const symbolOf = (one) => (one.kind === "drift_begun" && one.to === "up" ? "▲" : SYMBOLS[one.kind] ?? "•");

/** One of them in a sentence. @param {World} world @param {Happened} one */
export function sentence(world, one) {
  const write = dayIn(world.registry.timezone);
  const what = `${metricName(one.metric)} · ${departmentName(world, one.department)}`;
  if (one.kind === "ownership") {
    const key = one.from === "unowned" ? "moved_from_nobody" : one.to === "unowned" ? "moved_to_nobody" : "moved";
    const name = touchpointName(world, one.touchpoint) + (one.slice ? ` (${one.slice})` : "");
    return t(key, { at: dateIn("on", one.at, write), touchpoint: name, from: departmentName(world, one.from), to: departmentName(world, one.to) });
  }
  if (one.kind === "drift_begun") return `${what}: ${t(`${one.to}_since`, { since: dateIn("since", one.at, write) })}`;
  if (one.kind === "registry") return t("registry_of", { version: one.to, at: dateIn("on", one.at, write) });
  if (one.kind === "drift_ended") return t("drift_over", { what, at: dateIn("on", one.at, write) });
  if (one.kind === "baseline") return t("baseline_new", { what, at: dateIn("on", one.at, write) });
  return `${write(one.at)}: ${one.text}`;
}

/** Marks for the picture of a metric: what is of it, or of all; of one kind and instant one mark. @param {World} world @param {Happened[]} rows @param {string} metric @returns {Mark[]} */
export function marksOf(world, rows, metric) {
  /** @type {Map<string, Mark>} */
  const found = new Map();
  for (const one of rows.filter((row) => !row.metric || row.metric === metric)) {
    const key = `${one.kind}|${one.at}`;
    /** @type {Mark} */
    const mark = found.get(key) ?? { at: one.at, kind: one.kind, symbol: symbolOf(one), texts: [] };
    mark.texts.push(sentence(world, one));
    found.set(key, mark);
  }
  return [...found.values()];
}

/** @param {World} world @param {Happened[]} rows */
export const happened = (world, rows) => h("section", { id: "happened", class: "card", "aria-labelledby": "happened-title" },
  h("h2", { id: "happened-title" }, t("what_happened")),
  rows.length ? h("ul", {}, [...rows].reverse().map((one) => h("li", { "data-kind": one.kind, "data-at": one.at },
    h("span", { class: `symbol ${one.kind}`, "aria-hidden": "true" }, symbolOf(one)), " ", sentence(world, one))))
    : h("p", { class: "quiet" }, t("nothing_happened")));
