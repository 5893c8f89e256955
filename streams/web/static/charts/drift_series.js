// A metric that drifts: its way, the usual level with its interval, since when it is another, and what happened then.
import { h } from "../dom.js";
import { isUncertain } from "../shared.js";
import { day, number } from "../texts.js";
import { area, line, scaleLinear, scaleUtc } from "../vendor/d3.js";

const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [230, 44, 10, 26, 22];
const time = (row) => Date.parse(row.at);

/** @param {Drifting} one @param {Balance[]} rows @param {{ at: string }[]} events @param {string} until @param {number} width */
function scales(one, rows, events, until, width) {
  const values = [...rows.flatMap((row) => [row.value, row.ci_low, row.ci_high]), one.baseline_low, one.baseline_high, one.after].filter((value) => value !== null);
  const begin = Math.min(Date.parse(one.since), ...[...rows, ...events].map(time));
  return {
    x: scaleUtc().domain([begin, Date.parse(until)]).range([LEFT, width - RIGHT]).clamp(true),
    y: scaleLinear().domain([Math.min(...values), Math.max(...values)]).nice(4).range([HEIGHT - BOTTOM, TOP]),
  };
}

/** @param {{ one: Drifting, rows: Balance[], events: { at: string, text: string }[], until: string, width: number, label: string, on: (words: string) => Record<string, any>, said: (row: Balance) => string, since: string }} of `since`: since when, in words. */
export function driftChart({ one, rows, events, until, width, label, on, said, since: words }) {
  const { x, y } = scales(one, rows, events, until, width);
  const [since, right] = [x(Date.parse(one.since)), width - RIGHT];
  /** @type {any} What d3 sets can be set in any order. */
  const [band, way] = [area(), line()];
  band.defined((row) => row.ci_low !== null).x((row) => x(time(row))).y0((row) => y(row.ci_low)).y1((row) => y(row.ci_high));
  way.defined((row) => row.value !== null).x((row) => x(time(row))).y((row) => y(row.value));
  return h("svg", { class: "drift", viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "group", "aria-label": label },
    h("rect", { class: "since", x: since, y: TOP, width: Math.max(0, right - since), height: HEIGHT - TOP - BOTTOM }),
    y.ticks(4).map((tick) => [h("line", { class: "tick", x1: LEFT, x2: right, y1: y(tick), y2: y(tick) }), h("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, number(tick, tick % 1 ? 1 : 0))]),
    x.ticks(Math.max(2, Math.round(width / 130))).map((tick) => h("text", { x: Math.min(x(tick), width - 78), y: HEIGHT - 6 }, day(tick.toISOString()))),
    usual(one, { x, y, right }),
    h("path", { class: "band", d: band(rows) }),
    h("path", { class: "strong", d: way(rows) }),
    rows.filter((row) => row.value !== null).map((row) => h("circle", { class: isUncertain(row) ? "uncertain" : null, cx: x(time(row)), cy: y(row.value), r: 2.5,
      "data-at": row.at, "data-value": row.value, "data-low": row.ci_low, "data-high": row.ci_high, ...on(said(row)) }, h("title", {}, said(row)))),
    h("line", { class: "since-line", x1: since, x2: since, y1: TOP - 8, y2: HEIGHT - BOTTOM, "data-at": one.since }),
    h("text", { class: "inside", x: since + (since > width - 130 ? -4 : 4), y: TOP - 10, "text-anchor": since > width - 130 ? "end" : "start" }, words),
    events.map((event) => mark(event, x(Date.parse(event.at)), on)));
}

/** The usual level with its interval, and the level since. @param {Drifting} one */
function usual(one, { x, y, right }) {
  const since = x(Date.parse(one.since));
  return [
    h("rect", { class: "usual", x: LEFT, y: y(one.baseline_high), width: right - LEFT, height: Math.max(1, y(one.baseline_low) - y(one.baseline_high)),
      "data-value": one.baseline_value, "data-low": one.baseline_low, "data-high": one.baseline_high }),
    h("line", { class: "usual-line", x1: LEFT, x2: right, y1: y(one.baseline_value), y2: y(one.baseline_value) }),
    one.after === null ? null : h("line", { class: "after", x1: since, x2: right, y1: y(one.after), y2: y(one.after), "data-value": one.after }),
  ];
}

const mark = (event, x, on) => h("g", { class: "change", tabindex: 0, role: "img", "aria-label": event.text, "data-at": event.at, ...on(event.text) },
  h("title", {}, event.text), h("path", { d: `M${x} ${HEIGHT - BOTTOM - 1}l5 9h-10z` }), h("line", { class: "event", x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM }));
