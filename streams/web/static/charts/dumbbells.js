// Two ends of one thing on a scale of 0 to 100 %, declared and found, and the gap between them.
import { h } from "../dom.js";
import { measureKey } from "../measures.js";
import * as shared from "../shared.js";
import { percent } from "../texts.js";
import { scaleLinear } from "../vendor/d3.js";

const [ROW, NAME, LINE, AXIS, SIDE] = [42, 14, 26, 20, 12];
const isUncertain = (row) => row.uncertain || shared.isUncertain(row);

/** @param {{ rows: { name: string, declared: number, found: GovernanceRow, words: string }[], width: number, label: string, on: (words: string) => Record<string, any> }} of */
export function dumbbells({ rows, width, label, on }) {
  const x = scaleLinear().domain([0, 1]).range([SIDE, width - SIDE]);
  const height = rows.length * ROW + AXIS;
  return h("svg", { class: "dumbbells", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label },
    [0, 0.25, 0.5, 0.75, 1].map((tick) => [h("line", { class: "tick", x1: x(tick), x2: x(tick), y1: 0, y2: height - AXIS }),
      h("text", { x: x(tick), y: height - 5, "text-anchor": tick === 0 ? "start" : tick === 1 ? "end" : "middle" }, percent(tick))]),
    rows.map((row, i) => pair(row, i * ROW, x, on)));
}

function pair({ name, declared, found, words }, y, x, on) {
  const middle = y + LINE;
  return h("g", { class: "pair-of", ...on(words) }, h("title", {}, words), h("text", { class: "name", x: 0, y: y + NAME }, name),
    h("line", { class: "gap", x1: x(found.value), x2: x(declared), y1: middle, y2: middle }),
    found.ci_low === null || found.ci_high === null ? null : h("line", { class: "whisker", x1: x(found.ci_low), x2: x(found.ci_high), y1: middle, y2: middle }),
    h("path", { class: "declared", d: `M${x(declared)} ${middle - 7}l7 7l-7 7l-7 -7z`, "data-declared": declared }),
    h("circle", { class: isUncertain(found) ? "found uncertain" : "found", cx: x(found.value), cy: middle, r: 6, "data-measure": measureKey(found), "data-value": found.value, "data-low": found.ci_low, "data-high": found.ci_high }));
}
