// How people answered over a period, a picture for each metric that is made of answers.
import { answerName, answersChart } from "../charts/answers.js";
import { h, table } from "../dom.js";
import { metricName } from "../shared.js";
import { dateIn, day, number, t, whole } from "../texts.js";

/** The share of the answers at one end, of the first and of the last stretch that tells them apart. @param {AnswersRow[]} rows */
function sentence(rows) {
  const shown = rows.filter((row) => !row.suppressed);
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last) return t("too_few_answers");
  const share = (row) => `${number((100 * (row.answers[0].n ?? 0)) / row.n, 0)} %`;
  return t("answers_were", { answer: answerName(first.answers[0].answer), first: share(first), from: dateIn("on", first.from), last: share(last), to: dateIn("on", last.from) });
}

/** @param {string} metric @param {AnswersRow[]} rows */
function picture(metric, rows) {
  const title = t("answers_of", { metric: metricName(metric) });
  const label = `${title}: ${sentence(rows)}`;
  return h("article", { class: "tile", "data-answers": metric }, h("h3", {}, title), h("p", { class: "quiet" }, sentence(rows)),
    rows.some((row) => !row.suppressed) ? answersChart(rows, label) : null,
    h("details", {}, h("summary", {}, t("as_table")), table(title, [
      { title: t("when"), head: true, read: (row) => `${day(row.from)}` },
      ...rows[0].answers.map(({ answer }, i) => ({ title: answerName(answer), number: true, read: (row) => (row.suppressed ? t("why_n_eff<5") : whole(row.answers[i].n)) })),
      { title: "n", number: true, read: (row) => whole(row.n) },
    ], rows)));
}

/** @param {{ rows: AnswersRow[], error: string } | null} answer */
export function answers(answer) {
  const metrics = [...new Set((answer?.rows ?? []).map((row) => row.metric))];
  return h("section", { id: "answers", class: "card", "aria-labelledby": "answers-title" }, h("h2", { id: "answers-title" }, t("how_answered")),
    answer?.error ? h("p", { class: "alarm" }, t("failed", { error: answer.error })) : null,
    !answer ? h("p", { class: "quiet" }, t("being_read")) : metrics.length
      ? h("div", { class: "tiles" }, metrics.map((metric) => picture(metric, (answer.rows).filter((row) => row.metric === metric))))
      : h("p", { class: "quiet" }, t("no_answers")));
}
