// What is being looked at: all of it is in the address, so that a link shows another person the same.
export const PAGES = ["overview", "department", "touchpoints", "drift", "governance", "what_if", "compare", "refused", "pipeline"];
/** The metrics in the order of the catalogue. */
export const METRICS = ["nps", "csat", "ces", "referrals", "repeat_rate", "retention", "awareness", "traffic", "conversions", "conversion_rate"];
/** How long a department is looked at, what a metric of it is told apart by, and in which order. */
export const RANGE_NAMES = ["quarter", "month", "year"];
export const BY = ["touchpoint", "segment", "region"];
export const SORTS = ["value", "change", "name", "n"];
const MINUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;
const CHOICES = { page: PAGES, view: ["as_was", "as_is"], lang: ["en", "it", "es"], theme: ["auto", "light", "dark"], metric: METRICS, range: RANGE_NAMES, by: BY, sort: SORTS };
const FREE = ["department", "reason", "contains"];
const INSTANTS = ["at", "other", "since"];

const isInstant = (text) => MINUTE.test(text) && !Number.isNaN(Date.parse(`${text}Z`));

function ofBrowser() {
  const language = navigator.language.slice(0, 2);
  return { page: "overview", view: "as_was", lang: CHOICES.lang.includes(language) ? language : "en", theme: "auto", metric: "", range: "quarter", by: "touchpoint", sort: "value" };
}

/** The state in the address; what cannot be meant is as if it were not there. @returns {State} */
export function read() {
  const asked = new URLSearchParams(location.search);
  /** @type {State & Record<string, string>} */
  const state = { ...ofBrowser(), department: "", reason: "", contains: "", at: "", other: "", since: "" };
  for (const [name, known] of Object.entries(CHOICES)) {
    const choice = asked.get(name) ?? "";
    if (known.includes(choice)) state[name] = choice;
  }
  for (const name of FREE) state[name] = (asked.get(name) ?? "").slice(0, 128);
  for (const name of INSTANTS) {
    const text = asked.get(name) ?? "";
    if (isInstant(text)) state[name] = text;
  }
  return state;
}

/** The address of a state with some of it changed. @param {State} state @param {Partial<State>} change */
export function link(state, change = {}) {
  const standard = ofBrowser();
  const wanted = Object.entries({ ...state, ...change }).filter(([name, value]) => value && value !== standard[name]);
  return `/?${new URLSearchParams(wanted)}`;
}

/** An instant of the state as the API wants it; null for now. */
export const instant = (text) => (text ? `${text}:00Z` : null);

const DAY_MS = 86_400_000;
/** An instant so many days before, to the minute, as the picker writes it: to compare with, or to begin a period. */
export const daysBefore = (at, days) => new Date((at ? Date.parse(at) : Date.now()) - days * DAY_MS).toISOString().slice(0, 16);
export const otherOf = (wanted) => wanted.other || daysBefore(instant(wanted.at), 30);
export const sinceOf = (wanted) => wanted.since || daysBefore(instant(wanted.at), 90);
