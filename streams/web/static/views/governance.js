// The view Governance: who owns the experience, measured against the policy that the company declares.
import * as data from "../data.js";
import { h, table } from "../dom.js";
import { measured, measureKey, measureName, span, subjectName } from "../measures.js";
import { statements } from "../parts/statements.js";
import { advice, areFew, departmentName, metricName, touchpointName } from "../shared.js";
import { instant, sinceOf } from "../state.js";
import { number, t, whole } from "../texts.js";

const FINDINGS = ["accountable", "effective_owners_above_policy", "orphan", "no_sponsor", "no_responsibility", "new_silo", "opposed_programs", "redundant_programs"];
const STAGES = ["before", "during", "after", ""];
const CHANNELS = ["online", "offline", ""];
const SECTIONS = [lines, terms, dispersion, perceived, coverage, handOffs, credit, cases, spending, changes];

export const needs = () => ({});
// Both pass over a whole period: until they have come, the view says so.
export const later = (at, wanted) => {
  const [since, { view, lang }] = [instant(sinceOf(wanted)), wanted];
  return { governance: data.governance(since, at, view), report: data.report(since, at, view, lang) };
};
export const NOT_YET = { governance: [], report: null };

/** @param {World} world @returns {Shown} */
export function show(world) {
  if (!world.report) return { rows: [], nodes: [period(world), h("p", { class: "quiet", "aria-busy": "true" }, t("being_read"))] };
  const found = Object.fromEntries(world.governance.map((row) => [measureKey(row), row]));
  const it = {
    world,
    rows: (...measures) => world.governance.filter((row) => measures.includes(row.measure)),
    show: (measure, subject = "") => measured(world, found[`${measure}|${subject}`]),
    of: (measure, subject = "") => found[`${measure}|${subject}`],
  };
  return {
    rows: world.governance,
    nodes: [
      period(world),
      h("p", { class: "quiet" }, t("policy_is", { policy: t(world.registry.policy) }), " ", h("a", { href: report(world) }, t("report"))),
      statements(world.report, world),
      h("details", { id: "all" }, h("summary", {}, t("every_figure_below")), h("div", { class: "pair" }, SECTIONS.map((section) => section(it))), everything(world)),
    ],
  };
}

/** @param {World} world */
const period = (world) => h("form", { key: "period" }, h("label", {}, t("since_at"), " ", h("input", { type: "datetime-local", name: "since", key: world.since, defaultValue: world.since })));

/** The same period, to be printed. @param {World} world */
function report({ state, since, until }) {
  return `/api/v1/report?${new URLSearchParams({ format: "html", lang: state.lang, view: state.view, from: `${since}:00Z`, to: until })}`;
}

const subjects = (rows) => [...new Set(rows.map((row) => row.subject))];
const titled = (name, ...children) => h("section", { id: name, "aria-labelledby": `${name}-title` }, h("h2", { id: `${name}-title` }, t(name)), children);
const list = (it, rows) => rows.length ? h("ul", {}, rows.map((row) => h("li", {}, measureName(row.measure), row.subject ? ` · ${subjectName(it.world, row)}` : "", ": ", measured(it.world, row)))) : null;
const column = (it, measure) => ({ title: measureName(measure), number: true, read: (subject) => it.show(measure, subject) });
const bySubject = (it, name, title, read, measures) => {
  const rows = subjects(it.rows(...measures));
  return rows.length ? table(t(name), [{ title: t(title), head: true, read }, ...measures.map((one) => column(it, one))], rows) : null;
};

function lines(it) {
  const lacks = it.rows(...FINDINGS);
  return titled("lines", list(it, it.rows("clear_lines", "orphan_events", "coordination", "churn")),
    h("h3", {}, t("findings")), lacks.length ? list(it, lacks) : h("p", { class: "quiet" }, t("no_findings")),
    h("details", {}, h("summary", {}, t("m_completeness")), list(it, it.rows("completeness"))));
}

function dispersion(it) {
  const name = (subject) => subjectName(it.world, { measure: "effective_owners", subject });
  return titled("dispersion", bySubject(it, "dispersion", "of", name, ["effective_owners", "entropy"]));
}

function terms(it) {
  const weights = it.world.governance.filter((row) => row.measure.startsWith("long_term_weight")).sort((a, b) => Number(a.subject !== "") - Number(b.subject !== ""));
  const target = (metric) => it.world.registry.targets.find((one) => one.metric === metric && one.department === null);
  const metrics = subjects(it.rows("success_learnt"));
  return titled("terms", list(it, weights), metrics.length ? table(t("terms"), [
    { title: t("metric"), head: true, read: metricName },
    { title: t("target"), number: true, read: (metric) => number(target(metric)?.internal) },
    { title: t("customer_target"), number: true, read: (metric) => number(target(metric)?.customer) },
    column(it, "success_learnt"), column(it, "expectation_gap"),
  ], metrics) : advice(t("no_success")));
}

function handOffs(it) {
  const pairs = subjects(it.rows("transitions")).map((subject) => subject.split(" > "));
  const [givers, takers] = [0, 1].map((side) => [...new Set(pairs.map((pair) => pair[side]))].sort());
  // Like with like: a hand-off leads to other touchpoints than a step inside, and some are liked less by everybody.
  const gap = (pair) => it.of("hand_off_like_gap", pair) ? [h("br"), h("small", {}, it.show("hand_off_like_gap", pair))] : null;
  const overall = ["hand_off_share", "ei_index", "hand_off_satisfaction_gap", "departments_per_journey", "hand_offs_per_journey"];
  return titled("handoffs", pairs.length ? [list(it, overall.map((one) => it.of(one)).filter(Boolean)), h("p", { class: "quiet" }, t("handoffs_note")),
    table(t("handoffs"), [
      { title: t("giver"), head: true, read: (giver) => departmentName(it.world, giver) },
      ...takers.map((taker) => ({
        title: departmentName(it.world, taker), number: true, read: (giver) => [it.show("transitions", `${giver} > ${taker}`), gap(`${giver} > ${taker}`)],
      })),
    ], givers)] : advice(t("no_handoffs")));
}

function credit(it) {
  const rules = [...new Set(it.world.governance.map((row) => row.measure).filter((name) => name.startsWith("credit_")))];
  return titled("credit", rules.length ? [h("p", { class: "quiet" }, t("credit_note")),
    bySubject(it, "credit", "department", (id) => departmentName(it.world, id), rules)] : advice(t("no_handoffs")));
}

function perceived(it) {
  const shown = bySubject(it, "perceived", "touchpoint", (subject) => subjectName(it.world, { measure: "dont_know", subject }),
    ["perception_agreement", "perception_distance", "dont_know"]);
  return titled("perceived", shown ? [shown, list(it, it.rows("kappa"))] : advice(t("nobody_asked")));
}

// The touchpoints of each stage and channel, the least heard first.
function coverage(it) {
  const known = Object.fromEntries(it.world.registry.touchpoints.map((one) => [one.id, one]));
  const heard = it.rows("answers").sort((a, b) => a.n_eff - b.n_eff);
  const inside = (stage, channel) => heard.filter(({ subject }) => (known[subject]?.stage ?? "") === stage && (known[subject]?.channel ?? "") === channel);
  const one = (row) => h("li", {}, touchpointName(it.world, row.subject), ": ", measured(it.world, row),
    it.of("bad_share", row.subject) ? [" (", it.show("bad_share", row.subject), ")"] : null,
    areFew(row.n_eff) ? h("span", { class: "alarm" }, ` ${t("unheard")}`) : null);
  const channels = CHANNELS.filter((channel) => STAGES.some((stage) => inside(stage, channel).length));
  const stages = STAGES.filter((stage) => CHANNELS.some((channel) => inside(stage, channel).length));
  const word = (text) => t(text || "undeclared");
  return titled("coverage", h("p", { class: "quiet" }, t("unheard_note")), heard.length ? table(t("coverage"), [
    { title: t("stage"), head: true, read: word },
    ...channels.map((channel) => ({ title: word(channel), read: (stage) => h("ul", {}, inside(stage, channel).map(one)) })),
  ], stages) : advice(t("no_facts")));
}

function cases(it) {
  const measures = ["open_cases", "oldest_case_s", "time_to_close_s", "resolved", "confirmed_by_customer"];
  return titled("cases", bySubject(it, "cases", "department", (id) => departmentName(it.world, id), measures) ?? advice(t("no_cases")));
}

function spending(it) {
  const rows = it.rows("hidden_spend", "cost_per_promoter");
  return rows.length ? titled("spending", list(it, rows)) : null;
}

function changes(it) {
  const shown = bySubject(it, "changes_of_owner", "touchpoint", (subject) => subjectName(it.world, { measure: "change_moved", subject }),
    ["change_moved", "change_effect", "change_trend_before", "change_synthetic", "change_placebo_p", "change_leads_p"]);
  const weeks = list(it, it.rows("change_week"));
  return shown ? titled("changes_of_owner", shown, weeks ? h("details", {}, h("summary", {}, t("m_change_week")), weeks) : null) : null;
}

/** @param {World} world */
const everything = (world) => h("section", { id: "figures" }, h("details", {}, h("summary", {}, t("every_figure")), table(t("every_figure"), [
  { title: t("measure"), head: true, read: (row) => measureName(row.measure) },
  { title: t("of"), read: (row) => subjectName(world, row) },
  { title: t("value"), number: true, read: (row) => measured(world, row) },
  { title: t("interval"), number: true, read: span },
  { title: "n", number: true, read: (row) => whole(row.n) },
  { title: "n_eff", number: true, read: (row) => number(row.n_eff) },
], world.governance)));
