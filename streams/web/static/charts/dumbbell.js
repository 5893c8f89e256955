// Two figures of each metric with their intervals, one row a metric, each row on a scale of its own.
import { h } from "../dom.js";
import { isUncertain } from "../shared.js";
import { scaleLinear } from "../vendor/d3.js";

const [WIDTH, ROW, LEFT, RIGHT, BAR, APART] = [420, 52, 12, 12, 36, 4];

/**
 * @typedef {{ metric: string, name: string, text: string, verdict: string, before: Balance | undefined, after: Balance | undefined, goal: number | null }} Pair
 * @param {Pair[]} pairs @param {string} label
 */
export const dumbbells = (pairs, label) => h("svg", { class: "dumbbells", viewBox: `0 0 ${WIDTH} ${pairs.length * ROW}`, role: "img", "aria-label": label },
  pairs.map((pair, i) => h("g", { transform: `translate(0 ${i * ROW})`, class: pair.verdict, "data-metric": pair.metric }, row(pair))));

/** @param {Pair} pair */
function row({ name, text, before, after, goal }) {
  const figures = [before, after].filter((one) => one && one.value !== null);
  const title = [h("text", { class: "name", x: LEFT, y: 18 }, name), h("text", { class: "reading", x: WIDTH - RIGHT, y: 18, "text-anchor": "end" }, text)];
  if (!figures.length) return title;
  const values = [...figures.flatMap((one) => [one?.value, one?.ci_low, one?.ci_high]), goal].filter((one) => one !== null && one !== undefined);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = scaleLinear().domain(high > low ? [low, high] : [low - 1, high + 1]).range([LEFT + 6, WIDTH - RIGHT - 6]);
  return [title,
    h("line", { class: "rail", x1: LEFT, x2: WIDTH - RIGHT, y1: BAR, y2: BAR }),
    goal === null ? null : h("line", { class: "goal", x1: x(goal), x2: x(goal), y1: BAR - 9, y2: BAR + 9 }),
    before && after && before.value !== null && after.value !== null ? h("line", { class: "between", x1: x(before.value), x2: x(after.value), y1: BAR, y2: BAR }) : null,
    mark(x, before, "was", BAR - APART), mark(x, after, "is", BAR + APART)];
}

/** @param {(value: number | null) => number} x @param {Balance | undefined} one @param {string} when @param {number} y */
function mark(x, one, when, y) {
  if (!one || one.value === null) return null;
  return [one.ci_low === null ? null : h("line", { class: `whisker ${when}`, x1: x(one.ci_low), x2: x(one.ci_high), y1: y, y2: y }),
    h(when === "was" ? "rect" : "circle", { ...(when === "was" ? { x: x(one.value) - 4.5, y: BAR - 4.5, width: 9, height: 9 } : { cx: x(one.value), cy: BAR, r: 5.5 }),
      class: `${when}${isUncertain(one) ? " uncertain" : ""}`, "data-at": one.at, "data-value": one.value, "data-low": one.ci_low, "data-high": one.ci_high })];
}
