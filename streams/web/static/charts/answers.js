// How people answered: of each stretch of a period the shares of the answers, the worst below.
import { h } from "../dom.js";
import { dayOnly, number, t } from "../texts.js";
import { scaleLinear, scaleUtc } from "../vendor/d3.js";

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [380, 170, 44, 88, 8, 20];

export const answerName = (answer) => t(/^\d+$/.test(answer) ? "score_n" : answer, { n: answer });

/** @param {AnswersRow[]} rows Of one metric, oldest first. @param {string} label */
export function answersChart(rows, label) {
  const x = scaleUtc().domain([Date.parse(rows[0].from), Date.parse(rows[rows.length - 1].to)]).range([LEFT, WIDTH - RIGHT]);
  const y = scaleLinear().domain([0, 1]).range([HEIGHT - BOTTOM, TOP]);
  return h("svg", { class: "shares", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    [0, 0.5, 1].map((tick) => h("text", { x: LEFT - 5, y: y(tick) + 3.5, "text-anchor": "end", "aria-hidden": "true" }, `${number(100 * tick, 0)} %`)),
    x.ticks(3).map((tick) => h("text", { x: x(tick), y: HEIGHT - 4, "text-anchor": "middle", "aria-hidden": "true" }, dayOnly(tick.toISOString()))),
    rows.map((row) => column(row, x, y)), legend(rows));
}

/** @param {AnswersRow} row */
function column(row, x, y) {
  if (row.suppressed) return null;
  const [left, right] = [x(Date.parse(row.from)), x(Date.parse(row.to))];
  let below = 0;
  return row.answers.map(({ answer, n }, position) => {
    const base = below / row.n;
    below += n ?? 0;
    const name = `${answerName(answer)}: ${number((100 * (n ?? 0)) / row.n)} % (${number(n, 0)} / ${number(row.n, 0)})`;
    return h("rect", { class: colourOf(position, row.answers.length), x: left, width: Math.max(0.5, right - left - 0.7), y: y(below / row.n), height: y(base) - y(below / row.n),
      "data-from": row.from, "data-to": row.to, "data-answer": answer, "data-n": n }, h("title", {}, `${dayOnly(row.from)}: ${name}`));
  });
}

/** A colour by rank: w1 (the worst) to w3, m (in the middle), b3 to b1 (the best). */
function colourOf(position, count) {
  const middle = (count - 1) / 2;
  if (position === middle) return "m";
  const far = position < middle ? position : count - 1 - position;
  return `${position < middle ? "w" : "b"}${1 + Math.round((far * 2) / Math.max(1, middle - 1))}`;
}

/** The answers by name, as they lie above each other. */
function legend(rows) {
  const { answers } = rows[0];
  const height = (HEIGHT - TOP - BOTTOM) / answers.length;
  return h("g", { "aria-hidden": "true" }, answers.map(({ answer }, position) => {
    const y = HEIGHT - BOTTOM - (position + 0.5) * height;
    return [h("rect", { class: colourOf(position, answers.length), x: WIDTH - RIGHT + 8, y: y - 4.5, width: 9, height: 9 }),
      h("text", { x: WIDTH - RIGHT + 21, y: y + 3.5 }, answerName(answer))];
  }));
}
