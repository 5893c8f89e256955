// A metric over a period: band, line, points; with the other horizon, targets and what happened.
import { h } from "../dom.js";
import { isUncertain } from "../shared.js";
import { day, dayOnly, number } from "../texts.js";
import { area, bisector, line, scaleLinear, scaleUtc } from "../vendor/d3.js";

const time = (row) => Date.parse(row.at);
const nearest = bisector(time).center;

/** How large a picture is, and what its axes say: so many days and values, a day written so, half as wide as that at most. */
const SMALL = { width: 380, height: 170, left: 44, right: 14, top: 20, bottom: 20, ticks: [4, 3], write: dayOnly, half: 20 };
const large = (width) => ({ width, height: 230, left: 44, right: 10, top: 26, bottom: 22, ticks: [Math.max(2, Math.round(width / 130)), 4], write: day, half: 40 });

/** @param {any} room @param {(number | null)[]} values @param {number} from @param {number} to */
function scalesIn({ width, height, left, right, top, bottom }, values, from, to) {
  const shown = values.filter((one) => one !== null);
  const [low, high] = shown.length ? [Math.min(...shown), Math.max(...shown)] : [0, 1];
  const margin = high > low ? 0 : Math.max(1, Math.abs(low) / 10);
  return {
    x: scaleUtc().domain([from, to]).range([left, width - right]).clamp(true),
    y: scaleLinear().domain([low - margin, high + margin]).nice(4).range([height - bottom, top]),
  };
}

const ends = (rows) => rows.flatMap((row) => [row.value, row.ci_low, row.ci_high]);

/** @param {Tile} tile */
export const scalesOf = ({ rows, other, targets, from, to }) => scalesIn(SMALL, [
  ...ends(rows), ...other.map((row) => row.value), ...targets.flatMap((one) => [one.internal, one.customer])], Date.parse(from), Date.parse(to));

/** The row nearest to where a pointer is. @param {Tile} tile @param {any} event */
export function rowAt(tile, event) {
  const box = event.currentTarget.getBoundingClientRect();
  const across = ((event.clientX - box.left) / box.width) * SMALL.width;
  return tile.rows[nearest(tile.rows, scalesOf(tile).x.invert(across))];
}

/** A picture, with what changes as a cursor moves on top of it. @param {string} label @param {Record<string, any>} pointed @param {any[]} layers */
export const frame = (label, pointed, ...layers) =>
  h("svg", { class: "series", viewBox: `0 0 ${SMALL.width} ${SMALL.height}`, role: "img", "aria-label": label, ...pointed }, layers);

/** All of the picture that a cursor does not change. @param {Tile} tile */
export function ground(tile) {
  const scales = scalesOf(tile);
  return h("g", {}, axes(scales, SMALL), stale(tile, scales), band(tile.rows, scales), goals(tile, scales), marks(tile, scales),
    path(tile.other, "light", scales), path(tile.rows, "strong", scales), points(tile.rows, scales, [1.5, 2.4]));
}

/** Where the cursor is. @param {Tile} tile @param {Balance | undefined} row */
export function cursor(tile, row) {
  if (!row) return null;
  const { x, y } = scalesOf(tile);
  return h("g", { class: "cursor", "aria-hidden": "true" },
    h("line", { x1: x(time(row)), x2: x(time(row)), y1: SMALL.top, y2: SMALL.height - SMALL.bottom }),
    row.value === null ? null : h("circle", { cx: x(time(row)), cy: y(row.value), r: 4 }));
}

/**
 * A metric that drifts: its usual level with its interval, since when it is another, and what happened then.
 * @param {{ one: Drifting, rows: Balance[], events: { at: string, text: string }[], until: string, width: number, label: string, on: (words: string) => Record<string, any>, said: (row: Balance) => string, since: string }} of `since`: since when, in words.
 */
export function driftChart({ one, rows, events, until, width, label, on, said, since: words }) {
  const room = large(width);
  const { height, top, bottom } = room;
  const scales = scalesIn(room, [...ends(rows), one.baseline_low, one.baseline_high, one.after], Math.min(Date.parse(one.since), ...[...rows, ...events].map(time)), Date.parse(until));
  const [since, right] = [scales.x(Date.parse(one.since)), width - room.right];
  const before = since > width - 130;
  return h("svg", { class: "drift", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label },
    h("rect", { class: "since", x: since, y: top, width: Math.max(0, right - since), height: height - top - bottom }),
    axes(scales, room), usual(one, scales, room.left, since, right), band(rows, scales), path(rows, "strong", scales),
    points(rows, scales, [2.5, 2.5], (row) => [on(said(row)), h("title", {}, said(row))]),
    h("line", { class: "since-line", x1: since, x2: since, y1: top - 8, y2: height - bottom, "data-at": one.since }),
    h("text", { class: "inside", x: since + (before ? -4 : 4), y: top - 10, "text-anchor": before ? "end" : "start" }, words),
    events.map((event) => happened(event, scales.x(time(event)), on, top, height - bottom)));
}

const digits = (tick) => (Number.isInteger(tick) ? 0 : Number.isInteger(Math.round(tick * 1000) / 100) ? 1 : 2);

function axes({ x, y }, { width, height, left, right, bottom, ticks, write, half }) {
  return h("g", { class: "axes", "aria-hidden": "true" },
    y.ticks(ticks[1]).map((tick) => [
      h("line", { x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
      h("text", { x: left - 5, y: y(tick) + 3.5, "text-anchor": "end" }, number(tick, digits(tick)))]),
    x.ticks(ticks[0]).map((tick) => [
      h("line", { class: "tick", x1: x(tick), x2: x(tick), y1: height - bottom, y2: height - bottom + 4 }),
      // A day of which there is no room to say it whole is a mark alone.
      x(tick) < half || x(tick) > width - half ? null : h("text", { x: x(tick), y: height - 4, "text-anchor": "middle" }, write(tick.toISOString()))]));
}

function band(rows, { x, y }) {
  const draw = area((row) => x(time(row)), (row) => y(row.ci_low), (row) => y(row.ci_high)).defined((row) => row.ci_low !== null && row.value !== null);
  return h("path", { class: "band", d: draw(rows) ?? "" });
}

function path(rows, name, { x, y }) {
  const draw = line((row) => x(time(row)), (row) => y(row.value)).defined((row) => row.value !== null);
  return h("path", { class: name, d: draw(rows) ?? "" });
}

/** Radii: of what is sure, of what is uncertain. `more` gives attributes of a point, and what is in it. */
function points(rows, { x, y }, radii, more = (_) => [{}, null]) {
  return rows.filter((row) => row.value !== null).map((row) => {
    const [attributes, inside] = more(row);
    return h("circle", {
      class: isUncertain(row) ? "uncertain" : "sure", cx: x(time(row)).toFixed(1), cy: y(row.value).toFixed(1), r: radii[Number(isUncertain(row))],
      "data-at": row.at, "data-value": row.value, "data-low": row.ci_low, "data-high": row.ci_high, ...attributes }, inside);
  });
}

/** From a figure that is stale to the next one. */
function stale({ rows }, { x }) {
  return rows.map((row, i) => (row.suppressed === "stale" && i + 1 < rows.length
    ? h("rect", { class: "stale", x: x(time(row)), width: x(time(rows[i + 1])) - x(time(row)), y: SMALL.top, height: SMALL.height - SMALL.top - SMALL.bottom, "data-at": row.at })
    : null));
}

/** What should be reached, from and until when: outside of the period a scale ends at its edge. */
function goals({ targets, from, to }, { x, y }) {
  const rule = (one, level, name) => (level === null ? null : h("line", {
    class: name, x1: x(Date.parse(one.from ?? from)), x2: x(Date.parse(one.to ?? to)), y1: y(level), y2: y(level), "data-level": level }));
  return targets.map((one) => [rule(one, one.internal, "goal"), rule(one, one.customer, "goal customer")]);
}

/** What happened, at the upper edge, by symbols that are explained below. */
function marks(tile, { x }) {
  return tile.marks.map((mark) => h("g", { class: `mark ${mark.kind}`, "data-at": mark.at, "data-kind": mark.kind },
    h("title", {}, mark.texts.join("; ")),
    h("line", { x1: x(time(mark)), x2: x(time(mark)), y1: SMALL.top - 4, y2: SMALL.height - SMALL.bottom }),
    h("text", { x: x(time(mark)), y: SMALL.top - 7, "text-anchor": "middle" }, mark.symbol)));
}

/** The usual level with its interval, and the level since. @param {Drifting} one */
function usual(one, { y }, left, since, right) {
  return [
    h("rect", { class: "usual", x: left, y: y(one.baseline_high), width: right - left, height: Math.max(1, y(one.baseline_low) - y(one.baseline_high)),
      "data-value": one.baseline_value, "data-low": one.baseline_low, "data-high": one.baseline_high }),
    h("line", { class: "usual-line", x1: left, x2: right, y1: y(one.baseline_value), y2: y(one.baseline_value) }),
    one.after === null ? null : h("line", { class: "after", x1: since, x2: right, y1: y(one.after), y2: y(one.after), "data-value": one.after }),
  ];
}

/** What happened, at the lower edge: it can be pointed at. */
const happened = (event, x, on, top, low) => h("g", { class: "occurrence", tabindex: 0, role: "img", "aria-label": event.text, "data-at": event.at, ...on(event.text) },
  h("title", {}, event.text), h("path", { d: `M${x} ${low - 1}l5 9h-10z` }), h("line", { class: "event", x1: x, x2: x, y1: top, y2: low }));
