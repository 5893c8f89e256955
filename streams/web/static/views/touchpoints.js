// Who owns which touchpoint.
import * as data from "../data.js";
import { h, table } from "../dom.js";
import { advice, departmentName, touchpointName } from "../shared.js";
import { t, whole } from "../texts.js";

export const needs = (at) => ({ touchpoints: data.touchpoints(at) });

/** @param {World} world @returns {Shown} */
export function show(world) {
  const named = (ids) => ids.map((id) => departmentName(world, id)).join(", ");
  const word = (text) => (text ? t(text) : t("undeclared"));
  return {
    rows: world.touchpoints,
    nodes: h("section", {}, world.touchpoints.length ? table(t("touchpoints"), [
      { title: t("touchpoint"), head: true, read: (one) => [touchpointName(world, one.touchpoint), h("br"), h("small", {}, one.touchpoint)] },
      { title: t("stage"), read: (one) => word(one.stage) },
      { title: t("channel"), read: (one) => word(one.channel) },
      { title: t("owners"), read: (one) => h("span", { class: one.owners.includes("unowned") ? "alarm" : null }, named(one.owners)) },
      { title: t("shares"), read: (one) => one.shares },
      { title: t("sponsor"), read: (one) => one.sponsor },
      { title: t("events"), number: true, read: (one) => whole(one.events) },
      { title: t("by_owner"), read: (one) => Object.entries(one.by_owner).map(([id, n]) => `${departmentName(world, id)} ${whole(n)}`).join(", ") },
    ], world.touchpoints) : advice(t("no_facts"))),
  };
}
