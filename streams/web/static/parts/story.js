// A drift in words.
import { h } from "../dom.js";
import { advice, departmentLink, departmentName, metricName, touchpointName, unit } from "../shared.js";
import { dateIn, dayIn, dayOnlyIn, number, percent, t } from "../texts.js";

const A_DAY_MS = 86_400_000;

/** That nothing drifts is known only of what is watched. @param {World} world */
export const calm = (world) => advice(t(world.budget.detectors ? "nothing_drifts" : "nothing_watched"));

const moved = ({ from, to }) => from === "unowned" ? "moved_from_nobody" : to === "unowned" ? "moved_to_nobody" : "moved";

/** Between which days it began, where that is more than one. @param {World} world @param {Drifting} one */
function between(world, { since_from, since_to }) {
  if (!since_from || !since_to || Date.parse(since_to) - Date.parse(since_from) <= A_DAY_MS) return "";
  const [from, to] = [since_from, since_to].map((at) => dateIn("between", at, dayOnlyIn(world.registry.timezone)));
  return ` ${t("began_between", { from, to })}`;
}

/** A drift in words: what, since when, whose, and what has to do with it. @param {World} world @param {Drifting} one */
export function story(world, one) {
  // By the clocks of the company, as in its report.
  const day = dayIn(world.registry.timezone);
  const told = one.owner_changes.slice(0, 2).map((change) => t(moved(change), {
    at: dateIn("on", change.at, day), touchpoint: touchpointName(world, change.touchpoint),
    from: departmentName(world, change.from), to: departmentName(world, change.to),
  }));
  const [most, ...others] = one.contributions.touchpoint;
  if (others.length && most.share >= 0.1) told.push(t("contributes", { group: touchpointName(world, most.group), share: percent(most.share) }));
  return [
    h("strong", {}, h("span", { class: one.state, "aria-hidden": "true" }, one.state === "up" ? "▲ " : "▼ "),
      metricName(one.metric), " · ", departmentLink(world, one.department)),
    ` ${t(`${one.state}_since`, { since: dateIn("since", one.since, day) })}${between(world, one)}`,
    one.before === null || one.after === null ? `: ${t("nothing_to_judge")}` : [": ", h("span", { class: "whole" }, `${number(one.before)} → ${number(one.after)} ${unit(world, one.metric)}`)],
    h("br"),
    h("small", {}, [t("owner_is", { owner: departmentName(world, one.department) }), ...told].join("; ")),
  ];
}
