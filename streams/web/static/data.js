// What the API tells. Answers that cost the store something are kept for a minute.
import { logIn } from "./session.js";

const KEPT_MS = 60_000;
// What whole weeks say changes once a week, and reads three years of cells.
const KEPT_LONG_MS = 3_600_000;
// Of a period that is over: only what comes late changes it.
const KEPT_PERIOD_MS = 600_000;
const kept = new Map();

async function ask(path, query = {}, as = "json", how = {}) {
  const given = Object.entries(query).filter(([, value]) => value);
  const answer = await fetch(`${path}?${new URLSearchParams(given)}`.replace(/\?$/, ""), how);
  if (answer.ok || path === "/ready") return answer[as]();
  if (answer.status === 401) return logIn();
  const told = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(told.error ?? `${path}: ${answer.status}`), { isLater: answer.status >= 500 });
}

async function askSeldom(path, query, keptMs = KEPT_MS) {
  const key = JSON.stringify([path, query]);
  const found = kept.get(key);
  if (found && Date.now() - found.at < keptMs) return found.answer;
  const answer = await ask(path, query);
  if (kept.size > 50) kept.clear();
  kept.set(key, { at: Date.now(), answer });
  return answer;
}

export const balances = (at, view) => ask("/api/v1/balances", { at, view });
export const scorecards = (at, view) => ask("/api/v1/scorecards", { at, view });
/** The indices at the midnights of the last twelve weeks. */
export const history = (at, view) => askSeldom("/api/v1/scorecards/history", { at, view }, KEPT_PERIOD_MS);
export const headline = (at, view, lang) => askSeldom("/api/v1/overview", { at, view, lang });
export const dataAlarms = (at) => askSeldom("/api/v1/data-alarms", { at });
export const drifting = (at) => askSeldom("/api/v1/drift/now", { at });
export const driftBudget = (at) => askSeldom("/api/v1/drift/budget", { at });
export const changes = () => askSeldom("/api/v1/drift", {});
export const touchpoints = (at) => askSeldom("/api/v1/touchpoints", { at });
export const governance = (since, at, view) => askSeldom("/api/v1/governance", { from: since, to: at, view });
/** What there is to say of a period, in a language. */
export const report = (since, at, view, lang) => askSeldom("/api/v1/report", { from: since, to: at, view, lang });
export const surrogates = (at) => askSeldom("/api/v1/surrogates", { at }, KEPT_LONG_MS);
/** What cannot be answered of a period does not keep the rest of the view away. */
const orError = (answer) => answer.then((rows) => ({ rows, error: "" }), (error) => ({ rows: [], error: error.message }));
export const trends = (query) => orError(askSeldom("/api/v1/trends", query, KEPT_PERIOD_MS));
export const distribution = (query) => orError(askSeldom("/api/v1/distribution", query, KEPT_PERIOD_MS));
/** Response rates of a department: in all, and by touchpoint. */
export async function responses(query) {
  const [all, apart] = await Promise.all(["department", "touchpoint"].map((by) => orError(askSeldom("/api/v1/responses", { ...query, by }, KEPT_PERIOD_MS))));
  return { rows: [...all.rows, ...apart.rows], error: all.error || apart.error };
}
export const annotations = (query) => orError(askSeldom("/api/v1/annotations", query));
/** The registry in force, with the targets of an instant. */
export const registry = (at) => ask("/api/v1/registry", { at });
export const registryText = () => askSeldom("/api/v1/registry/text", {});
/** What a text would change if it were the registry; nothing is written. @param {string} text @param {Record<string, string | null>} query @returns {Promise<WhatIf>} */
export const whatIf = (text, query) => ask("/api/v1/what-if", query, "json", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ registry: text }) });
export const catalogue = () => askSeldom("/api/v1/catalogue", {});
export const refused = (reason, contains) => ask("/api/v1/rejected", { reason, contains, limit: 100 });
/** What sources sent in the last week that is unknown. */
export const seen = () => orError(askSeldom("/api/v1/sources/seen", { from: new Date(Date.now() - 6048e5).toISOString().slice(0, 10) }));
export const refusedSummary = () => ask("/api/v1/rejected/summary");
export const ready = () => ask("/ready");

/** The series of the worker that answers: a list of name, labels and value. */
export async function series() {
  const text = await ask("/metrics", {}, "text");
  return [...text.matchAll(/^([a-z_]+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels = "", value]) => ({
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text])),
    value: Number(value),
  }));
}

const DAY_MS = 86_400_000;
const BEFORE_MS = 45 * DAY_MS;
const LONGEST_MS = 180 * DAY_MS;
/** How each metric that drifts went, from before it began, by owner at the time as the detector reads it; and what happened then. One after the other: readers are few. */
export async function driftSeries(at) {
  const found = {};
  const end = at ? Date.parse(at) : Date.now();
  for (const one of await drifting(at)) {
    const began = Math.min(Date.parse(one.since) - BEFORE_MS, Date.parse(one.baseline_from));
    const from = new Date(Math.max(began, end - LONGEST_MS)).toISOString().slice(0, 10);
    const query = { department: one.department, from, to: at };
    const failed = (error) => ({ rows: [], error: error.message });
    const trend = await askSeldom("/api/v1/trends", { ...query, metric: one.metric, horizon: "short" }).then((rows) => ({ rows, error: "" }), failed);
    const happened = await askSeldom("/api/v1/annotations", query).catch(() => []);
    found[`${one.department}|${one.metric}`] = { ...trend, from, happened };
  }
  return found;
}
