// The first lines: which departments get better or worse, and the report's sentences about what is changing.
import { h } from "../dom.js";
import { departmentLink } from "../shared.js";
import { link } from "../state.js";
import { signed, t } from "../texts.js";

const TONES = { bad: "▼", good: "▲", plain: "◆", open: "◆" };


/** @param {World} world */
export function headline(world) {
  const section = (...children) => h("section", { id: "changing", "aria-labelledby": "changing-title", "aria-busy": world.headline === null ? "true" : null },
    h("h2", { id: "changing-title" }, t("what_changed")), children);
  if (!world.headline) return section(h("p", { class: "quiet" }, t("reading")));
  const { changes, statements, nothing, omitted } = world.headline;
  const held = changes.filter((one) => one.beyond_noise).sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  return section(
    changes.length ? (held.length ? [verdict(world, "better", held.filter((one) => one.change > 0)), verdict(world, "worse", held.filter((one) => one.change < 0))]
      : h("p", { class: "verdict" }, t("nothing_moved"))) : h("p", { class: "verdict" }, t("nothing_compared")),
    statements.length ? h("ul", { class: "statements" }, statements.map((one) => statement(world, one))) : h("p", {}, nothing),
    omitted ? h("p", {}, h("a", { href: link(world.state, { page: "drift" }) }, t("more", { n: omitted }))) : null);
}

/** @param {World} world @param {string} kind @param {IndexChange[]} changes */
function verdict(world, kind, changes) {
  if (!changes.length) return null;
  const [before, after] = t(kind, { list: "\n" }).split("\n");
  const named = changes.map((one, i) => {
    const [head, tail] = t("moved_index", { department: "\n", term: t(`word_${one.term}`), change: signed(one.change) }).split("\n");
    return [i ? ", " : "", head, departmentLink(world, one.department), tail];
  });
  return h("p", { class: `verdict ${kind}` }, h("span", { "aria-hidden": "true" }, kind === "better" ? "▲ " : "▼ "), before, named, after);
}

/** A sentence of the report, with a link to what shows it. @param {World} world @param {Statement} one */
function statement(world, one) {
  const to = new URLSearchParams(one.link.split("?")[1]);
  const address = link(world.state, { page: to.get("page") ?? "drift", department: one.department || world.state.department, metric: one.metric || world.state.metric });
  return h("li", { class: one.tone, "data-kind": one.kind }, h("span", { "aria-hidden": "true" }, `${TONES[one.tone]} `),
    h("a", { href: address }, one.text), one.evidence ? h("small", {}, `: ${one.evidence}`) : null);
}
