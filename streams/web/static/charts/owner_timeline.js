// Owners over time: a bar for each touchpoint or slice, and a mark where it changed hands.
import { h } from "../dom.js";
import { block } from "../parts/owners.js";
import { sliceName } from "../parts/ownership.js";
import { departmentName, touchpointName } from "../shared.js";
import { day } from "../texts.js";
import { scaleUtc } from "../vendor/d3.js";

const [ROW, BAR, NAME, AXIS] = [40, 16, 15, 22];
const DAY_MS = 86_400_000;
const LETTER = 6.5;

/** From half a year before, or the first change if that is earlier, to the instant, or the last change if that is later. */
export function rangeOf(changes, until) {
  const times = changes.map((one) => Date.parse(one.at));
  const end = Math.max(Date.parse(until), ...times.map((time) => time + 14 * DAY_MS));
  return [Math.min(end - 180 * DAY_MS, ...times.map((time) => time - 30 * DAY_MS)), end];
}

/**
 * @param {World} world
 * @param {{ lines: { row: TouchpointRow, slice: TouchpointSlice }[], range: number[], width: number, label: string, on: (words: string) => Record<string, any>, said: (change: any) => string }} of
 */
export function ownerTimeline(world, { lines, range, width, label, on, said }) {
  const x = scaleUtc().domain(range).range([0, width]).clamp(true);
  const height = AXIS + lines.length * ROW;
  const now = x(Date.parse(world.until));
  return h("svg", { class: "timeline", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label },
    x.ticks(Math.max(2, Math.round(width / 120))).map((tick) => h("g", {},
      h("line", { class: "tick", x1: x(tick), x2: x(tick), y1: AXIS - 4, y2: height }),
      h("text", { x: Math.min(x(tick), width - 76), y: 12 }, day(tick.toISOString())))),
    lines.map(({ row, slice }, i) => bars(world, { row, slice, y: AXIS + i * ROW, x, on, said })),
    h("line", { class: "now", x1: now, x2: now, y1: AXIS - 4, y2: height }));
}

function bars(world, { row, slice, y, x, on, said }) {
  const [first, last] = x.domain().map(Number);
  const name = touchpointName(world, row.touchpoint) + (row.slices.length > 1 ? ` · ${sliceName(row, slice)}` : "");
  return h("g", {}, h("text", { class: "name", x: 0, y: y + NAME - 4 }, name), slice.periods.map((period, i) => {
    const [begin, end] = [period.from ? Date.parse(period.from) : first, period.to ? Date.parse(period.to) : last];
    const [left, right] = [x(begin), x(end)];
    const label = departmentName(world, period.owner);
    const change = i ? { row, slice, at: period.from, from: slice.periods[i - 1].owner, to: period.owner, before: slice.periods[i - 1].shares, after: period.shares } : null;
    return h("g", {},
      right > left ? block(world, period.owner, { x: left, y: y + NAME, width: right - left, height: BAR, "data-owner": period.owner, "data-touchpoint": row.touchpoint, "data-from": period.from, "data-to": period.to }) : null,
      right - left > label.length * LETTER + 8 ? h("text", { class: "inside", x: left + 5, y: y + NAME + 12 }, label) : null,
      change && begin >= first ? h("g", { class: "occurrence", tabindex: 0, role: "img", "aria-label": said(change), "data-at": period.from, ...on(said(change)) },
        h("title", {}, said(change)), h("path", { d: `M${left} ${y + NAME - 3}l5 -7h-10zm0 0v${BAR + 6}` })) : null);
  }));
}
