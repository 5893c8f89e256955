// The report's sentences, section by section, each section with its picture where there is one.
import { dumbbells } from "../charts/dumbbells.js";
import { figureBars } from "../charts/figure_bars.js";
import { h, table } from "../dom.js";
import { measured, measureKey, measureName, reading, span, subjectName } from "../measures.js";
import { isUncertain } from "../shared.js";
import { counted, number, percent, t, whole } from "../texts.js";
import { Measured } from "./measured.js";
import { Readout } from "./readout.js";

const TONES = { bad: "▼", good: "▲", plain: "•", open: "?" };
const PICTURES = { lines: dispersed, terms: weights, perception: perceived };

/** @param {{ sections: ReportSection[] }} report @param {World} world */
export const statements = (report, world) => [h("p", { class: "judgement" }, judgement(report)), h("div", { class: "findings" }, report.sections.map((section) => said(world, section)))];

/** How many sentences ask for something to be done. @param {{ sections: ReportSection[] }} report */
function judgement({ sections }) {
  const of = (tone) => sections.flatMap((section) => section.statements).filter((one) => one.tone === tone).length;
  return t("report_said", { bad: counted("to_act_on", of("bad")), good: counted("good_news", of("good")), open: counted("too_little_data", of("open")) });
}

/** @param {World} world @param {ReportSection} section */
function said(world, { section, title, statements: sentences, nothing, omitted }) {
  const picture = PICTURES[section]?.(world) ?? null;
  return h("section", { id: `said-${section}`, class: "finding", "aria-labelledby": `said-${section}-title` }, h("h2", { id: `said-${section}-title` }, title),
    sentences.length ? h("ul", {}, sentences.map((one) => h("li", { class: `tone-${one.tone}` },
      h("span", { "aria-hidden": "true" }, `${TONES[one.tone] ?? "•"} `), one.link.startsWith("/?") ? h("a", { href: one.link }, one.text) : one.text,
      one.evidence ? h("small", { class: "quiet" }, `: ${one.evidence}`) : null)))
      : picture ? null : h("p", { class: "quiet" }, nothing),
    omitted ? h("p", { class: "quiet" }, t("more", { n: whole(omitted) })) : null, picture);
}

const figures = (world, measure) => world.governance.filter((row) => row.measure === measure && row.value !== null);

/** A picture with a readout, and its rows as a table. @param {World} world @param {string} id @param {string} note @param {GovernanceRow[]} rows @param {(width: number, on: any) => any} draw */
const drawn = (world, id, note, rows, draw) => h("div", { class: "picture", id: `picture-${id}` },
  h(Readout, { usual: note, draw: (on) => h(Measured, { usual: 460, draw: (width) => draw(width, on) }) }),
  h("details", {}, h("summary", {}, t("as_table")), table(note, [
    { title: t("measure"), read: (row) => measureName(row.measure) }, { title: t("of"), head: true, read: (row) => subjectName(world, row) },
    { title: t("value"), number: true, read: (row) => measured(world, row) }, { title: t("interval"), number: true, read: span }, { title: "n_eff", number: true, read: (row) => number(row.n_eff) },
  ], rows)));

const inWords = (world, row) => `${measureName(row.measure)}, ${subjectName(world, row)}: ${reading(row.unit, row.value)} (${span(row)}), n_eff ${number(row.n_eff)}`;

/** Across how many departments it is spread. @param {World} world */
function dispersed(world) {
  const rows = figures(world, "effective_owners");
  return rows.length ? drawn(world, "dispersion", t("dispersion_note"), rows, (width, on) => figureBars({
    rows: rows.map((figure) => ({ name: subjectName(world, figure), figure, words: inWords(world, figure) })), width, label: t("dispersion"), on })) : null;
}

/** What is declared, and what is found. @param {number} declared @param {GovernanceRow} found */
const ends = (declared, found) => [{ value: declared, isUncertain: false, data: { "data-declared": declared } },
  { ...found, isUncertain: found.uncertain || isUncertain(found), data: { "data-measure": measureKey(found) } }];

/** How many name the declared owner. @param {World} world */
function perceived(world) {
  const rows = figures(world, "perception_agreement").sort((a, b) => a.value - b.value);
  return rows.length ? drawn(world, "perceived", t("perceived_note"), rows, (width, on) => dumbbells({
    rows: rows.map((found) => ({ name: subjectName(world, found), reading: percent(found.value), ends: ends(1, found), words: inWords(world, found) })), width, label: t("perceived"), on, isShare: true })) : null;
}

/** What weighs in practice against what is declared to. @param {World} world */
function weights(world) {
  const declared = Object.fromEntries(figures(world, "long_term_weight_declared").map((row) => [row.subject, row]));
  const lived = figures(world, "long_term_weight_lived").filter((row) => declared[row.subject] ?? declared[""]).sort((a, b) => Number(a.subject !== "") - Number(b.subject !== ""));
  const of = (row) => declared[row.subject] ?? declared[""];
  return lived.length ? drawn(world, "weights", t("weights_note"), [...Object.values(declared), ...lived], (width, on) => dumbbells({
    rows: lived.map((found) => ({ name: subjectName(world, found), reading: `${percent(of(found).value)} → ${percent(found.value)}`, ends: ends(of(found).value, found), words: `${inWords(world, of(found))}; ${inWords(world, found)}` })),
    width, label: t("weights_note"), on, isShare: true })) : null;
}
