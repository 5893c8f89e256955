// How a metric went over a period: a picture, and the same figures as a table.
import { h, select, table } from "../dom.js";
import { absent, advice, interval, metricName, targetOf, unit } from "../shared.js";
import { METRICS } from "../state.js";
import { dateIn, day, number, t } from "../texts.js";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 200, 8, 8, 16, 20];
const UNCERTAIN_BELOW = 30;

/** Stretches of points that have a figure: nothing is drawn across a gap. @param {Balance[]} points @returns {Balance[][]} */
function stretches(points) {
  /** @type {Balance[][]} */
  const found = [[]];
  for (const point of points) {
    if (point.value === null) found.push([]);
    else found[found.length - 1].push(point);
  }
  return found.filter((stretch) => stretch.length);
}

/** @param {Balance[]} shown @param {number[]} levels What else must be seen. */
function scales(shown, levels) {
  const times = shown.map((point) => Date.parse(point.at));
  const values = [...shown.flatMap((point) => [point.value, point.ci_low, point.ci_high]), ...levels].filter((one) => one !== null);
  const [begin, end, low, high] = [Math.min(...times), Math.max(...times), Math.min(...values), Math.max(...values)];
  return {
    begin, end, low, high,
    x: (at) => LEFT + (WIDTH - LEFT - RIGHT) * (end > begin ? (Date.parse(at) - begin) / (end - begin) : 0.5),
    y: (value) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (high > low ? (value - low) / (high - low) : 0.5),
  };
}

const path = (corners, closed = false) => `M${corners.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}${closed ? "Z" : ""}`;
const isUncertain = (point) => point.n_eff < UNCERTAIN_BELOW || point.ci_low === null;

/** @param {Balance[]} points On the horizon of the metric's term. @param {Balance[]} other On the other one. @param {Target | undefined} target @param {string} label */
function picture(points, other, target, label) {
  const { x, y, low, high } = scales([...points, ...other], target ? [target.internal] : []);
  const line = (of, name) => stretches(of).map((one) => h("path", { class: name, d: path(one.map((point) => [x(point.at), y(point.value)])) }));
  const bands = stretches(points.map((point) => (point.ci_low === null ? { ...point, value: null } : point)));
  return h("svg", { class: "trend", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    bands.map((one) => h("path", { class: "band", d: path([
      ...one.map((point) => [x(point.at), y(point.ci_high)]), ...[...one].reverse().map((point) => [x(point.at), y(point.ci_low)])], true) })),
    target ? h("path", { class: "goal", d: path([[LEFT, y(target.internal)], [WIDTH - RIGHT, y(target.internal)]]) }) : null,
    line(other, "light"), line(points, "strong"),
    points.filter((point) => point.value !== null).map((point) => h("circle", {
      class: isUncertain(point) ? "uncertain" : null, cx: x(point.at).toFixed(1), cy: y(point.value).toFixed(1), r: 2.5,
      "data-at": point.at, "data-value": point.value, "data-low": point.ci_low, "data-high": point.ci_high })),
    h("text", { x: LEFT, y: TOP - 5 }, number(high)), h("text", { x: LEFT, y: HEIGHT - BOTTOM + 14 }, number(low)));
}

/** @param {Balance} point */
const written = (point) => (point.suppressed ? absent(point) : `${number(point.value)}${point.ci_low === null ? "" : ` (${interval(point)})`}`);

/** The metric that the address names, of the chosen department. @param {World} world @param {string} name Of the department. */
export function trend(world, name) {
  const { metric } = world.state;
  const { rows, error } = world.trend;
  const points = rows.filter((row) => row.horizon === row.term);
  const other = rows.filter((row) => row.horizon !== row.term);
  const title = `${metricName(metric)} (${unit(world, metric)})`;
  const [first, last] = [points[0], points.at(-1)];
  const sentence = last ? t("trend_was", { metric: metricName(metric), department: name, first: written(first), from: dateIn("on", first.at), last: written(last), to: dateIn("on", last.at) }) : "";
  const drawn = rows.some((row) => row.value !== null);
  return h("section", { id: "trend", "aria-labelledby": "trend-title" }, h("h2", { id: "trend-title" }, t("trend_of", { metric: title })),
    h("form", {}, select(t("metric"), "metric", METRICS.map((one) => [one, metricName(one)]), metric)),
    error ? h("p", { class: "alarm" }, t("failed", { error })) : null,
    last ? h("p", {}, sentence) : error ? null : advice(t("no_trend")),
    drawn && last ? picture(points, other, targetOf(world, last.department, metric), sentence) : null,
    last ? [h("p", { class: "quiet" }, t("trend_note")), h("details", {}, h("summary", {}, t("as_table")), table(t("trend_of", { metric: title }), [
      { title: t("when"), head: true, read: (row) => day(row.at) },
      { title: t("value"), number: true, read: (row) => (row.suppressed ? absent(row) : number(row.value)) },
      { title: t("interval"), number: true, read: (row) => interval(row) },
      { title: "n_eff", number: true, read: (row) => number(row.n_eff) },
    ], points))] : null);
}
