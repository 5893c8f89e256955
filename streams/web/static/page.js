// The page: reads the address, asks the API, shows a view, and does so again every few seconds.
import * as data from "./data.js";
import { h, show as display } from "./dom.js";
import { explain, explainMeasure } from "./explain.js";
import { download } from "./export.js";
import { measureKey } from "./measures.js";
import { hasSession, logOut } from "./session.js";
import { key } from "./shared.js";
import { instant, link, otherOf, PAGES, read, sinceOf } from "./state.js";
import { dateIn, moment, speak, t } from "./texts.js";
import * as compare from "./views/compare.js";
import * as department from "./views/department.js";
import * as drift from "./views/drift.js";
import * as governance from "./views/governance.js";
import * as overview from "./views/overview.js";
import * as pipeline from "./views/pipeline.js";
import * as refused from "./views/refused.js";
import * as touchpoints from "./views/touchpoints.js";
import * as whatIf from "./views/what_if.js";

const EVERY_MS = 5000;
/** What each view needs of the API, what it shows, and what it can be shown without at first. @type {Record<string, View>} */
const VIEWS = { overview, department, touchpoints, drift, governance, what_if: whatIf, compare, refused, pipeline };
const NOT_YET = Object.assign({}, ...Object.values(VIEWS).map((view) => view.NOT_YET ?? {}));
const pick = (from, names) => Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]));
/** What the document always has. @type {(selector: string) => any} */
const find = (selector) => document.querySelector(selector);
let state = read();
/** @type {World} Set by the first answers; nothing is shown before. */
let world;
/** @type {object[]} */
let exported = [];
let turn = 0;

/** @param {State} wanted @returns {Promise<any>} */
async function gather(wanted) {
  const at = instant(wanted.at);
  const asked = {
    registry: data.registry(at), catalogue: data.catalogue(),
    scorecards: data.scorecards(at, wanted.view), balances: data.balances(at, wanted.view),
    ...VIEWS[wanted.page].needs(at, wanted),
  };
  const names = Object.keys(asked);
  const answers = await Promise.all(Object.values(asked));
  const period = { other: otherOf(wanted), since: sinceOf(wanted), until: at ?? new Date().toISOString() };
  // What comes later stays until it has come again, unless it is of another instant.
  const before = world?.state.at === wanted.at ? { ...NOT_YET, ...pick(world, Object.keys(NOT_YET)) } : NOT_YET;
  return { state: wanted, ...period, ...before, ...Object.fromEntries(names.map((name, i) => [name, answers[i]])) };
}

async function refresh() {
  const mine = ++turn;
  try {
    const found = await gather(state);
    if (mine !== turn) return;
    world = found;
    show();
    const later = Object.entries(VIEWS[state.page].later?.(instant(state.at), state) ?? {}).map(async ([name, answer]) => {
      const come = await answer;
      if (mine !== turn) return;
      world = { ...world, [name]: come };
      show();
    });
    // What fails keeps nothing else away, and is said when the rest is there.
    const failed = (await Promise.allSettled(later)).find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
  } catch (error) {
    if (mine !== turn) return;
    if (world) stand(false);
    say(t("failed", { error: error instanceof Error ? error.message : error }), true);
  }
}

// Live only while answers come.
function stand(isLive) {
  const at = world.balances[0]?.at ?? instant(world.state.at) ?? new Date().toISOString();
  find("#asof").textContent = `${t("figures_of", { at: dateIn("of", at, moment) })}${isLive ? ` · ${t("live")}` : ""}`;
}

function show() {
  const { nodes, rows } = VIEWS[state.page].show(world);
  exported = rows;
  display(nodes, find("main"), state.page);
  find("main").dataset.page = state.page;
  stand(!state.at);
  say(world.registry.valid ? "" : t("registry_broken", { error: world.registry.error }), true);
}

// Said once: a screen reader would repeat what is set again.
function say(text, alarm = false) {
  const status = find("#state");
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle("alarm", alarm && text !== "");
}

// What depends on the state alone, so that it answers at once.
function frame() {
  speak(state.lang);
  document.documentElement.lang = state.lang;
  document.documentElement.dataset.theme = state.theme;
  document.title = `${t(state.page)} · cx-balance`;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.getAttribute("data-text"));
  for (const name of ["view", "lang", "theme"]) find(`#question [name=${name}]`).value = state[name];
  find("#question [name=at]").value = state.at;
  find("#logout").hidden = !hasSession();
  find("nav").setAttribute("aria-label", t("views"));
  display(PAGES.map((page) => h("li", {},
    h("a", { href: link(state, { page }), "aria-current": page === state.page ? "page" : null }, t(page)))), find("nav ul"));
}

function go(address) {
  history.pushState(null, "", address);
  state = read();
  frame();
  refresh();
}

function tell(nodes) {
  display(nodes, find("dialog"));
  find("dialog").showModal();
}

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const anchor = event.target.closest("a[href^='/?']");
  const figure = event.target.closest("[data-explain]");
  const measure = event.target.closest("[data-measure]");
  const file = event.target.closest("[data-export]");
  if (anchor && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    go(anchor.getAttribute("href"));
    if (!anchor.closest("nav") && !anchor.hasAttribute("data-stay")) find("main").focus();
  } else if (figure) {
    const row = world.balances.find((one) => key(one) === figure.getAttribute("data-explain"));
    if (row) tell(explain(world, row));
  } else if (measure) {
    const row = world.governance.find((one) => measureKey(one) === measure.getAttribute("data-measure"));
    if (row) tell(explainMeasure(world, row));
  } else if (file) download(`cx-balance-${state.page}`, file.getAttribute("data-export"), exported);
  else if (event.target.closest("#logout")) logOut().catch((error) => say(t("failed", { error: error.message }), true));
  else if (event.target.closest("#now")) go(link(state, { at: "" }));
});
document.addEventListener("change", ({ target }) => {
  if ((target instanceof HTMLInputElement || target instanceof HTMLSelectElement) && target.name) {
    go(link(state, { [target.name]: target.value }));
  }
});
document.addEventListener("submit", (event) => {
  if (!(event.target instanceof HTMLFormElement && event.target.method === "dialog")) event.preventDefault();
});
window.addEventListener("popstate", () => { state = read(); frame(); refresh(); });

// A store that answers slowly is asked less often; an instant that has been read does not change.
async function live() {
  const began = Date.now();
  if (!document.hidden && !(state.at && world?.state === state)) await refresh();
  setTimeout(live, Math.max(EVERY_MS, 10 * (Date.now() - began)));
}

frame();
refresh();
setTimeout(live, EVERY_MS);
