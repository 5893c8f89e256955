// A small picture for each metric of a department; one cursor moves over all of them, by pointer and by keyboard.
import { cursor, frame, ground, rowAt } from "../charts/series.js";
import { h, table } from "../dom.js";
import { absent, figure, interval, isUncertain, metricName, unit } from "../shared.js";
import { link } from "../state.js";
import { dateIn, day, number, t } from "../texts.js";
import { useMemo, useState } from "../vendor/preact.js";
import { changed } from "./breakdown.js";
import { story } from "./story.js";

/** @param {Balance} row */
const written = (row) => (row.suppressed ? absent(row) : `${number(row.value)}${row.ci_low === null ? "" : ` (${interval(row)})`}`);

/** How a metric went, in a sentence. @param {Tile} tile @param {string} name Of the department. */
function sentence({ metric, rows }, name) {
  const [first, last] = [rows[0], rows[rows.length - 1]];
  return t("trend_was", { metric: metricName(metric), department: name, first: written(first), from: dateIn("on", first.at), last: written(last), to: dateIn("on", last.at) });
}

/** What a cursor shows of a metric; without one how it stands, and how far that is from the start. @param {Tile} tile @param {Balance | undefined} row */
function readout(tile, row) {
  if (row) return h("p", { class: "stands", "data-at": row.at }, h("strong", {}, row.suppressed ? absent(row) : number(row.value)), " ", row.ci_low === null ? "" : `(${interval(row)}) `, h("small", {}, `${dateIn("on", row.at)}${!row.suppressed && isUncertain(row) ? ` · ${t("uncertain")}` : ""}`));
  const last = tile.rows[tile.rows.length - 1];
  return h("p", { class: "stands", "data-at": last.at }, h("strong", {}, figure(last)), " ", last.ci_low === null ? "" : `(${interval(last)}) `,
    tile.change.change === null ? null : h("small", {}, changed(tile.change), " ", dateIn("since", tile.change.since)));
}

/** @param {Tile} tile @param {string} title */
const twin = (tile, title) => h("details", {}, h("summary", {}, t("as_table")), table(title, [
  { title: t("when"), head: true, read: (row) => day(row.at) },
  { title: t("value"), number: true, read: (row) => (row.suppressed ? absent(row) : number(row.value)) },
  { title: t("interval"), number: true, read: (row) => interval(row) },
  { title: "n_eff", number: true, read: (row) => number(row.n_eff) },
], tile.rows));

/** One metric. @param {{ world: World, tile: Tile, name: string, at: string, point: (at: string) => void }} of */
function Tile({ world, tile, name, at, point }) {
  const title = `${metricName(tile.metric)} (${unit(world, tile.metric)})`;
  // What a cursor does not change is drawn again only when figures, marks or the language do.
  const drawn = [tile.rows, world.state.lang, tile.marks.map((mark) => mark.texts.join()).join()];
  const picture = useMemo(() => ground(tile), drawn);
  const rows = useMemo(() => twin(tile, title), drawn);
  const row = at ? tile.rows.find((one) => one.at === at) : undefined;
  const isChosen = tile.metric === world.state.metric;
  return h("article", { class: `multiple ${tile.drifting ? "drifting" : ""}`, "data-metric": tile.metric },
    h("h3", {}, h("a", { href: link(world.state, { metric: tile.metric }), "data-stay": "", "aria-current": isChosen ? "true" : null }, metricName(tile.metric)), h("small", {}, ` ${unit(world, tile.metric)} · ${t(`term_${tile.term}`)}`)),
    readout(tile, row),
    tile.drifting ? h("p", { class: "told" }, story(world, tile.drifting)) : null,
    frame(sentence(tile, name), { onPointerMove: (event) => point(rowAt(tile, event).at), onPointerLeave: () => point("") }, picture, cursor(tile, row)),
    rows);
}

/** All of them, and what moves the cursor. @param {{ world: World, tiles: Tile[], name: string }} of */
export function Multiples({ world, tiles, name }) {
  const [at, point] = useState("");
  const instants = [...new Set(tiles.flatMap((tile) => tile.rows.map((row) => row.at)))].sort();
  const shown = instants.includes(at) ? at : "";
  const position = shown ? instants.indexOf(shown) : instants.length - 1;
  return h("div", {},
    h("form", { class: "cursor" }, h("label", {}, t("look_at"), " ", h("input", {
      type: "range", id: "cursor", min: 0, max: instants.length - 1, value: position, "aria-valuetext": day(instants[position]),
      onInput: (event) => point(instants[Number(event.currentTarget.value)]) })), h("output", { for: "cursor" }, day(instants[position]))),
    h("div", { class: "multiples" }, tiles.map((tile) => h(Tile, { key: tile.metric, world, tile, name, at: shown, point }))));
}
