// A figure with its interval on a line that the rows of a table share.
import { h } from "../dom.js";
import { isUncertain } from "../shared.js";
import { scaleLinear } from "../vendor/d3.js";

const [WIDTH, HEIGHT, EDGE] = [160, 18, 6];

/** What the rows of a table lie between. @param {Figure[]} rows @param {number[]} levels */
export function sharedScale(rows, levels) {
  const values = [...rows.flatMap((row) => [row.value, row.ci_low, row.ci_high]), ...levels].filter((one) => one !== null);
  return scaleLinear().domain(values.length ? [Math.min(...values), Math.max(...values)] : [0, 1]).range([EDGE, WIDTH - EDGE]);
}

/** The same figures stand beside it, so that it is for the eye alone. @param {Figure} row @param {any} x @param {number | null} goal */
export function span(row, x, goal) {
  if (row.value === null) return null;
  const middle = HEIGHT / 2;
  return h("svg", { class: "span", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" },
    goal === null ? null : h("line", { class: "goal", x1: x(goal), x2: x(goal), y1: 0, y2: HEIGHT }),
    row.ci_low === null ? null : h("line", { class: "whisker", x1: x(row.ci_low), x2: x(row.ci_high), y1: middle, y2: middle }),
    h("circle", { class: isUncertain(row) ? "uncertain" : "sure", cx: x(row.value), cy: middle, r: 4, "data-value": row.value, "data-low": row.ci_low, "data-high": row.ci_high }));
}
