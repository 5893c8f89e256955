// The page: reads the address, asks the API, shows a view, and does so again every few seconds.
import * as data from "./data.js";
import { h, morph } from "./dom.js";
import { explain, explainMeasure } from "./explain.js";
import { download } from "./export.js";
import { governance } from "./governance.js";
import { measureKey } from "./measures.js";
import { overview } from "./overview.js";
import { hasSession, logOut } from "./session.js";
import { key } from "./shared.js";
import { instant, link, PAGES, read } from "./state.js";
import { dateIn, moment, speak, t } from "./texts.js";
import { compare, department, drift, pipeline, refused, touchpoints } from "./views.js";

const EVERY_MS = 5000;
const DAY_MS = 86_400_000;
const VIEWS = { overview, department, touchpoints, drift, governance, compare, refused, pipeline };
/** What the document always has. @type {(selector: string) => any} */
const find = (selector) => document.querySelector(selector);
let state = read();
/** @type {World} Set by the first answers; nothing is shown before. */
let world;
/** @type {object[]} */
let exported = [];
let turn = 0;

// An instant so many days before, to the minute, as the picker writes it: to compare with, or to begin a period.
const daysBefore = (at, days) => new Date((at ? Date.parse(at) : Date.now()) - days * DAY_MS).toISOString().slice(0, 16);
const otherOf = (wanted) => wanted.other || daysBefore(instant(wanted.at), 30);
const sinceOf = (wanted) => wanted.since || daysBefore(instant(wanted.at), 90);

const NEEDS = {
  overview: (at) => ({ drifting: data.drifting(at), budget: data.driftBudget(at), touchpoints: data.touchpoints(at) }),
  department: (at, wanted) => ({ trend: data.trend({ department: wanted.department, metric: wanted.metric, view: wanted.view, from: at && `${daysBefore(at, 90)}:00Z`, to: at }) }),
  touchpoints: (at) => ({ touchpoints: data.touchpoints(at) }),
  drift: (at) => ({ drifting: data.drifting(at), changes: data.changes(), budget: data.driftBudget(at) }),
  governance: (at, wanted) => ({ governance: data.governance(instant(wanted.since), at, wanted.view) }),
  compare: (_, wanted) => ({ earlier: data.balances(instant(otherOf(wanted)), wanted.view) }),
  refused: (_, wanted) => ({ refused: data.refused(wanted.reason) }),
  pipeline: () => ({ series: data.series(), ready: data.ready() }),
};

// What reads years, and so may take a while: the view is shown without it first.
const LATER = { department: (at) => ({ surrogates: data.surrogates(at) }) };
const NOT_YET = { surrogates: { pairs: [] } };

/** @param {State} wanted @returns {Promise<any>} */
async function gather(wanted) {
  const at = instant(wanted.at);
  const asked = {
    registry: data.registry(), catalogue: data.catalogue(),
    scorecards: data.scorecards(at, wanted.view), balances: data.balances(at, wanted.view),
    ...NEEDS[wanted.page]?.(at, wanted),
  };
  const names = Object.keys(asked);
  const answers = await Promise.all(Object.values(asked));
  const period = { other: otherOf(wanted), since: sinceOf(wanted), until: at ?? new Date().toISOString() };
  const before = world?.state.at === wanted.at ? { surrogates: world.surrogates } : NOT_YET;
  return { state: wanted, ...period, ...before, ...Object.fromEntries(names.map((name, i) => [name, answers[i]])) };
}

async function refresh() {
  const mine = ++turn;
  try {
    const found = await gather(state);
    if (mine !== turn) return;
    world = found;
    show();
    for (const [name, answer] of Object.entries(LATER[state.page]?.(instant(state.at)) ?? {})) {
      const later = await answer;
      if (mine !== turn) return;
      world = { ...world, [name]: later };
      show();
    }
  } catch (error) {
    if (mine === turn) say(t("failed", { error: error instanceof Error ? error.message : error }), true);
  }
}

function show() {
  const { nodes, rows } = VIEWS[state.page](world);
  exported = rows;
  morph(find("main"), h("main", { id: "main", tabindex: -1, "data-page": state.page }, nodes));
  const at = world.balances[0]?.at ?? instant(state.at) ?? new Date().toISOString();
  find("#asof").textContent = `${t("figures_of", { at: dateIn("of", at, moment) })}${state.at ? "" : ` · ${t("live")}`}`;
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
  morph(find("nav ul"), h("ul", {}, PAGES.map((page) => h("li", {},
    h("a", { href: link(state, { page }), "aria-current": page === state.page ? "page" : null }, t(page))))));
}

function go(address) {
  history.pushState(null, "", address);
  state = read();
  frame();
  refresh();
}

function tell(nodes) {
  find("dialog").replaceChildren(...nodes);
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
    if (!anchor.closest("nav")) find("main").focus();
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
