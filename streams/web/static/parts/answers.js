// How people answered over a period, a picture for each metric that is made of answers.
import { answerName, answersChart } from "../charts/answers.js";
import { h, table } from "../dom.js";
import { metricName } from "../shared.js";
import { dateIn, day, percent, t, whole } from "../texts.js";

/** The answers at the good end: how many of the last ones, as the metric's formula has it; of CES those above the middle. */
const BEST = { nps: 1, csat: 2, ces: 3 };

/** Their share in the first and in the last stretch that tells answers apart. @param {string} metric @param {AnswersRow[]} rows */
function sentence(metric, rows) {
  const shown = rows.filter((row) => !row.suppressed);
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last) return t("too_few_answers");
  const share = (row) => percent(row.answers.slice(-BEST[metric]).reduce((sum, one) => sum + (one.n ?? 0), 0) / row.n);
  return t("answers_were", { answer: t(`best_${metric}`), first: share(first), from: dateIn("on", first.from), last: share(last), to: dateIn("on", last.from) });
}

/** @param {string} metric @param {AnswersRow[]} rows */
function picture(metric, rows) {
  const title = t("answers_of", { metric: metricName(metric) });
  const label = `${title}: ${sentence(metric, rows)}`;
  return h("article", { class: "multiple", "data-answers": metric }, h("h3", {}, title), h("p", { class: "quiet" }, sentence(metric, rows)),
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
  return h("section", { id: "answers", class: "card", "aria-labelledby": "answers-title", "aria-busy": answer ? null : "true" }, h("h2", { id: "answers-title" }, t("how_answered")),
    answer?.error ? h("p", { class: "alarm" }, t("failed", { error: answer.error })) : null,
    !answer ? h("p", { class: "quiet" }, t("being_read")) : metrics.length
      ? h("div", { class: "multiples" }, metrics.map((metric) => picture(metric, (answer.rows).filter((row) => row.metric === metric))))
      : h("p", { class: "quiet" }, t("no_answers")));
}
