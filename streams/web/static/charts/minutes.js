// A line over the last minutes, from 0 up; what has no figure is a gap.
import { h } from "../dom.js";
import { number } from "../texts.js";
import { line, scaleLinear } from "../vendor/d3.js";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [360, 110, 6, 6, 18, 8];

/** @param {{ at: number, value: number | null }[]} points @param {{ label: string, begin: number, end: number, kind: string }} how */
export function minutes(points, { label, begin, end, kind }) {
  const most = Math.max(...points.map((one) => one.value ?? 0), Number.MIN_VALUE);
  const x = scaleLinear().domain([begin, Math.max(end, begin + 1)]).range([LEFT, WIDTH - RIGHT]);
  const y = scaleLinear().domain([0, most]).range([HEIGHT - BOTTOM, TOP]);
  const draw = line((one) => x(one.at), (one) => y(one.value)).defined((one) => one.value !== null);
  return h("svg", { class: `minutes ${kind}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    h("line", { class: "ground", x1: LEFT, x2: WIDTH - RIGHT, y1: y(0), y2: y(0) }),
    h("path", { d: draw(points) ?? "" }),
    points.filter((one) => one.value !== null).map((one) => h("circle", { cx: x(one.at).toFixed(1), cy: y(one.value).toFixed(1), r: 2, "data-at": one.at, "data-value": one.value })),
    h("text", { x: LEFT, y: TOP - 6 }, most > 1e-9 ? number(most, most < 10 ? 2 : 0) : "0"));
}
