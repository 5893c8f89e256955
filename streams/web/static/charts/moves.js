// Where departments would move: short-term index across, long-term index up, an arrow from before to after.
import { h } from "../dom.js";
import { departmentName } from "../shared.js";
import { number, t } from "../texts.js";
import { scaleLinear } from "../vendor/d3.js";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [560, 440, 40, 16, 16, 40];
const [MOST, TARGET, TICKS] = [150, 100, [0, 50, 100, 150]];
const ROW = 14;
const x = scaleLinear().domain([0, MOST]).range([LEFT, WIDTH - RIGHT]);
const y = scaleLinear().domain([0, MOST]).range([HEIGHT - BOTTOM, TOP]);

/** @typedef {{ department: string, before?: Scorecard, after?: Scorecard, moves: boolean }} Pair */

/** @param {Scorecard | undefined} card */
const place = (card) => card && card.short_index !== null && card.long_index !== null ? [x(card.short_index), y(card.long_index)] : null;
/** @param {Scorecard | undefined} card */
export const indices = (card) => (card ? `${number(card.short_index)} / ${number(card.long_index)}` : "–");

/** @param {Pair[]} pairs @param {World} world @param {string} label */
export function moves(world, pairs, label) {
  const drawn = pairs.filter(({ before, after }) => place(before) ?? place(after));
  return h("svg", { class: "moves", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    h("defs", {}, h("marker", { id: "head", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, h("path", { d: "M0 0L8 4L0 8Z" }))),
    h("rect", { class: "corner", x: x(TARGET), y: y(TARGET), width: x(MOST) - x(TARGET), height: y(0) - y(TARGET) }),
    TICKS.map((tick) => [h("line", { class: "grid", x1: x(tick), x2: x(tick), y1: y(0), y2: y(MOST) }), h("line", { class: "grid", x1: x(0), x2: x(MOST), y1: y(tick), y2: y(tick) }),
      h("text", { x: x(tick), y: y(0) + 14, "text-anchor": "middle" }, tick), h("text", { x: LEFT - 5, y: y(tick) + 4, "text-anchor": "end" }, tick)]),
    h("path", { class: "goal", d: `M${x(TARGET)} ${y(0)}V${y(MOST)}M${x(0)} ${y(TARGET)}H${x(MOST)}` }),
    h("path", { class: "even", d: `M${x(0)} ${y(0)}L${x(MOST)} ${y(MOST)}` }),
    h("text", { x: x(MOST) - 4, y: y(0) - 6, "text-anchor": "end" }, t("corner_of_later")),
    h("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, `${t("index_short")} →`),
    h("text", { x: LEFT + 4, y: TOP - 4 }, `↑ ${t("index_long")}`),
    drawn.map((pair) => arrow(pair)), names(world, drawn));
}

/** @param {Pair} pair */
function arrow({ department, before, after, moves: isMoved }) {
  const [from, to] = [place(before), place(after)];
  const kind = department === "company" ? "company" : isMoved ? "moved" : "still";
  const written = { "data-department": department, "data-short": after?.short_index, "data-long": after?.long_index, "data-short-before": before?.short_index, "data-long-before": before?.long_index };
  return h("g", { class: kind, ...written },
    from && to && isMoved ? h("path", { class: "arrow", d: `M${from[0]} ${from[1]}L${to[0]} ${to[1]}`, "marker-end": "url(#head)" }) : null,
    from && isMoved ? h("circle", { class: "was", cx: from[0], cy: from[1], r: 5 }) : null,
    to ? h("circle", { class: "is", cx: to[0], cy: to[1], r: isMoved ? 5 : 3.5 }) : null);
}

/** Names stand right of their dots, those of neighbours below each other. @param {World} world @param {Pair[]} drawn */
function names(world, drawn) {
  let last = -Infinity;
  return drawn.map((pair) => ({ pair, at: place(pair.after) ?? place(pair.before) ?? [0, 0] })).sort((a, b) => a.at[1] - b.at[1]).map(({ pair, at }) => {
    last = Math.max(at[1] + 4, last + ROW);
    const left = at[0] > WIDTH * 0.7;
    return h("text", { class: pair.moves ? "name moved" : "name", x: at[0] + (left ? -9 : 9), y: last, "text-anchor": left ? "end" : "start" }, departmentName(world, pair.department));
  });
}
