// An index over some weeks, as high as a line of text: band, target, last value.
import { h } from "../dom.js";
import { dateIn, number, t } from "../texts.js";
import { area, line, scaleLinear } from "../vendor/d3.js";

const [WIDTH, HEIGHT, EDGE, TARGET] = [88, 26, 4, 100];

/** The lowest and the highest of all sparklines of a table, which can be compared so. @param {Scorecard[]} cards @returns {[number, number]} */
export function commonRange(cards) {
  const values = cards.flatMap((card) => [card.short_index, card.long_index]).filter((one) => one !== null);
  return [Math.min(TARGET, ...values), Math.max(TARGET, ...values)];
}

/** @param {Scorecard[]} cards Of a department, oldest first. @param {Horizon} term @param {[number, number]} range @param {string} name @param {boolean} isUncertain Of the last. */
export function sparkline(cards, term, range, name, isUncertain) {
  const points = cards.filter((card) => card[`${term}_index`] !== null)
    .map((card) => ({ at: card.at, value: card[`${term}_index`], low: card[`${term}_ci_low`], high: card[`${term}_ci_high`] }));
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return null;
  const x = scaleLinear().domain([Date.parse(cards[0].at), Date.parse(cards[cards.length - 1].at)]).range([EDGE, WIDTH - EDGE]);
  const y = scaleLinear().domain(range).range([HEIGHT - EDGE, EDGE]).clamp(true);
  const across = (point) => x(Date.parse(point.at));
  const label = t("spark_of", { department: name, term: t(`axis_${term}`), first: number(first.value), from: dateIn("on", first.at), last: number(last.value), to: dateIn("on", last.at) });
  const known = points.filter((point) => point.low !== null);
  return h("svg", { class: `spark ${term}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, role: "img", "aria-label": label },
    h("path", { class: "band", d: area(across, (point) => y(point.low), (point) => y(point.high))(known) }),
    h("line", { class: "goal", x1: 0, x2: WIDTH, y1: y(TARGET), y2: y(TARGET) }),
    h("path", { class: "line", d: line(across, (point) => y(point.value))(points) }),
    points.map((point) => h("circle", { class: point === last ? (isUncertain ? "last uncertain" : "last") : "week", cx: across(point), cy: y(point.value), r: point === last ? 3 : 1,
      "data-at": point.at, "data-value": point.value, "data-low": point.low, "data-high": point.high })));
}
