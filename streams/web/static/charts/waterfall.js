// What each group adds to a change: bars that begin where the last one ended, so that they add up to it.
import { h } from "../dom.js";
import { number, signed } from "../texts.js";
import { scaleLinear } from "../vendor/d3.js";

const [ROW, BAR, NAME, SIDE, FIGURE] = [34, 12, 16, 4, 52];

/** The greatest ones, and the rest as one. @param {Contribution[]} parts @param {number} most @param {string} rest Its name. */
export function most(parts, most, rest) {
  if (parts.length <= most) return parts.map((part) => ({ ...part, isRest: false }));
  const left = parts.slice(most - 1);
  return [...parts.slice(0, most - 1).map((part) => ({ ...part, isRest: false })),
    { group: rest, isRest: true, change: left.reduce((sum, part) => sum + (part.change ?? 0), 0), before: null, after: null, share: left.reduce((sum, part) => sum + (part.share ?? 0), 0) }];
}

/** @param {{ before: number, after: number, parts: ReturnType<typeof most>, words: { before: string, after: string }, named: (part: any) => string, width: number, label: string, on: (words: string) => Record<string, any> }} of */
export function waterfall({ before, after, parts, words, named, width, label, on }) {
  let reached = before;
  const steps = parts.map((part) => {
    const from = reached;
    reached += part.change ?? 0;
    return { from, to: reached, part, name: named(part) };
  });
  const levels = [before, after, ...steps.map((step) => step.to)];
  const x = scaleLinear().domain([Math.min(...levels), Math.max(...levels)]).range([SIDE, width - FIGURE]);
  const height = (steps.length + 2) * ROW;
  const level = (name, value, i) => h("g", {}, h("text", { class: "name", x: 0, y: i * ROW + NAME - 4 }, name),
    h("line", { class: "level", x1: x(value), x2: x(value), y1: i * ROW + NAME, y2: i * ROW + NAME + BAR }), h("text", { x: x(value) + 6, y: i * ROW + NAME + 10 }, number(value)));
  return h("svg", { class: "waterfall", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label },
    level(words.before, before, 0), steps.map((step, i) => bar(step, (i + 1) * ROW, x, on)), level(words.after, after, steps.length + 1));
}

function bar({ from, to, part, name }, y, x, on) {
  const [left, right] = [Math.min(x(from), x(to)), Math.max(x(from), x(to))];
  const change = signed(to - from, 2);
  return h("g", { ...on(`${name}: ${change}`) }, h("title", {}, `${name}: ${change}`),
    h("line", { class: "tick", x1: x(from), x2: x(from), y1: y - ROW + NAME, y2: y + NAME + BAR }), h("text", { x: 0, y: y + NAME - 4 }, name),
    h("rect", { class: to < from ? "less" : "greater", x: left, y: y + NAME, width: Math.max(1, right - left), height: BAR, "data-group": part.isRest ? "" : part.group, "data-value": part.change }),
    h("text", { x: right + 4, y: y + NAME + 10 }, change));
}
