// A registry as text that can be edited: lines with numbers, what the lint found, small forms.
import { h } from "../dom.js";
import { departmentName, touchpointName } from "../shared.js";
import { t, whole } from "../texts.js";
import { useEffect, useRef, useState } from "../vendor/preact.js";
import { around, excerptOf } from "./registry_excerpt.js";

const OTHERS_SHARE = 0.5;

/** Puts the cursor on a line, in sight. @param {HTMLTextAreaElement} area @param {number} line From 1. */
export function goToLine(area, line) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  area.scrollTop = Math.max(0, (area.scrollHeight / lines.length) * (line - 4));
}

/** Which tables of a long registry are shown. @param {{ text: string, excerpt: ReturnType<typeof excerptOf>, choose: (excerpt: ReturnType<typeof excerptOf>) => void }} attributes */
export function Filter({ text, excerpt, choose }) {
  const { words, skipped, found, parts } = excerpt;
  const [before, after] = around(text, excerpt);
  const turn = (name, other) => h("button", { type: "button", id: name, disabled: !other, onClick: () => other && choose(other()) }, t(name));
  return h("div", { class: "actions", role: "search" },
    h("label", {}, t("tables_with"), " ", h("input", { type: "search", id: "filter", value: words, onInput: (event) => choose(excerptOf(text, event.target.value)) })),
    turn("tables_before", before), turn("tables_after", after),
    h("span", { role: "status", class: "quiet" }, found ? t("tables_shown", { from: whole(skipped + 1), to: whole(skipped + parts.length), n: whole(found) }) : t("no_tables")));
}

/** @param {{ text: string, numbers: number[], isFixed: boolean, problems: Finding[], edit: (text: string) => void, area: any }} attributes The numbers of its lines in the whole. */
export function Editor({ text, numbers, isFixed, problems, edit, area }) {
  const gutter = useRef(null);
  const marks = new Map(problems.map((one) => [one.line, one.severity]));
  const follow = (event) => { if (gutter.current) gutter.current.scrollTop = event.target.scrollTop; };
  return h("div", { class: "editor" },
    h("ol", { class: "gutter", "aria-hidden": "true", ref: gutter },
      numbers.map((line) => h("li", { class: marks.get(line) ?? null }, marks.has(line) ? `! ${line}` : line))),
    h("textarea", { ref: area, id: "registry", "aria-label": t("registry_text"), "aria-describedby": "lint-summary", spellcheck: false, readOnly: isFixed, wrap: "off", rows: 18, value: text, onScroll: follow, onInput: (event) => edit(event.target.value) }));
}

/** What was found, each with a button that leads to its line. @param {{ problems: Finding[], goTo: (line: number) => void }} attributes */
export const findings = ({ problems, goTo }) => h("ul", { class: "problems" }, problems.map((one) => h("li", { class: one.severity },
  h("strong", {}, t(`lint_${one.severity}`)), " ",
  one.line === null ? null : [h("button", { type: "button", class: "figure", "data-line": one.line, onClick: () => goTo(one.line ?? 1) }, t("line_n", { n: whole(one.line) })), " "],
  h("code", {}, one.path), `: ${one.message}; ${one.remedy}`)));

/** A rule that gives a touchpoint to a department, or to two that share the work. @param {{ touchpoint: string, owner: string, other: string, from: string }} of */
export const ruleOf = ({ touchpoint, owner, other, from }) => [
  "", "[[ownership]]", `touchpoint = ${JSON.stringify(touchpoint)}`, `owner = ${JSON.stringify(owner)}`,
  ...(other ? [`contributors = { ${JSON.stringify(other)} = ${OTHERS_SHARE} }`] : []), ...(from ? [`from = ${from}`] : []), "",
].join("\n");

/** @param {{ world: World, departments: { id: string, name: string }[], add: (rule: string) => void, since: string }} attributes */
export function RuleForms({ world, departments, add, since }) {
  const ids = departments.map((one) => one.id);
  const [touchpoint, setTouchpoint] = useState(world.registry.touchpoints[0]?.id ?? "");
  const [owner, setOwner] = useState(ids[0] ?? "");
  const [other, setOther] = useState("");
  const [from, setFrom] = useState(since);
  useEffect(() => { if (!from) setFrom(since); }, [since]);
  const choice = (label, value, set, options) => h("label", {}, label, " ", h("select", { value, onChange: (event) => set(event.target.value) }, options.map(([id, name]) => h("option", { value: id }, name))));
  const named = (id) => departments.find((one) => one.id === id)?.name ?? departmentName(world, id);
  const people = ids.map((id) => [id, named(id)]);
  if (!touchpoint || !owner) return null;
  return h("fieldset", { class: "rule-form" }, h("legend", {}, t("give")),
    choice(t("touchpoint"), touchpoint, setTouchpoint, world.registry.touchpoints.map((one) => [one.id, touchpointName(world, one.id)])),
    choice(t("give_to"), owner, setOwner, people),
    choice(t("share_with"), other, setOther, [["", t("nobody_else")], ...people.filter(([id]) => id !== owner)]),
    h("label", {}, t("give_from"), " ", h("input", { type: "date", value: from, onInput: (event) => setFrom(event.target.value) })),
    h("button", { type: "button", id: "give", onClick: () => add(ruleOf({ touchpoint, owner, other: other === owner ? "" : other, from })) }, t("add_rule")));
}
