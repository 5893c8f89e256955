// The first screen: who is ahead on what, what drifts, what nobody owns.
import * as data from "../data.js";
import { h, table } from "../dom.js";
import { calm, story } from "../parts/story.js";
import { advice, bar, basis, departmentLink, departmentName, touchpointName } from "../shared.js";
import { link } from "../state.js";
import { number, percent, t, whole } from "../texts.js";

export const needs = (at) => ({ drifting: data.drifting(at), budget: data.driftBudget(at), touchpoints: data.touchpoints(at) });

const MOST = 4;
/** @param {Scorecard} card */
const verdictOf = (card) => card.outcome_balance === null ? "one_term"
  : Math.abs(card.outcome_balance) < 0.05 ? "even" : card.outcome_balance > 0 ? "ahead_long" : "ahead_short";

/** @param {World} world @returns {Shown} */
export function show(world) {
  return {
    rows: world.scorecards,
    nodes: h("div", { class: "overview" }, ahead(world), h("div", {}, drifts(world), nobody(world))),
  };
}

/** @param {World} world */
function ahead(world) {
  const section = (...children) => h("section", { id: "ahead", "aria-labelledby": "ahead-title" }, h("h2", { id: "ahead-title" }, t("ahead")), children);
  if (!world.scorecards.length) return section(advice(t("no_facts")));
  const order = (card) => card.department === "company" ? -1e9 : card.outcome_balance ?? 1e9;
  const cards = [...world.scorecards].sort((a, b) => order(a) - order(b));
  const named = (verdict) => {
    const found = cards.filter((card) => card.department !== "company" && verdictOf(card) === verdict);
    return found.length ? found.map((card, i) => [i ? ", " : "", h("strong", {}, departmentName(world, card.department)), ` (${number(Math.abs(card.outcome_balance ?? 0))})`]) : t("no_department");
  };
  return section(
    h("p", { class: "verdict short" }, t("ahead_short"), ": ", named("ahead_short")),
    h("p", { class: "verdict long" }, t("ahead_long"), ": ", named("ahead_long")),
    table(t("ahead"), [
      { title: t("department"), head: true, read: (card) => departmentLink(world, card.department) },
      { title: t("short"), number: true, read: (card) => [bar(card.short_index, "short"), number(card.short_index), basis(card, "short")] },
      { title: t("long"), number: true, read: (card) => [bar(card.long_index, "long"), number(card.long_index), basis(card, "long")] },
      { title: t("balance"), number: true, read: (card) => h("span", { title: t(verdictOf(card)) }, number(card.outcome_balance)) },
    ], cards),
    h("p", { class: "quiet" }, t("attainment_note")));
}

/** @param {World} world */
function drifts(world) {
  const found = [...world.drifting].sort((a, b) => b.since.localeCompare(a.since));
  return h("section", { id: "drifting", "aria-labelledby": "drifting-title" }, h("h2", { id: "drifting-title" }, t("drifting")),
    found.length ? h("ul", {}, found.slice(0, MOST).map((one) => h("li", {}, story(world, one)))) : calm(world),
    found.length > MOST ? h("p", {}, h("a", { href: link(world.state, { page: "drift" }) }, t("more", { n: found.length - MOST }))) : null);
}

/** @param {World} world */
function nobody(world) {
  const total = world.touchpoints.reduce((sum, one) => sum + one.events, 0);
  const n = world.touchpoints.reduce((sum, one) => sum + one.unowned, 0);
  const found = world.touchpoints.filter((one) => one.unowned || one.owners.includes("unowned")).sort((a, b) => b.unowned - a.unowned);
  return h("section", { id: "nobody", "aria-labelledby": "nobody-title" }, h("h2", { id: "nobody-title" }, t("nobody_owns")),
    found.length ? [
      h("p", {}, t("unowned_events", { n: whole(n), total: whole(total), share: percent(total ? n / total : null) })),
      h("ul", {}, found.slice(0, MOST).map((one) => h("li", {}, h("strong", {}, touchpointName(world, one.touchpoint)), " ",
        one.unowned ? `${whole(one.unowned)} / ${whole(one.events)}` : t("no_owner_declared")))),
      found.length > MOST ? h("p", {}, h("a", { href: link(world.state, { page: "touchpoints" }) }, t("more", { n: found.length - MOST }))) : null,
      advice(t("unowned_remedy")),
    ] : h("p", { class: "quiet" }, t("everything_owned")));
}
