// Two ends of one thing in each row, with their intervals and the gap between them; on one scale of 0 to 100 %, or each row on its own.
import { h } from "../dom.js";
import { percent } from "../texts.js";
import { scaleLinear } from "../vendor/d3.js";

const [ROW, NAME, LINE, AXIS, SIDE, APART] = [44, 14, 29, 20, 12, 3];
/** Below it a picture is drawn smaller: a name and what is read of it have to fit into a line. */
const NARROWEST = 340;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/**
 * @typedef {{ value: number | null, ci_low?: number | null, ci_high?: number | null, isUncertain: boolean, data: Record<string, any> }} End
 * @typedef {{ name: string, reading: string, words: string, ends: (End | null)[], verdict?: string, metric?: string, goal?: number | null }} Pair
 * @param {{ rows: Pair[], width: number, label: string, on: (words: string) => Record<string, any>, isShare?: boolean }} of
 */
export function dumbbells({ rows, width: given, label, on, isShare = false }) {
  const width = Math.max(NARROWEST, given);
  const range = [SIDE, width - SIDE];
  const share = isShare ? scaleLinear().domain([0, 1]).range(range) : null;
  const height = rows.length * ROW + (share ? AXIS : 0);
  return h("svg", { class: "dumbbells", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label },
    share ? TICKS.map((tick) => [h("line", { class: "tick", x1: share(tick), x2: share(tick), y1: 0, y2: height - AXIS }),
      h("text", { x: share(tick), y: height - 5, "text-anchor": tick === 0 ? "start" : tick === 1 ? "end" : "middle" }, percent(tick))]) : null,
    rows.map((row, i) => pair(row, i * ROW + NAME, i * ROW + LINE, width, share ?? scaleOf(row).range(range), on)));
}

/** @param {Pair} row */
function scaleOf({ ends, goal }) {
  const values = [...ends.flatMap((one) => [one?.value, one?.ci_low, one?.ci_high]), goal].filter((one) => typeof one === "number");
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return scaleLinear().domain(high > low ? [low, high] : [low - 1, high + 1]);
}

/** @param {Pair} row */
function pair({ name, reading, words, ends, verdict, metric, goal }, top, y, width, x, on) {
  const [from, to] = ends.map((one) => one?.value ?? null);
  return h("g", { class: `pair-of ${verdict ?? ""}`, "data-metric": metric, ...on(words) }, h("title", {}, words),
    h("text", { class: "name", x: 0, y: top }, name), h("text", { class: "reading", x: width, y: top, "text-anchor": "end" }, reading),
    h("line", { class: "rail", x1: SIDE, x2: width - SIDE, y1: y, y2: y }),
    typeof goal === "number" ? h("line", { class: "goal", x1: x(goal), x2: x(goal), y1: y - 9, y2: y + 9 }) : null,
    from === null || to === null ? null : h("line", { class: "between", x1: x(from), x2: x(to), y1: y, y2: y }),
    ends.map((end, i) => mark(end, i === 0, x, y)));
}

/** A diamond for where it comes from, a dot for where it is. @param {End | null} end */
function mark(end, isFrom, x, y) {
  if (!end || end.value === null) return null;
  const { value, ci_low: low = null, ci_high: high = null, isUncertain, data } = end;
  const side = isFrom ? "from" : "to";
  const own = { ...data, class: `${side}${isUncertain ? " uncertain" : ""}`, "data-value": value, "data-low": low, "data-high": high };
  const beside = y + (isFrom ? -APART : APART);
  return [low === null || high === null ? null : h("line", { class: `whisker ${side}`, x1: x(low), x2: x(high), y1: beside, y2: beside }),
    isFrom ? h("path", { ...own, d: `M${x(value)} ${y - 8}l8 8-8 8-8-8z` }) : h("circle", { ...own, cx: x(value), cy: y, r: 6 })];
}
