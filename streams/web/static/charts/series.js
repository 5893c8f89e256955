// A metric over a period: band, line, the other horizon, targets and what happened; nothing is drawn where there is no figure.
import { h } from "../dom.js";
import { isUncertain } from "../shared.js";
import { dayOnly, number } from "../texts.js";
import { area, bisector, line, scaleLinear, scaleUtc } from "../vendor/d3.js";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [380, 170, 44, 14, 20, 20];
const time = (row) => Date.parse(row.at);
const nearest = bisector(time).center;

/** @param {Tile} tile */
export function scalesOf({ rows, other, targets, from, to }) {
  const values = [
    ...rows.flatMap((row) => [row.value, row.ci_low, row.ci_high]), ...other.map((row) => row.value),
    ...targets.flatMap((one) => [one.internal, one.customer]),
  ].filter((one) => one !== null);
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const margin = high > low ? 0 : Math.max(1, Math.abs(low) / 10);
  return {
    x: scaleUtc().domain([Date.parse(from), Date.parse(to)]).range([LEFT, WIDTH - RIGHT]),
    y: scaleLinear().domain([low - margin, high + margin]).nice(4).range([HEIGHT - BOTTOM, TOP]),
  };
}

/** The row nearest to where a pointer is. @param {Tile} tile @param {any} event */
export function rowAt(tile, event) {
  const box = event.currentTarget.getBoundingClientRect();
  const across = ((event.clientX - box.left) / box.width) * WIDTH;
  return tile.rows[nearest(tile.rows, scalesOf(tile).x.invert(across))];
}

/** A picture, with what changes as a cursor moves on top of it. @param {string} label @param {Record<string, any>} pointed @param {any[]} layers */
export const frame = (label, pointed, ...layers) =>
  h("svg", { class: "series", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label, ...pointed }, layers);

/** All of the picture that a cursor does not change. @param {Tile} tile */
export function ground(tile) {
  const scales = scalesOf(tile);
  return h("g", {}, axes(scales), stale(tile, scales), band(tile, scales), goals(tile, scales), marks(tile, scales),
    path(tile.other, "light", scales), path(tile.rows, "strong", scales), points(tile.rows, scales));
}

/** Where the cursor is. @param {Tile} tile @param {Balance | undefined} row */
export function cursor(tile, row) {
  if (!row) return null;
  const { x, y } = scalesOf(tile);
  return h("g", { class: "cursor", "aria-hidden": "true" },
    h("line", { x1: x(time(row)), x2: x(time(row)), y1: TOP, y2: HEIGHT - BOTTOM }),
    row.value === null ? null : h("circle", { cx: x(time(row)), cy: y(row.value), r: 4 }));
}

const digits = (tick) => (Number.isInteger(tick) ? 0 : Number.isInteger(Math.round(tick * 1000) / 100) ? 1 : 2);

function axes({ x, y }) {
  return h("g", { class: "axes", "aria-hidden": "true" },
    y.ticks(3).map((tick) => [
      h("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }),
      h("text", { x: LEFT - 5, y: y(tick) + 3.5, "text-anchor": "end" }, number(tick, digits(tick)))]),
    x.ticks(4).map((tick) => [
      h("line", { class: "tick", x1: x(tick), x2: x(tick), y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM + 4 }),
      h("text", { x: Math.min(x(tick), WIDTH - 20), y: HEIGHT - 4, "text-anchor": "middle" }, dayOnly(tick.toISOString()))]));
}

function band({ rows }, { x, y }) {
  const draw = area((row) => x(time(row)), (row) => y(row.ci_low), (row) => y(row.ci_high)).defined((row) => row.ci_low !== null && row.value !== null);
  return h("path", { class: "band", d: draw(rows) ?? "" });
}

function path(rows, name, { x, y }) {
  const draw = line((row) => x(time(row)), (row) => y(row.value)).defined((row) => row.value !== null);
  return h("path", { class: name, d: draw(rows) ?? "" });
}

function points(rows, { x, y }) {
  return rows.filter((row) => row.value !== null).map((row) => h("circle", {
    class: isUncertain(row) ? "uncertain" : "sure", cx: x(time(row)).toFixed(1), cy: y(row.value).toFixed(1), r: isUncertain(row) ? 2.4 : 1.5,
    "data-at": row.at, "data-value": row.value, "data-low": row.ci_low, "data-high": row.ci_high }));
}

/** From a figure that is stale to the next one. */
function stale({ rows }, { x }) {
  return rows.map((row, i) => (row.suppressed === "stale" && i + 1 < rows.length
    ? h("rect", { class: "stale", x: x(time(row)), width: x(time(rows[i + 1])) - x(time(row)), y: TOP, height: HEIGHT - TOP - BOTTOM, "data-at": row.at })
    : null));
}

/** What should be reached, from and until when. */
function goals({ targets, from, to }, { x, y }) {
  const within = (at, standard) => Math.min(Math.max(Date.parse(at ?? standard), Date.parse(from)), Date.parse(to));
  const rule = (one, level, name) => (level === null ? null : h("line", {
    class: name, x1: x(within(one.from, from)), x2: x(within(one.to, to)), y1: y(level), y2: y(level), "data-level": level }));
  return targets.map((one) => [rule(one, one.internal, "goal"), rule(one, one.customer, "goal customer")]);
}

/** What happened, at the upper edge, by symbols that are explained below. */
function marks(tile, { x }) {
  return tile.marks.map((mark) => h("g", { class: `mark ${mark.kind}`, "data-at": mark.at, "data-kind": mark.kind },
    h("title", {}, mark.texts.join("; ")),
    h("line", { x1: x(time(mark)), x2: x(time(mark)), y1: TOP - 4, y2: HEIGHT - BOTTOM }),
    h("text", { x: x(time(mark)), y: TOP - 7, "text-anchor": "middle" }, mark.symbol)));
}
