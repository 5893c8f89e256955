// How the worker that answers is doing.
import * as data from "../data.js";
import { h, table } from "../dom.js";
import { number, t } from "../texts.js";

export const needs = () => ({ series: data.series(), ready: data.ready() });

const SUMS = ["cx_events_total", "cx_rejected_total", "cx_unowned_events_total", "cx_consumer_lag_events", "cx_records_lost_total"];
const MEANS = ["cx_event_landing_seconds", "cx_insert_seconds"];

/** @param {World} world @returns {Shown} */
export function show(world) {
  const sum = (name, labels = {}) => world.series
    .filter((one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value))
    .reduce((total, one) => total + one.value, 0);
  const rows = [
    ...SUMS.map((name) => ({ series: name, value: sum(name), digits: 0 })),
    ...MEANS.map((name) => ({ series: name, value: sum(`${name}_count`) ? sum(`${name}_sum`) / sum(`${name}_count`) : null, digits: 2 })),
    ...["cx_ingest_stalled", "cx_broker_answers"].map((name) => ({ series: name, value: sum(name), digits: 0 })),
    { series: "process_resident_memory_bytes", value: sum("process_resident_memory_bytes") / 1e6, digits: 0 },
  ];
  return {
    rows: rows.map(({ series, value }) => ({ series, value })),
    nodes: h("section", { "aria-labelledby": "view-title" }, h("h2", { id: "view-title" }, t("pipeline")),
      h("p", {}, `${t("this_worker")}: ${world.ready.ready ? t("is_ready") : world.ready.reason}`),
      table(t("pipeline"), [
        { title: t("series"), head: true, read: (row) => t(row.series) },
        { title: t("value"), number: true, read: (row) => number(row.value, row.digits) },
        { title: "Prometheus", read: (row) => h("code", {}, row.series) },
      ], rows)),
  };
}
