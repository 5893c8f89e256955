// Events that were rejected: how many, why and where from; what they were, and how to send them again.
import * as data from "../data.js";
import { counts, h, section, select, table } from "../dom.js";
import { advice } from "../shared.js";
import { link } from "../state.js";
import { counted, dateIn, moment, percent, t, whole } from "../texts.js";

export const needs = (_, wanted) => ({ refused: data.refused(wanted.reason, wanted.contains.slice(0, LONGEST)), refusedSummary: data.refusedSummary(), seen: data.seen() });

const LONGEST = 100;
const REASONS = ["too_large", "not_json", "unreadable", "unknown_schema", "not_an_object", "missing_field", "bad_type", "bad_value", "unknown_kind", "score_out_of_range", "too_old", "in_future"];

/** The sums of what is alike, the most first. @param {RejectedCount[]} rows @param {(row: RejectedCount) => string} alike */
function sums(rows, alike) {
  /** @type {Map<string, { name: string, events: number, last_at: string }>} */
  const found = new Map();
  for (const row of rows) {
    const sum = found.get(alike(row)) ?? { name: alike(row), events: 0, last_at: "" };
    found.set(sum.name, { ...sum, events: sum.events + row.events, last_at: [sum.last_at, row.last_at].sort()[1] });
  }
  return [...found.values()].sort((a, b) => b.events - a.events || a.name.localeCompare(b.name));
}

/** Bars with their counts, which are a table: a bar is its row's share of the longest. */
function bars(id, title, head, rows, named) {
  const most = Math.max(...rows.map((row) => row.events));
  return section(id, title, table(title, [
    { title: head, head: true, read: named },
    { title: t("rejected_n"), read: (row) => counts(row.events, most, whole) },
    { title: t("newest"), read: (row) => moment(row.last_at) },
  ], rows));
}

/** @param {ReturnType<typeof sums>} reasons @param {ReturnType<typeof sums>} sources */
function sentence(reasons, sources) {
  const total = reasons.reduce((sum, row) => sum + row.events, 0);
  const [first] = reasons;
  return [t("rejected_says", { events: counted("rejected_events", total), reason: first.name, share: percent(first.events / total) }),
    sources.length === 1 ? t("one_source", { source: sources[0].name }) : null,
    t("rejected_newest", { at: dateIn("on", reasons.map((row) => row.last_at).sort().at(-1), moment) })].filter(Boolean).join(" ");
}

/** @param {World} world @returns {Shown} */
export function show(world) {
  const rows = world.refusedSummary;
  const { reason, contains } = world.state;
  if (!rows.length) return { rows: [], nodes: section("view", t("refused"), reasonForm(world), advice(t("none_refused")), seen(world)) };
  const [reasons, sources] = [sums(rows, (row) => row.reason), sums(rows, (row) => `${row.topic}[${row.partition}]`)];
  const redrive = `cxb redrive${reason ? ` --reason ${reason}` : ""}`;
  return {
    rows: world.refused,
    nodes: h("div", {},
      section("view", t("refused"), h("p", {}, h("strong", {}, sentence(reasons, sources)))),
      h("div", { class: "pair" },
        bars("by-reason", t("by_reason"), t("reason"), reasons, (row) => h("a", { href: link(world.state, { reason: row.name }) }, row.name)),
        bars("by-source", t("by_source"), t("source"), sources, (row) => row.name)),
      section("latest", t("latest_rejected"), reasonForm(world),
        h("p", { class: "quiet" }, t("send_again"), " ", h("code", {}, `${redrive} --dry-run`), t("and_then"), h("code", {}, redrive)),
        world.refused.length ? table(t("latest_rejected"), [
          { title: t("when"), read: (row) => moment(row.rejected_at) },
          { title: t("reason"), read: (row) => row.reason },
          { title: t("detail"), read: (row) => row.detail },
          { title: t("source"), read: (row) => `${row.topic}[${row.partition}]@${row.offset}` },
          { title: t("payload"), read: (row) => h("code", {}, row.payload.slice(0, 300)) },
        ], world.refused) : h("p", {}, t(contains || reason ? "none_match" : "none_refused"))),
      seen(world)),
  };
}

/** @param {World} world */
const seen = ({ seen: { rows } }) => rows.length ? section("seen", t("seen"), table(t("seen"), [
  { title: t("seen_name"), head: true, read: (row) => row.name }, { title: t("seen_like"), read: (row) => row.like },
  { title: t("source"), read: (row) => row.source }, { title: t("rejected_n"), number: true, read: (row) => whole(row.events) },
], rows)) : null;

/** @param {World} world */
const reasonForm = ({ state }) => h("form", {},
  select(t("reason"), "reason", [["", t("all")], ...REASONS.map((one) => [one, one])], state.reason),
  h("label", {}, t("search"), " ", h("input", { type: "search", name: "contains", maxlength: LONGEST, key: state.contains, defaultValue: state.contains })));
