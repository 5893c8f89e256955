// The balance map: short-term index across, long-term index up; a dot for each department, and where it came from.
import { h } from "../dom.js";
import { areFew, departmentName } from "../shared.js";
import { link } from "../state.js";
import { number, t } from "../texts.js";
import { line, scaleLinear } from "../vendor/d3.js";
import { labelPlaces } from "./labels.js";

const [MOST, TARGET, TICKS] = [150, 100, [0, 50, 100, 150]];
const [LEFT, RIGHT, TOP, BOTTOM] = [48, 12, 20, 58];
/** So far beyond an axis stand departments of which the other term has no figure. */
const BESIDE = 12;
const TERMS = ["short_index", "long_index"];
const LETTER = 7;
const LONGEST = 24;

/** Whether too little is behind one of the two indices, or one has no interval. @param {Scorecard} card */
export const isUncertain = (card) => ["short", "long"].some((term) => isUncertainIn(card, term));
/** @param {Scorecard} card @param {string} term */
export const isUncertainIn = (card, term) => card[`${term}_index`] !== null && (card[`${term}_ci_low`] === null || areFew(card[`${term}_n_eff`]));

/** Whether it has a place: a department with one index stands next to the axis of the other. @param {Scorecard} card */
const hasPlace = (card) => card.short_index !== null || card.long_index !== null;
/** Whether both indices have a figure. @param {Scorecard} card */
export const isOnMap = (card) => card.short_index !== null && card.long_index !== null;

/** Where the two indices lie, in words. @param {World} world @param {Scorecard} card */
export const described = (world, card) => t("map_point", {
  department: departmentName(world, card.department), short: withInterval(card, "short"), long: withInterval(card, "long"),
});

const withInterval = (card, term) => {
  const [low, high] = [card[`${term}_ci_low`], card[`${term}_ci_high`]];
  return low === null ? number(card[`${term}_index`]) : `${number(card[`${term}_index`])} (${number(low, 0)} … ${number(high, 0)})`;
};

const shorten = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/**
 * @param {World} world
 * @param {{ cards: Scorecard[], tails: Map<string, Scorecard[]>, myopic: Set<string>, width: number, label: string, chosen: string, choose: (id: string) => void }} of
 */
export function balanceMap(world, { cards, tails, myopic, width, label, chosen, choose }) {
  const height = Math.round(Math.min(width * 0.86, 420));
  const [across, up] = [scaleLinear().domain([0, MOST]).range([LEFT, width - RIGHT]), scaleLinear().domain([0, MOST]).range([height - BOTTOM, TOP])];
  const x = (value) => (value === null ? LEFT - BESIDE : across(value));
  const y = (value) => (value === null ? height - BOTTOM + BESIDE : up(value));
  const frame = { x: LEFT, y: TOP, width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
  // The company is named first: it is what every other is compared with.
  const drawn = cards.filter(hasPlace).sort((a, b) => rank(a) - rank(b));
  const names = drawn.map((card) => shorten(departmentName(world, card.department)) + (myopic.has(card.department) ? ` · ${t("myopic")}` : ""));
  const points = drawn.map((card, i) => ({ x: x(card.short_index), y: y(card.long_index), width: names[i].length * LETTER }));
  const places = labelPlaces(points, frame);
  return h("svg", { class: "map", viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": label },
    ground(x, y, width, height),
    drawn.map((card) => tail(card, tails.get(card.department) ?? [], x, y)),
    drawn.map((card, i) => dot(world, card, { point: points[i], place: places[i], name: names[i], x, y, isMyopic: myopic.has(card.department), isChosen: chosen === card.department, choose })));
}

/** @param {Scorecard} card */
const rank = (card) => (card.department === "company" ? 0 : isOnMap(card) ? 1 : 2);

/** What the dots are seen against. */
function ground(x, y, width, height) {
  const rule = (x1, y1, x2, y2, name) => h("line", { class: name, x1: x(x1), y1: y(y1), x2: x(x2), y2: y(y2) });
  const roomy = width >= 380;
  return h("g", { "aria-hidden": "true" },
    h("rect", { class: "later", x: x(TARGET), y: y(TARGET), width: x(MOST) - x(TARGET), height: y(0) - y(TARGET) }),
    TICKS.map((tick) => [
      rule(tick, 0, tick, MOST, "grid"), rule(0, tick, MOST, tick, "grid"),
      h("text", { x: x(tick), y: y(0) + 2 * BESIDE + 13, "text-anchor": "middle" }, tick),
      h("text", { x: 22, y: y(tick) + 4, "text-anchor": "end" }, tick)]),
    h("rect", { class: "beside", x: x(0) - 2 * BESIDE, y: y(MOST), width: 2 * BESIDE, height: y(0) - y(MOST) }),
    h("rect", { class: "beside", x: x(0), y: y(0), width: x(MOST) - x(0), height: 2 * BESIDE }),
    rule(TARGET, 0, TARGET, MOST, "goal"), rule(0, TARGET, MOST, TARGET, "goal"), rule(0, 0, MOST, MOST, "even"),
    t("corner_later").split(", ").map((part, i, parts) => h("text", { class: "corner later", x: x(MOST) - 5, y: y(0) - 6 - 13 * (parts.length - 1 - i), "text-anchor": "end" }, i < parts.length - 1 ? `${part},` : part)),
    roomy ? h("text", { class: "corner", x: x(0) + 5, y: y(MOST) + 14 }, t("corner_now")) : null,
    roomy ? h("text", { class: "corner", x: x(MOST) - 5, y: y(MOST) + 14, "text-anchor": "end" }, t("corner_both")) : null,
    h("text", { class: "axis", x: x(MOST), y: height - 6, "text-anchor": "end" }, `${t("axis_short")} →`),
    h("text", { class: "axis", x: 4, y: TOP - 8 }, `↑ ${t("axis_long")}`));
}

/** Where a department came from: its last weeks, the older the fainter. */
function tail(card, weeks, x, y) {
  // Of a department next to an axis, along that axis.
  const stops = [...weeks.filter((week) => hasPlace(week) && TERMS.every((term) => (week[term] === null) === (card[term] === null))), card];
  const draw = line((one) => x(one.short_index), (one) => y(one.long_index));
  return h("g", { class: `tail ${sideOf(card)}`, "data-tail": card.department, "aria-hidden": "true" },
    stops.slice(1).map((stop, i) => h("path", { d: draw([stops[i], stop]), "stroke-opacity": (0.15 + 0.65 * (i + 1) / stops.length).toFixed(2) })),
    stops.slice(0, -1).map((stop, i) => h("circle", { cx: x(stop.short_index), cy: y(stop.long_index), r: 1.8, "fill-opacity": (0.2 + 0.65 * (i + 1) / stops.length).toFixed(2), "data-at": stop.at, "data-short": stop.short_index, "data-long": stop.long_index })));
}

const sideOf = (card) => card.department === "company" ? "company" : card.long_index === null || (card.short_index ?? -1) > card.long_index ? "short" : "long";

function dot(world, card, { point, place, name, x, y, isMyopic, isChosen, choose }) {
  const whisker = (x1, y1, x2, y2) => h("line", { class: "whisker", x1, y1, x2, y2 });
  const pointed = { onMouseEnter: () => choose(card.department), onMouseLeave: () => choose(""), onFocus: () => choose(card.department), onBlur: () => choose("") };
  const kind = ["dot", sideOf(card), isOnMap(card) ? "" : "one-term", isUncertain(card) ? "uncertain" : "", isMyopic ? "myopic" : "", isChosen ? "chosen" : ""].filter(Boolean).join(" ");
  return h("a", { class: kind, href: link(world.state, { page: "department", department: card.department }), "aria-label": described(world, card), ...pointed,
    "data-department": card.department, "data-short": card.short_index, "data-long": card.long_index,
    "data-short-low": card.short_ci_low, "data-short-high": card.short_ci_high, "data-long-low": card.long_ci_low, "data-long-high": card.long_ci_high },
    card.short_ci_low === null ? null : whisker(x(card.short_ci_low), point.y, x(card.short_ci_high), point.y),
    card.long_ci_low === null ? null : whisker(point.x, y(card.long_ci_low), point.x, y(card.long_ci_high)),
    isMyopic ? h("circle", { class: "ring", cx: point.x, cy: point.y, r: 9.5 }) : null,
    card.department === "company" ? h("rect", { class: "mark", x: point.x - 5.5, y: point.y - 5.5, width: 11, height: 11, transform: `rotate(45 ${point.x} ${point.y})` })
      : h("circle", { class: "mark", cx: point.x, cy: point.y, r: isOnMap(card) ? 5.5 : 4 }),
    place?.far ? h("line", { class: "lead", x1: point.x, y1: point.y, x2: place.x, y2: place.y }) : null,
    place ? h("text", { class: "name", x: place.x, y: place.y + 4, "text-anchor": place.anchor }, name) : null);
}
