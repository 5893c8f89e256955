// Hand-offs as a flow from left to right: how many, and how satisfied people are behind it.
import { h } from "../dom.js";
import { block } from "../parts/owners.js";
import { departmentName } from "../shared.js";
import { number, percent, t } from "../texts.js";
import { sankey, sankeyLinkHorizontal } from "../vendor/d3.js";

const [NODE, PAD, ROW] = [12, 12, 46];
const BY_KEYBOARD = 12;

/** Whether customers fare worse or better behind a hand-off, beyond noise. @param {GovernanceRow | undefined} gap */
export const verdictOf = (gap) => !gap || gap.ci_low === null || gap.ci_high === null ? "unclear" : gap.ci_high < 0 ? "worse" : gap.ci_low > 0 ? "better" : "unclear";

/** The hand-offs of a period, the greatest first. @param {GovernanceRow[]} figures */
export function handOffs(figures) {
  const gaps = Object.fromEntries(figures.filter((row) => row.measure === "hand_off_like_gap").map((row) => [row.subject, row]));
  return figures.filter((row) => row.measure === "transitions" && row.value > 0).map((row) => {
    const [from, to] = row.subject.split(" > ");
    return { from, to, value: row.value, gap: gaps[row.subject], verdict: verdictOf(gaps[row.subject]) };
  }).filter((one) => one.from !== one.to).sort((a, b) => b.value - a.value);
}

/** @param {World} world @param {ReturnType<typeof handOffs>[number]} one */
export const handOffInWords = (world, { from, to, value, gap, verdict }) => t("hand_off_said", {
  from: departmentName(world, from), to: departmentName(world, to), share: percent(value), verdict: t(`hand_off_${verdict}`),
  gap: gap ? ` (${number(gap.value, 2)}${gap.ci_low === null ? "" : `; ${number(gap.ci_low, 2)} … ${number(gap.ci_high, 2)}`})` : "",
});

/** @param {World} world @param {{ pairs: ReturnType<typeof handOffs>, width: number, label: string, on: (words: string) => Record<string, any> }} of */
export function flow(world, { pairs, width, label, on }) {
  const sides = ["from", "to"].map((side) => [...new Set(pairs.map((pair) => pair[side]))]);
  const height = 24 + ROW * Math.max(...sides.map((side) => side.length));
  // A department is there twice, once on each side: a flow has no way back.
  const nodes = sides.flatMap((ids, side) => ids.map((id) => ({ key: `${side} ${id}`, id, side })));
  const links = pairs.map((pair) => ({ source: `0 ${pair.from}`, target: `1 ${pair.to}`, value: pair.value, pair }));
  /** @type {any} What d3 sets can be set in any order. */
  const layout = sankey();
  const drawn = layout.nodeId((node) => node.key).nodeWidth(NODE).nodePadding(PAD).extent([[1, 24], [width - 1, height - 2]])({ nodes, links });
  return h("svg", { class: "flow", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label },
    h("text", { class: "side", x: 0, y: 14 }, t("flow_from")), h("text", { class: "side", x: width, y: 14, "text-anchor": "end" }, t("flow_to")),
    drawn.links.map((link, i) => ribbon(world, link, i, on)), drawn.nodes.map((node) => place(world, node)));
}

function ribbon(world, link, i, on) {
  const words = handOffInWords(world, link.pair);
  const reached = i < BY_KEYBOARD || link.pair.verdict !== "unclear" ? { tabindex: 0, role: "img", "aria-label": words } : { "aria-hidden": "true" };
  return h("path", { class: `ribbon ${link.pair.verdict}`, d: sankeyLinkHorizontal()(link), "stroke-width": Math.max(1, link.width), ...reached, ...on(words),
    "data-value": link.pair.value, "data-from": link.pair.from, "data-to": link.pair.to, "data-gap": link.pair.gap?.value }, h("title", {}, words));
}

const place = (world, node) => h("g", {},
  block(world, node.id, { x: node.x0, y: node.y0, width: node.x1 - node.x0, height: Math.max(1, node.y1 - node.y0) }),
  h("text", { class: "inside", x: node.side ? node.x0 - 5 : node.x1 + 5, y: (node.y0 + node.y1) / 2 + 4, "text-anchor": node.side ? "end" : "start" }, departmentName(world, node.id)));
