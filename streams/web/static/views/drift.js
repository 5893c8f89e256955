// What has left its usual level, since when, whose it is, and what has to do with it.
import * as data from "../data.js";
import { h, table } from "../dom.js";
import { calm, story } from "../parts/story.js";
import { departmentLink, departmentName, metricName, touchpointName } from "../shared.js";
import { counted, moment, number, percent, t } from "../texts.js";

const DIMENSIONS = ["touchpoint", "segment", "region"];

export const needs = (at) => ({ drifting: data.drifting(at), changes: data.changes(), budget: data.driftBudget(at) });

/** What the alert budget means. @param {Budget} budget */
const budgetLine = ({ detectors, expected_a_month, alarms, explained }) => detectors
  ? h("p", { class: "quiet", id: "budget" }, t("budget", {
    false_alarms: counted("false_alarms", expected_a_month), alarms: counted("alarms", alarms),
    explained: explained ? counted("explained", explained) : "",
  }))
  : null;

/** @param {World} world @returns {Shown} */
export function show(world) {
  const what = (one) => `${metricName(one.metric)} · ${departmentName(world, one.department)}`;
  const name = (dimension, group) => (dimension === "touchpoint" ? touchpointName(world, group) : group || "–");
  return {
    rows: world.drifting,
    nodes: [
      h("section", { id: "drifting" }, h("h2", {}, t("drifting")), world.drifting.length ? world.drifting.map((one) => h("article", {},
        h("p", {}, story(world, one)),
        h("details", {}, h("summary", {}, t("contributions", { what: what(one) })), table(t("contributions", { what: what(one) }), [
          { title: t("dimension"), read: (part) => (part.dimension === "touchpoint" ? t("touchpoint") : part.dimension) },
          { title: t("group"), head: true, read: (part) => name(part.dimension, part.group) },
          { title: t("was"), number: true, read: (part) => number(part.before) },
          { title: t("is"), number: true, read: (part) => number(part.after) },
          { title: t("change"), number: true, read: (part) => number(part.change, 2) },
          { title: t("share"), number: true, read: (part) => percent(part.share) },
        ], DIMENSIONS.flatMap((dimension) => one.contributions[dimension].map((part) => ({ ...part, dimension }))))))) : calm(world),
      budgetLine(world.budget)),
      h("section", {}, table(t("history"), [
        { title: `${t("when")} (UTC)`, read: (row) => moment(row.at) },
        { title: t("department"), read: (row) => departmentLink(world, row.department) },
        { title: t("metric"), read: (row) => metricName(row.metric) },
        { title: t("state"), read: (row) => t(row.state) },
        { title: `${t("since")} (UTC)`, read: (row) => moment(row.since) },
        { title: t("statistic"), number: true, read: (row) => number(row.statistic) },
        { title: t("threshold"), number: true, read: (row) => number(row.threshold) },
      ], world.changes.filter((row) => !world.state.at || row.at <= `${world.state.at}:00Z`).sort((a, b) => b.at.localeCompare(a.at)))),
    ],
  };
}
