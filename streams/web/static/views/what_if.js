// What another registry would change: its lint as it is typed, then whose events and which figures.
import { balanceMap, described } from "../charts/balance_map.js";
import * as data from "../data.js";
import { h, section, table } from "../dom.js";
import { Measured } from "../parts/measured.js";
import { Editor, Filter, findings, goToLine, RuleForms } from "../parts/registry_editor.js";
import { edited, excerptAt, excerptOf, isLong, lineNumbers, shownOf } from "../parts/registry_excerpt.js";
import { departmentName, metricName, restOf, touchpointName, unit } from "../shared.js";
import { instant } from "../state.js";
import { counted, dateIn, day, moment, number, t, whole } from "../texts.js";
import { useEffect, useMemo, useRef, useState } from "../vendor/preact.js";

const TYPED_MS = 500;
const TYPED_MS_LONG = 2000;
const AGAIN_MS = 5000;
const SHOWN = 50;
const MOST_PAIRS = 200;
const LEAST = 0.05;

export const needs = () => ({ registryText: data.registryText() });

/** What was computed last, for the export. @type {object[]} */
const exported = [];
/** What has been typed, also while another view was looked at. */
let draft = "";

/** @param {World} world @returns {Shown} */
export const show = (world) => ({ rows: exported, nodes: h(WhatIf, { world }) });

/** @param {{ world: World }} attributes */
function WhatIf({ world }) {
  // The whole text, and what of it is shown: they change together.
  const [{ text, excerpt }, setBoth] = useState(() => { const first = draft || world.registryText.text; return { text: first, excerpt: excerptOf(first) }; });
  const setText = (whole) => setBoth({ text: whole, excerpt: excerptOf(whole, excerpt.words) });
  const type = (now) => setBoth((was) => { const then = edited(was.text, was.excerpt.parts, now); return { text: then.text, excerpt: { ...was.excerpt, parts: then.parts } }; });
  const [lint, setLint] = useState(/** @type {WhatIf | null} */ (null));
  const [result, setResult] = useState(/** @type {{ answer: WhatIf, text: string } | null} */ (null));
  const [isComputing, setComputing] = useState(false);
  const [error, setError] = useState("");
  const area = useRef(null);
  // Each counted by itself: a lint of what is typed does not make an answer about effects out of date.
  const newest = useRef({ lint: 0, effects: 0 });
  const isChecking = useRef(false);
  const ask = async (wanted, effects) => {
    const kind = effects ? "effects" : "lint";
    const mine = ++newest.current[kind];
    if (effects) setComputing(true);
    try {
      const answer = await data.whatIf(wanted, { at: instant(world.state.at), view: world.state.view, effects: String(effects) });
      if (mine !== newest.current[kind]) return;
      if (wanted === draft) setLint(answer);
      if (effects && answer.effects) setResult({ answer, text: wanted });
      exported.splice(0, exported.length, ...(answer.effects?.balances ?? answer.problems));
      setError("");
    } catch (problem) {
      if (mine !== newest.current[kind]) return;
      setError(problem instanceof Error ? problem.message : String(problem));
      // A service that is busy says so at once: it is asked again, unless something else has been asked since.
      if (!effects && /** @type {any} */ (problem).isLater) setTimeout(() => mine === newest.current.lint && ask(wanted, false), AGAIN_MS);
    }
    if (effects && mine === newest.current.effects) setComputing(false);
  };
  useEffect(() => {
    draft = text;
    const timer = setTimeout(() => check(text), lint ? (isLong(text) ? TYPED_MS_LONG : TYPED_MS) : 0);
    return () => clearTimeout(timer);
  }, [text]);
  // The check of a long text takes the service seconds: one at a time, and then the newest.
  const check = async (wanted) => {
    if (!isLong(wanted)) return ask(wanted, false);
    if (isChecking.current) return;
    isChecking.current = true;
    await ask(wanted, false);
    isChecking.current = false;
    if (draft !== wanted) check(draft);
  };
  const numbers = useMemo(() => lineNumbers(text, excerpt.parts), [text, excerpt]);
  // The line of the whole text, also where it is not shown yet.
  const goTo = (line, whole = text, seen = numbers) => {
    if (!seen.includes(line)) {
      const other = excerptAt(whole, line);
      setBoth({ text: whole, excerpt: other });
      return setTimeout(() => area.current && goToLine(area.current, lineNumbers(whole, other.parts).indexOf(line) + 1));
    }
    if (area.current) goToLine(area.current, seen.indexOf(line) + 1);
  };
  const add = (rule) => { const longer = text.replace(/\n*$/, "\n") + rule; goTo(longer.split("\n").length - 1, longer, []); };
  const departments = lint?.departments.length ? lint.departments : world.registry.departments;
  return h("div", { class: "what-if" },
    h("section", { "aria-labelledby": "view-title" }, h("h2", { id: "view-title" }, t("what_if")),
      h("p", {}, result ? sentence(world, result.answer) : t("what_if_intro")),
      h(RuleForms, { world, departments, add, since: world.since.slice(0, 10) }),
      isLong(text) ? h(Filter, { text, excerpt, choose: (other) => setBoth({ text, excerpt: other }) }) : null,
      h(Editor, { text: shownOf(text, excerpt.parts), numbers, isFixed: !excerpt.parts.length, problems: lint?.problems ?? [], edit: type, area }),
      h("div", { class: "actions" },
        h("button", { type: "button", id: "compute", disabled: isComputing || !lint || lint.errors > 0, onClick: () => ask(text, true) }, isComputing ? t("computing") : t("compute_effects")),
        h("button", { type: "button", id: "reset", disabled: text === world.registryText.text, onClick: () => setText(world.registryText.text) }, t("back_to_registry"))),
      h("p", { id: "lint-summary", role: "status", class: error || lint?.errors ? "alarm" : "quiet" }, error ? t("what_if_failed", { error }) : lint ? summary(lint) : t("checking")),
      lint && !error ? findings({ problems: lint.problems, goTo }) : null),
    result ? effectsOf(world, result, text) : null);
}

/** @param {WhatIf} lint */
const summary = (lint) => lint.errors + lint.warnings === 0 ? t("lint_clean")
  : t(lint.problems.length < lint.errors + lint.warnings ? "lint_first" : "lint_counts", { errors: counted("lint_errors", lint.errors), warnings: counted("lint_warnings", lint.warnings), n: whole(lint.problems.length) });

/** @param {World} world @param {WhatIf} answer */
const nameIn = (world, answer) => (id) => answer.departments.find((one) => one.id === id)?.name ?? departmentName(world, id);

/** Both scorecards of each department, the company first. @param {Effects} effects */
function pairs({ before, after }) {
  const ids = [...new Set([...before, ...after].map((card) => card.department))];
  return ids.filter((id) => id !== "unowned").map((department) => {
    const [was, is] = [before, after].map((cards) => cards.find((card) => card.department === department));
    const moved = ["short_index", "long_index"].some((name) => (was?.[name] ?? null) === null ? (is?.[name] ?? null) !== null : (is?.[name] ?? null) === null || Math.abs(was?.[name] - is?.[name]) >= LEAST);
    return { department, before: was, after: is, moves: moved };
  }).sort((a, b) => Number(b.department === "company") - Number(a.department === "company") || Number(b.moves) - Number(a.moves));
}

/** @param {Scorecard | undefined} card */
const indices = (card) => (card ? `${number(card.short_index)} / ${number(card.long_index)}` : "–");

/** The balance map under the other registry; the tail of a department leads from where it is now. @param {{ world: World, both: ReturnType<typeof pairs>, label: string }} attributes */
function BeforeAfter({ world, both, label }) {
  const [chosen, choose] = useState("");
  const cards = both.flatMap((pair) => pair.after ?? []);
  const tails = new Map(both.map((pair) => [pair.department, pair.moves && pair.before ? [pair.before] : []]));
  const pointed = both.find((pair) => pair.department === chosen)?.after;
  return [h(Measured, { usual: 560, draw: (width) => balanceMap(world, { cards, tails, myopic: new Set(), width, label, chosen, choose }) }),
    h("p", { class: "quiet small readout" }, pointed ? described(world, pointed) : t("moves_key"))];
}

/** What it comes to. @param {World} world @param {WhatIf} answer */
function sentence(world, answer) {
  const effects = answer.effects;
  if (!effects) return t("what_if_intro");
  const n = effects.events.reduce((sum, one) => sum + one.n, 0);
  const moved = pairs(effects).filter((one) => one.moves);
  if (!n && !effects.balances.length) return t("nothing_would_move");
  const name = nameIn(world, answer);
  return [t("would_move", { events: counted("events_would", n), figures: counted("figures_would", effects.balances.length) }),
    moved.length ? t("indices_would", { list: moved.map((one) => `${name(one.department)} (${indices(one.before)} → ${indices(one.after)})`).join("; ") }) : t("no_index_would")].join(" ");
}

/** @param {World} world @param {{ answer: WhatIf, text: string }} result @param {string} text */
function effectsOf(world, { answer, text: of }, text) {
  const effects = answer.effects;
  if (!effects) return null;
  const [name, both] = [nameIn(world, answer), pairs(effects)];
  const named = { ...world, registry: { ...world.registry, departments: [...answer.departments, ...world.registry.departments] } };
  const label = `${t("map_before_after")}: ${sentence(world, answer)}`;
  return h("div", { class: "effects", id: "effects" },
    of === text ? null : h("p", { class: "alarm" }, t("edited_since")),
    h("p", { class: "quiet" }, t("effects_of", { since: dateIn("from", effects.since, day), at: dateIn("to", effects.at, moment), view: t(effects.view) })),
    h("section", { "aria-labelledby": "moves-title" }, h("h2", { id: "moves-title" }, t("map_before_after")), h(BeforeAfter, { world: named, both, label }),
      h("details", {}, h("summary", {}, t("as_table")), table(t("map_before_after"), [
        { title: t("department"), head: true, read: (row) => name(row.department) },
        { title: `${t("was")}: ${t("index_pair")}`, number: true, read: (row) => indices(row.before) },
        { title: `${t("is")}: ${t("index_pair")}`, number: true, read: (row) => indices(row.after) },
      ], both.slice(0, MOST_PAIRS)), restOf(both.length, MOST_PAIRS))),
    section("moved-events", t("moved_events"),
      effects.events.length ? table(t("moved_events"), [
        { title: t("touchpoint"), head: true, read: (row) => touchpointName(world, row.touchpoint) },
        { title: t("was"), read: (row) => name(row.before) }, { title: t("is"), read: (row) => name(row.after) },
        { title: t("events_short"), number: true, read: (row) => whole(row.n) },
      ], effects.events.slice(0, SHOWN)) : h("p", {}, t("no_events_would")), restOf(effects.events.length, SHOWN)),
    section("moved-figures", t("moved_figures"),
      effects.balances.length ? table(t("moved_figures"), [
        { title: t("department"), head: true, read: (row) => name(row.department) },
        { title: t("metric"), read: (row) => `${metricName(row.metric)} (${unit(world, row.metric)})` }, { title: t("horizon"), read: (row) => t(row.horizon) },
        { title: t("was"), number: true, read: (row) => number(row.before) }, { title: t("is"), number: true, read: (row) => number(row.after) },
        { title: "n", number: true, read: (row) => whole(row.n) },
      ], effects.balances.slice(0, SHOWN)) : h("p", {}, t("no_figures_would")), restOf(effects.balances.length, SHOWN)));
}
