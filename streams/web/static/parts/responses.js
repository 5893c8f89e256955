// How many of the invitations to a survey were answered, in all and by touchpoint; nothing where nobody was invited.
import { sharedScale, span } from "../charts/span.js";
import { h, table } from "../dom.js";
import { absent, departmentName, interval, isUncertain, touchpointName } from "../shared.js";
import { dateIn, number, t, whole } from "../texts.js";

/** The rate as it is said. @param {ResponseRow} row */
const rate = (row) => (row.suppressed ? absent(row) : `${number(row.value)} % (${interval(row)})`);
/** What is counted instead, where most invitations name no customer. @param {ResponseRow} row */
const basis = (row) => (row.basis === "counts" ? h("small", {}, ` (${t("by_counts")})`) : null);
const least = (row) => row.value ?? Number.POSITIVE_INFINITY;

/** @param {World} world @param {string} chosen The department. @param {Answer<ResponseRow>} answer */
export function responses(world, chosen, answer) {
  if (!answer?.rows.length && !answer?.error) return null;
  const all = answer.rows.find((row) => !row.touchpoint);
  const rows = answer.rows.filter((row) => row.touchpoint).sort((a, b) => least(a) - least(b));
  const x = sharedScale(rows, []);
  // Of the whole company a touchpoint may stand there more than once, with each owner that it had.
  const name = (row) => touchpointName(world, row.touchpoint) + (chosen === "company" ? ` · ${departmentName(world, row.department)}` : "");
  return h("section", { id: "responses", class: "card", "aria-labelledby": "responses-title" }, h("h2", { id: "responses-title" }, t("response_rate")),
    answer.error ? h("p", { class: "alarm" }, t("failed", { error: answer.error })) : null,
    all ? h("p", {}, t("responses_were", { from: dateIn("from", all.from), to: dateIn("to", all.to), answered: whole(all.answered), n: whole(all.n), rate: rate(all), open: whole(all.open) }), basis(all)) : null,
    rows.length ? table(t("response_rate"), [
      { title: t("touchpoint"), head: true, read: name },
      { title: `${number(x.domain()[0])} … ${number(x.domain()[1])}`, read: (row) => span(row, x, null) },
      { title: `${t("value")} (%)`, number: true, read: (row) => [row.suppressed ? absent(row) : number(row.value), !row.suppressed && isUncertain(row) ? h("small", {}, ` ${t("uncertain")}`) : null] },
      { title: t("interval"), number: true, read: interval },
      { title: t("answered_of"), number: true, read: (row) => [`${whole(row.answered)} / ${whole(row.n)}`, basis(row)] },
      { title: t("open_invitations"), number: true, read: (row) => whole(row.open) },
    ], rows) : null);
}
