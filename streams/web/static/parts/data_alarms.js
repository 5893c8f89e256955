// What is wrong with the data: what is silent, too little, stale or rejected.
import { h } from "../dom.js";
import { departmentName, metricName, touchpointName } from "../shared.js";
import { link } from "../state.js";
import { dateIn, t, whole } from "../texts.js";

const MOST = 6;

/** @param {World} world */
export function dataAlarms(world) {
  const section = (...children) => h("section", { id: "data", "aria-labelledby": "data-title", "aria-busy": world.dataAlarms === null ? "true" : null },
    h("h2", { id: "data-title" }, t("data_alarms")), children);
  if (!world.dataAlarms) return section(h("p", { class: "quiet" }, t("reading_data")));
  const found = [...world.dataAlarms.alarms.map((one) => h("li", { "data-companion": one.companion }, worded(world, one))), ...stale(world), ...rejected(world)];
  return section(found.length ? [h("ul", {}, found.slice(0, MOST)), found.length > MOST ? h("p", { class: "quiet" }, t("more", { n: found.length - MOST })) : null]
    : h("p", { class: "quiet" }, t("data_fine")));
}

/** @param {World} world @param {DataAlarm} one */
function worded(world, one) {
  const owner = departmentName(world, one.department);
  switch (one.companion) {
    case "silent_touchpoint": return t("silent", { touchpoint: touchpointName(world, one.touchpoint), since: dateIn("since", one.last_at), owner });
    case "sample": return t("sample_collapsed", { owner, before: whole(one.before), after: whole(one.after) });
    case "unowned_share": return t("unowned_share_rose");
    default: return t("owner_mix_shifted");
  }
}

/** Metrics with a target that have had no observation for so long that their figure is not shown. @param {World} world */
function stale(world) {
  const rows = world.balances.filter((row) => row.suppressed === "stale" && row.horizon === row.term && row.department !== "company"
    && world.registry.targets.some((one) => one.metric === row.metric && [null, row.department].includes(one.department)));
  return [...new Set(rows.map((row) => row.department))].map((department) => h("li", { "data-stale": department }, t("stale_of", {
    department: departmentName(world, department), list: rows.filter((row) => row.department === department).map((row) => metricName(row.metric)).join(", ") })));
}

/** @param {World} world */
function rejected(world) {
  const { rejected: rows } = world.dataAlarms ?? { rejected: [] };
  if (!rows.length) return [];
  const list = rows.map((one) => `${one.reason} ${whole(one.events)}`).join(", ");
  return [h("li", { "data-rejected": rows.reduce((sum, one) => sum + one.events, 0) }, h("a", { href: link(world.state, { page: "refused" }) },
    t("rejected_lately", { n: whole(rows.reduce((sum, one) => sum + one.events, 0)), list })))];
}
