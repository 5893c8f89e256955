// A figure of governance: how its value reads, what its subject is called, and the button that explains it.
import { h } from "./dom.js";
import { departmentName, metricName, touchpointName } from "./shared.js";
import { known, number, percent, signed, t, whole } from "./texts.js";

const [DAY_S, HOUR_S, MINUTE_S] = [86_400, 3_600, 60];
const time = (value) => value >= DAY_S ? t("days", { n: number(value / DAY_S) })
  : value >= HOUR_S ? t("hours", { n: number(value / HOUR_S) }) : t("minutes", { n: whole(value / MINUTE_S) });
// By unit, of which the service says the one of each figure: metrics/governance/measures.py.
const READ = {
  yes: () => t("yes"), share: percent, count: whole, s: time, difference: (value) => signed(value, 2), metric: number,
  slope: (value) => number(value, 4), number: (value) => number(value, 2),
};
const OF_TOUCHPOINTS = ["accountable", "effective_owners_above_policy", "orphan", "no_sponsor", "answers", "bad_share",
  "perception_distance", "perception_agreement", "dont_know", "change_moved", "change_effect", "change_trend_before",
  "change_synthetic", "change_placebo_p", "change_leads_p"];
const WORDS = ["touchpoints", "events", "spend", "cases", "alerts", "before", "during", "after", "online", "offline"];

/** A value as its unit is read: a share in percent, a time in days, a count as a whole number. @param {string} unit @param {number | null} value */
export const reading = (unit, value) => value === null ? "–" : (READ[unit] ?? READ.number)(value);

export const measureName = (measure) => (known(`m_${measure}`) ? t(`m_${measure}`) : measure);
export const measureKey = (row) => `${row.measure}|${row.subject}`;

/** What a figure is of, in words; names come from the registry. @param {World} world @param {{measure: string, subject: string}} row */
export function subjectName(world, { measure, subject }) {
  if (!subject) return t("the_company");
  if (subject.includes(" > ")) return subject.split(" > ").map((id) => departmentName(world, id)).join(" → ");
  const [first, ...rest] = subject.split(" ");
  // Of a touchpoint or, without one, of all changes together.
  if (measure === "change_week") return [first === "week" ? t("the_company") : touchpointName(world, first), t("week_n", { n: subject.split(" ").at(-1) })].join(", ");
  if (OF_TOUCHPOINTS.includes(measure)) return [touchpointName(world, first), ...rest].join(" ");
  if (measure === "completeness" && known(`part_${subject}`)) return t(`part_${subject}`);
  // Of a touchpoint, or "department it"; then the currency.
  if (measure === "cost_per_promoter") return [first === "department" ? departmentName(world, rest.shift() ?? "") : touchpointName(world, first), ...rest].join(" ");
  if (["effective_owners", "entropy", "long_term_weight_lived"].includes(measure)) return subject.split(" ").map(word).join(", ");
  return ["success_learnt", "expectation_gap"].includes(measure) ? metricName(subject) : departmentName(world, subject);
}

const word = (text) => (!WORDS.includes(text) ? text : known(`${text}_subject`) ? t(`${text}_subject`) : t(text));

export const span = (row) => (row.ci_low === null ? "–" : `${reading(row.unit, row.ci_low)} … ${reading(row.unit, row.ci_high)}`);

/** A figure that explains itself when it is pressed. @param {World} world @param {GovernanceRow | undefined} row */
export function measured(world, row) {
  if (!row) return "–";
  const shown = reading(row.unit, row.value);
  const label = t("explain_measure", { measure: measureName(row.measure), subject: subjectName(world, row), value: shown });
  return [h("button", { type: "button", class: "figure", "data-measure": measureKey(row), "aria-label": label, "data-value": row.value }, shown),
    row.reason || row.uncertain ? h("small", {}, ` ${t(row.reason ? "unclear" : "uncertain")}`) : null];
}
