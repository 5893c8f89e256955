// One measure of several things as bars from 0, each with its interval.
import { h } from "../dom.js";
import { measureKey } from "../measures.js";
import { number } from "../texts.js";
import { scaleLinear } from "../vendor/d3.js";

const [ROW, NAME, BAR, SIDE] = [36, 14, 12, 44];

/** @param {{ rows: { name: string, figure: GovernanceRow, words: string }[], width: number, label: string, on: (words: string) => Record<string, any> }} of */
export function figureBars({ rows, width, label, on }) {
  const x = scaleLinear().domain([0, Math.max(1, ...rows.map(({ figure }) => figure.ci_high ?? figure.value))]).range([0, width - SIDE]);
  const height = rows.length * ROW;
  return h("svg", { class: "figure-bars", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label },
    rows.map(({ name, figure, words }, i) => h("g", { ...on(words) }, h("title", {}, words), h("text", { class: "name", x: 0, y: i * ROW + NAME - 2 }, name),
      h("rect", { class: figure.uncertain ? "uncertain" : null, x: 0, y: i * ROW + NAME + 2, width: Math.max(1, x(figure.value)), height: BAR, "data-measure": measureKey(figure), "data-value": figure.value, "data-low": figure.ci_low, "data-high": figure.ci_high }),
      figure.ci_low === null || figure.ci_high === null ? null : h("line", { class: "whisker", x1: x(figure.ci_low), x2: x(figure.ci_high), y1: i * ROW + NAME + 2 + BAR / 2, y2: i * ROW + NAME + 2 + BAR / 2 }),
      h("text", { x: x(figure.ci_high ?? figure.value) + 6, y: i * ROW + NAME + 12 }, number(figure.value, 2)))));
}
