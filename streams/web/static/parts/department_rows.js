// A row for each department: its two indices over twelve weeks, what changed, what drifts.
import { isUncertainIn } from "../charts/balance_map.js";
import { commonRange, sparkline } from "../charts/sparkline.js";
import { h, section, table } from "../dom.js";
import { departmentLink, departmentName, metricName } from "../shared.js";
import { link } from "../state.js";
import { dayOnly, moment, number, signed, t } from "../texts.js";

const ANSWERS = ["nps", "csat", "ces"];
const MOST_MARKS = 2;
/** Answers older than this are pointed out. */
const OLD_MS = 14 * 86_400_000;

/** @param {World} world @param {string} chosen @param {(id: string) => void} choose */
export function departmentRows(world, chosen, choose) {
  // The company first, then those that lean most to the short term.
  const order = (card) => card.department === "company" ? -1e9 : card.department === "unowned" ? 1e9 : card.outcome_balance ?? 1e8;
  const cards = [...world.scorecards].sort((a, b) => order(a) - order(b));
  const weeks = new Map(cards.map((card) => [card.department, [...(world.history ?? []).filter((one) => one.department === card.department), card]]));
  const range = commonRange([...weeks.values()].flat());
  const pointed = (card) => ({ onMouseEnter: () => choose(card.department), onMouseLeave: () => choose(""), class: chosen === card.department ? "chosen" : null });
  const index = (term) => ({ title: t(`axis_${term}`), read: (card) => h("div", { class: "index" },
    sparkline(weeks.get(card.department) ?? [], term, range, departmentName(world, card.department), isUncertainIn(card, term)),
    h("span", { class: "now", "data-value": card[`${term}_index`] }, number(card[`${term}_index`])), changed(world, card, term), rests(card, term)) });
  return section("departments", t("departments"),
    table(t("departments"), [
      { title: t("department"), head: true, read: (card) => h("div", pointed(card), departmentLink(world, card.department), marks(world, card)) },
      index("short"), index("long"),
      { title: t("newest_answer"), read: (card) => newest(world, card) },
    ], cards),
    h("p", { class: "quiet small" }, t("rows_key"), " ", t("attainment_note")),
    twin(world, cards, weeks));
}

/** That an index rests on a single metric of several. @param {Scorecard} card @param {Horizon} term */
const rests = (card, term) => card[`${term}_metrics`] === 1 && card[`${term}_targets`] > 1
  ? h("small", { class: "quiet", title: t("one_metric", { n: card[`${term}_targets`] }) }, `1/${card[`${term}_targets`]}`, h("span", { class: "unseen" }, ` ${t("one_metric", { n: card[`${term}_targets`] })}`)) : null;

/** The change of an index, loud where it is beyond noise. @param {World} world @param {Scorecard} card @param {Horizon} term */
function changed(world, card, term) {
  if (!world.headline) return null;
  const one = world.headline.changes.find((change) => change.department === card.department && change.term === term);
  if (!one) return card[`${term}_index`] === null ? null : h("span", { class: "quiet change", title: t("not_compared") }, "?", h("span", { class: "unseen" }, ` ${t("not_compared")}`));
  const noise = t(one.beyond_noise ? "change_beyond" : "change_within");
  const text = t("against_four_weeks", { change: signed(one.change), low: signed(one.ci_low), high: signed(one.ci_high), noise });
  return h("span", { class: one.beyond_noise ? `change ${one.change > 0 ? "up" : "down"}` : "quiet change", title: text, "data-change": one.change, "data-beyond": String(one.beyond_noise) },
    one.beyond_noise ? `${one.change > 0 ? "▲" : "▼"} ` : "", signed(one.change), h("span", { class: "unseen" }, ` ${noise}`));
}

/** What drifts, and whether it is myopic. @param {World} world @param {Scorecard} card */
function marks(world, card) {
  const drifting = world.drifting.filter((one) => one.department === card.department);
  const isMyopic = world.headline?.myopic.includes(card.department);
  if (!drifting.length && !isMyopic) return null;
  return h("span", { class: "marks" },
    isMyopic ? h("span", { class: "tag myopic", title: t("myopic_means") }, t("myopic")) : null,
    drifting.slice(0, MOST_MARKS).map((one) => h("a", { class: `tag ${one.state}`, href: link(world.state, { page: "drift" }), title: t("metric_drifts", { metric: metricName(one.metric), state: t(one.state) }) },
      one.state === "up" ? "▲ " : "▼ ", metricName(one.metric))),
    drifting.length > MOST_MARKS ? h("a", { class: "tag", href: link(world.state, { page: "drift" }) }, `+${drifting.length - MOST_MARKS}`) : null);
}

/** @param {World} world @param {Scorecard} card */
function newest(world, card) {
  const times = world.balances.filter((row) => row.department === card.department && ANSWERS.includes(row.metric) && row.last_at).map((row) => row.last_at);
  const last = times.sort().at(-1);
  const isOld = last && Date.parse(card.at) - Date.parse(last) > OLD_MS;
  return last ? h("time", { class: isOld ? "alarm" : null, datetime: last, title: moment(last) }, dayOnly(last)) : "–";
}

/** The same weeks as the sparklines and the map have. @param {World} world @param {Scorecard[]} cards @param {Map<string, Scorecard[]>} weeks */
function twin(world, cards, weeks) {
  const rows = cards.flatMap((card) => weeks.get(card.department) ?? []);
  const span = (card, term) => card[`${term}_ci_low`] === null ? "–" : `${number(card[`${term}_ci_low`])} … ${number(card[`${term}_ci_high`])}`;
  return h("details", {}, h("summary", {}, t("weeks_as_table")), table(t("weeks_as_table"), [
    { title: t("department"), head: true, read: (card) => departmentName(world, card.department) },
    { title: t("week_of"), read: (card) => moment(card.at) },
    { title: t("short"), number: true, read: (card) => number(card.short_index) },
    { title: t("interval"), number: true, read: (card) => span(card, "short") },
    { title: t("long"), number: true, read: (card) => number(card.long_index) },
    { title: t("interval"), number: true, read: (card) => span(card, "long") },
    { title: t("balance"), number: true, read: (card) => number(card.outcome_balance) },
  ], rows));
}
