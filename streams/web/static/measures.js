// A figure of governance: how its value reads, what its subject is called, and the button that explains it.
import { h } from "./dom.js";
import { departmentName, metricName, touchpointName } from "./shared.js";
import { known, number, percent, t, whole } from "./texts.js";

const DAY_S = 86_400;
const inDays = (value) => (value === null ? "–" : t("days", { n: number(value / DAY_S) }));
const signed = (value) => (value > 0 ? "+" : "") + number(value, 2);
const said = () => t("yes");
const READ = {
  no_sponsor: said, no_responsibility: said,
  coordination: percent, clear_lines: percent, orphan_events: percent, perception_agreement: percent, dont_know: percent,
  bad_share: percent, resolved: percent, confirmed_by_customer: percent, hand_off_share: percent, transitions: percent,
  hidden_spend: percent, new_silo: percent, completeness: percent, redundant_programs: whole, opposed_programs: whole, accountable: whole, orphan: whole, answers: whole, open_cases: whole,
  oldest_case_s: inDays, time_to_close_s: inDays, hand_off_satisfaction_gap: signed, hand_off_like_gap: signed, long_term_weight_gap: signed, change_moved: signed, change_effect: signed, change_synthetic: signed,
  change_placebo_p: (value) => number(value, 3),
  change_trend_before: (value) => number(value, 4), success_learnt: number, expectation_gap: number,
};
const OF_TOUCHPOINTS = ["accountable", "effective_owners_above_policy", "orphan", "no_sponsor", "answers", "bad_share",
  "perception_distance", "perception_agreement", "dont_know", "change_moved", "change_effect", "change_trend_before",
  "change_synthetic", "change_placebo_p"];
const WORDS = ["touchpoints", "events", "spend", "cases", "alerts", "before", "during", "after", "online", "offline"];

/** A value as the measure is read: a share in percent, a time in days, an index as a number. */
export function reading(measure, value) {
  const read = READ[measure] ?? (/^(credit_|long_term_weight_(declared|lived)$)/.test(measure) ? percent : (one) => number(one, 2));
  return read(value);
}

export const measureName = (measure) => (known(`m_${measure}`) ? t(`m_${measure}`) : measure);
export const measureKey = (row) => `${row.measure}|${row.subject}`;

/** What a figure is of, in words; names come from the registry. @param {World} world @param {{measure: string, subject: string}} row */
export function subjectName(world, { measure, subject }) {
  if (!subject) return t("the_company");
  if (subject.includes(" > ")) return subject.split(" > ").map((id) => departmentName(world, id)).join(" → ");
  const [first, ...rest] = subject.split(" ");
  if (OF_TOUCHPOINTS.includes(measure)) return [touchpointName(world, first), ...rest].join(" ");
  if (measure === "completeness" && known(`part_${subject}`)) return t(`part_${subject}`);
  // Of a touchpoint, or "department it"; then the currency.
  if (measure === "cost_per_promoter") return [first === "department" ? departmentName(world, rest.shift() ?? "") : touchpointName(world, first), ...rest].join(" ");
  if (["effective_owners", "entropy", "long_term_weight_lived"].includes(measure)) return subject.split(" ").map(word).join(", ");
  return ["success_learnt", "expectation_gap"].includes(measure) ? metricName(subject) : departmentName(world, subject);
}

const word = (text) => (!WORDS.includes(text) ? text : known(`${text}_subject`) ? t(`${text}_subject`) : t(text));

export const span = (row) => (row.ci_low === null ? "–" : `${reading(row.measure, row.ci_low)} … ${reading(row.measure, row.ci_high)}`);

/** A figure that explains itself when it is pressed. @param {World} world @param {GovernanceRow | undefined} row */
export function measured(world, row) {
  if (!row) return "–";
  const shown = reading(row.measure, row.value);
  const label = t("explain_measure", { measure: measureName(row.measure), subject: subjectName(world, row), value: shown });
  return [h("button", { type: "button", class: "figure", "data-measure": measureKey(row), "aria-label": label, "data-value": row.value }, shown),
    row.reason || row.uncertain ? h("small", {}, ` ${t(row.reason ? "unclear" : "uncertain")}`) : null];
}
