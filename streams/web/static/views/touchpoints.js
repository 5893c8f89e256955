// Who owns which touchpoint: a map, its history, and how customers are handed over.
import { flow, handOffInWords, handOffs } from "../charts/flow.js";
import { lanes, MOST_TILES, placed } from "../charts/lanes.js";
import { ownerTimeline, rangeOf } from "../charts/owner_timeline.js";
import * as data from "../data.js";
import { h, section, table } from "../dom.js";
import { Measured } from "../parts/measured.js";
import { inOrder, legend, patterns } from "../parts/owners.js";
import { changesOf, inWords, isOrphan, isSplit, portions, sliceName } from "../parts/ownership.js";
import { Readout } from "../parts/readout.js";
import { advice, departmentName, restOf, touchpointName } from "../shared.js";
import { instant, sinceOf } from "../state.js";
import { counted, dateIn, dayIn, number, percent, t, whole } from "../texts.js";

const RECENT_MS = 90 * 86_400_000;
const MOST_SAID = 6;
/** Beyond so many a map tells less than a search, and takes a browser seconds. */
const [MOST_ROWS, MOST_LINES] = [200, 40];

export const needs = (at) => ({ touchpoints: data.touchpoints(at) });
// Hand-offs pass over a whole period: the map is shown without them first.
export const later = (at, wanted) => ({ flow: data.governance(instant(sinceOf(wanted)), at, wanted.view) });
export const NOT_YET = { flow: null };

/** @param {World} everything @returns {Shown} */
export function show(everything) {
  if (!everything.touchpoints.length) return { rows: [], nodes: h("section", {}, advice(t("no_facts"))) };
  const rows = matching(everything);
  const world = { ...everything, touchpoints: rows };
  const changes = changesOf(rows);
  const drawn = [...placed(world).values()].flatMap((inside) => inside.slice(0, MOST_TILES));
  return {
    rows,
    nodes: [patterns(), section("map", t("map_title"),
      h("p", { class: "judgement" }, rows.length ? judgement(world, changes) : t("none_match")),
      search(everything, rows.length),
      legend(world, inOrder(world, drawn.flatMap((row) => portions(row).map((part) => part.owner)))),
      h(Readout, { usual: t("map_note"), draw: (on) => lanes(world, on, judgement(world, changes)) }),
      h("details", {}, h("summary", {}, t("as_table")), twin(world))),
    h("div", { class: "cards" }, history(world, changes), passed(world))],
  };
}

/** The touchpoints with what is searched for in their names or those of their owners. @param {World} world */
function matching(world) {
  const words = world.state.contains.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return world.touchpoints;
  return world.touchpoints.filter((row) => {
    const named = [row.touchpoint, touchpointName(world, row.touchpoint), ...row.owners.flatMap((id) => [id, departmentName(world, id)])].join(" ").toLowerCase();
    return words.every((word) => named.includes(word));
  });
}

/** Of a few touchpoints it would be in the way. @param {World} world @param {number} n */
function search(world, n) {
  const [all, asked] = [world.touchpoints.length, world.state.contains];
  return all > MOST_TILES || asked ? h("form", { role: "search" }, h("label", {}, t("search_touchpoints"), " ",
    h("input", { type: "search", name: "contains", maxlength: 100, key: asked, defaultValue: asked })), " ",
  h("span", { class: "quiet", role: "status" }, t("n_of_n", { n: whole(n), total: whole(all) }))) : null;
}

/** @param {World} world @param {ReturnType<typeof changesOf>} changes */
function judgement(world, changes) {
  const rows = world.touchpoints;
  const [orphans, split] = [rows.filter(isOrphan), rows.filter(isSplit)];
  const [total, unowned] = [rows.reduce((sum, row) => sum + row.events, 0), orphans.flatMap((row) => row.slices).filter((slice) => slice.owner === "unowned")];
  const until = Date.parse(world.until);
  const recent = changes.filter((one) => Date.parse(one.at) <= until && Date.parse(one.at) > until - RECENT_MS && one.from !== one.to);
  const share = percent(total ? unowned.reduce((sum, slice) => sum + slice.events, 0) / total : 0);
  return t("ownership_said", {
    orphans: orphans.length ? t(orphans.length === 1 ? "one_orphans" : "orphans", { n: whole(orphans.length), total: whole(rows.length), share }) : t("orphans_none"),
    split: counted("split", split.length), changed: counted("changed_hands", recent.length),
  });
}

/** @param {World} world */
function twin(world) {
  const named = (ids) => ids.map((id) => departmentName(world, id)).join(", ");
  const word = (text) => (text ? t(text) : t("undeclared"));
  return [table(t("touchpoints"), [
    { title: t("touchpoint"), head: true, read: (one) => [touchpointName(world, one.touchpoint), h("br"), h("small", {}, one.touchpoint)] },
    { title: t("stage"), read: (one) => word(one.stage) },
    { title: t("channel"), read: (one) => word(one.channel) },
    { title: t("owners"), read: (one) => h("span", { class: one.owners.includes("unowned") ? "alarm" : null }, named(one.owners)) },
    { title: t("owned_parts"), read: (one) => inWords(world, one) },
    { title: t("sponsor"), read: (one) => one.sponsor },
    { title: t("events"), number: true, read: (one) => whole(one.events) },
    { title: t("by_owner"), read: (one) => Object.entries(one.by_owner).map(([id, n]) => `${departmentName(world, id)} ${whole(n)}`).join(", ") },
  ], world.touchpoints.slice(0, MOST_ROWS)), restOf(world.touchpoints.length, MOST_ROWS)];
}

/** A change of hands in words. @param {World} world @param {ReturnType<typeof changesOf>[number]} change */
function said(world, { row, slice, at, from, to, after }) {
  const day = dayIn(world.registry.timezone);
  const name = touchpointName(world, row.touchpoint) + (row.slices.length > 1 ? ` (${sliceName(row, slice)})` : "");
  const key = from === to ? "work_divided" : from === "unowned" ? "moved_from_nobody" : to === "unowned" ? "moved_to_nobody" : "moved";
  const shares = Object.entries(after).map(([id, share]) => `${departmentName(world, id)} ${percent(share)}`).join(", ");
  const text = t(key, { at: dateIn("on", at, day), touchpoint: name, from: departmentName(world, from), to: departmentName(world, to), shares });
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {World} world @param {ReturnType<typeof changesOf>} changes */
function history(world, changes) {
  const every = world.touchpoints.flatMap((row) => row.slices.filter((slice) => slice.periods.length > 1).map((slice) => ({ row, slice })));
  // Of very many those that changed hands last; otherwise all, in their own order.
  const latest = new Set(every.length > MOST_LINES ? [...new Set(changes.map((one) => one.slice))].slice(0, MOST_LINES) : every.map((one) => one.slice));
  const lines = every.filter((one) => latest.has(one.slice));
  const told = changes.filter((one) => latest.has(one.slice));
  const same = world.touchpoints.filter((row) => row.slices.every((slice) => slice.periods.length === 1)).length;
  const spoken = changes.slice(0, MOST_SAID).map((change) => said(world, change));
  return section("owners-over-time", t("timeline_title"),
    lines.length ? [
      legend(world, inOrder(world, lines.flatMap(({ slice }) => slice.periods.map((period) => period.owner)))),
      h("ul", {}, spoken.map((text) => h("li", {}, text))),
      h(Readout, { usual: t("timeline_note"), draw: (on) => h(Measured, { usual: 560, draw: (width) => ownerTimeline(world, {
        lines, range: rangeOf(told, world.until), width, label: spoken[0], on, said: (change) => said(world, change) }) }) }),
      h("details", {}, h("summary", {}, t("as_table")), table(t("timeline_title"), [
        { title: t("when"), head: true, read: (one) => dayIn(world.registry.timezone)(one.at) },
        { title: t("touchpoint"), read: (one) => `${touchpointName(world, one.row.touchpoint)} · ${sliceName(one.row, one.slice)}` },
        { title: t("was"), read: (one) => departmentName(world, one.from) }, { title: t("is"), read: (one) => departmentName(world, one.to) },
      ], changes.slice(0, MOST_ROWS)), restOf(changes.length, MOST_ROWS)),
      every.length > lines.length ? h("p", { class: "quiet" }, t("latest_lines", { n: whole(lines.length), total: whole(every.length) })) : null,
    ] : h("p", {}, t("never_changed")),
    lines.length && same ? h("p", { class: "quiet" }, counted("always_same", same), ".") : null);
}

/** @param {World} world */
function passed(world) {
  const section = (...nodes) => h("section", { id: "flow", "aria-labelledby": "flow-title", "aria-busy": world.flow ? null : "true" }, h("h2", { id: "flow-title" }, t("handoffs")), nodes);
  if (!world.flow) return section(h("p", { class: "quiet" }, t("being_read")));
  const pairs = handOffs(world.flow);
  if (!pairs.length) return section(advice(t("no_handoffs")));
  const worse = pairs.filter((pair) => pair.verdict === "worse").length;
  const share = pairs.reduce((sum, pair) => sum + pair.value, 0);
  const sentence = t("flow_said", { share: percent(share), worse: worse ? counted("flow_worse", worse) : t("flow_none_worse") });
  return section(h("p", { class: "judgement" }, sentence),
    h(Readout, { usual: t("flow_note"), draw: (on) => h(Measured, { usual: 560, draw: (width) => flow(world, { pairs, width, label: sentence, on }) }) }),
    h("details", {}, h("summary", {}, t("as_table")), table(t("handoffs"), [
      { title: t("flow_from"), head: true, read: (one) => departmentName(world, one.from) }, { title: t("flow_to"), read: (one) => departmentName(world, one.to) },
      { title: t("share"), number: true, read: (one) => percent(one.value) },
      { title: t("hand_off_gap"), number: true, read: (one) => h("span", { title: handOffInWords(world, one) }, one.gap ? number(one.gap.value, 2) : "–") },
    ], pairs)));
}
