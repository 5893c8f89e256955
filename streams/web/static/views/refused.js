// Events that were rejected, and how to send them again.
import * as data from "../data.js";
import { h, select, table } from "../dom.js";
import { advice } from "../shared.js";
import { moment, t } from "../texts.js";

export const needs = (_, wanted) => ({ refused: data.refused(wanted.reason) });

const REASONS = ["too_large", "not_json", "not_an_object", "missing_field", "bad_type", "bad_value", "unknown_kind", "score_out_of_range", "too_old", "in_future"];

/** @param {World} world @returns {Shown} */
export function show(world) {
  return {
    rows: world.refused,
    nodes: h("section", { "aria-labelledby": "view-title" }, h("h2", { id: "view-title" }, t("refused")),
      h("form", {}, select(t("reason"), "reason", [["", t("all")], ...REASONS.map((one) => [one, one])], world.state.reason)),
      world.refused.length ? [advice(t("refused_remedy")), table(t("refused"), [
        { title: t("when"), read: (row) => moment(row.rejected_at) },
        { title: t("reason"), read: (row) => row.reason },
        { title: t("detail"), read: (row) => row.detail },
        { title: t("source"), read: (row) => `${row.topic}[${row.partition}]@${row.offset}` },
        { title: t("payload"), read: (row) => h("code", {}, row.payload.slice(0, 300)) },
      ], world.refused)] : advice(t("none_refused"))),
  };
}
