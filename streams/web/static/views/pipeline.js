// How the worker that answers is doing: what it did in the last minutes, and how it stands.
import { minutes } from "../charts/minutes.js";
import * as data from "../data.js";
import { counts, h, section, table } from "../dom.js";
import { percentiles, rates } from "../parts/rates.js";
import { number, t, whole } from "../texts.js";
import { useEffect, useState } from "../vendor/preact.js";

export const needs = () => ({ series: data.series(), ready: data.ready() });

const EVERY_MS = 5000;
const KEPT_MS = 600_000;
const SUMS = ["cx_events_total", "cx_rejected_total", "cx_unowned_events_total", "cx_consumer_lag_events", "cx_records_lost_total"];
const MEANS = ["cx_event_landing_seconds", "cx_insert_seconds"];
/** Booleans, each with the value that is as it should be. */
const BOOLEANS = { cx_ingest_stalled: 0, cx_broker_answers: 1, cx_registry_valid: 1 };
const LINES = [
  { id: "events", of: rates, series: "cx_events_total", digits: 1 }, { id: "rejected", of: rates, series: "cx_rejected_total", digits: 1 },
  { id: "landing", of: percentiles, series: "cx_event_landing_seconds", digits: 2 }, { id: "insert", of: percentiles, series: "cx_insert_seconds", digits: 2 },
];

/** What has been read while the page is open. @type {import("../parts/rates.js").Scrape[]} */
const scrapes = [];

async function scrape() {
  const series = await data.series();
  const at = Date.now();
  scrapes.push({ at, series });
  while (scrapes[0].at < at - KEPT_MS) scrapes.shift();
}

/** @param {World} world @returns {Shown} */
export function show(world) {
  const rows = standing(world.series);
  return { rows: rows.map(({ series, value }) => ({ series, value })), nodes: h(Pipeline, { world, rows }) };
}

/** @param {{ world: World, rows: ReturnType<typeof standing> }} attributes */
function Pipeline({ world, rows }) {
  const [, redraw] = useState(0);
  useEffect(() => {
    const read = () => (document.hidden ? null : scrape().then(() => redraw((n) => n + 1), () => {}));
    read();
    const timer = setInterval(read, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const series = scrapes.at(-1)?.series ?? world.series;
  return [
    h("section", { "aria-labelledby": "view-title" }, h("h2", { id: "view-title" }, t("pipeline")),
      h("p", {}, h("strong", {}, `${t("this_worker")}: ${world.ready.ready ? t("is_ready") : world.ready.reason}`), ". ", waiting(series)),
      h("div", { class: "lines" }, LINES.map((one) => drawn(one)))),
    h("div", { class: "pair" }, lags(series),
      section("standing", t("since_start"), table(t("since_start"), [
        { title: t("series"), head: true, read: (row) => t(row.series) },
        { title: t("value"), number: true, read: (row) => (row.good === undefined ? number(row.value, row.digits) : yesOrNo(row.value, row.good)) },
        { title: "Prometheus", read: (row) => h("code", {}, row.series) },
      ], rows))),
  ];
}

const yesOrNo = (value, good) => h("span", { class: value === good ? null : "alarm" }, t(value ? "yes" : "no"), value === good ? "" : " !");

/** One of the lines, with the same points as a table. @param {typeof LINES[number]} line */
function drawn({ id, of, series, digits }) {
  const points = of(scrapes, series);
  const newest = points.findLast((one) => one.value !== null);
  const title = t(`line_${id}`);
  const says = newest ? `${title}: ${number(newest.value, digits)}` : `${title}: ${t(points.length ? "line_nothing" : "line_soon")}`;
  return h("figure", { id: `line-${id}` }, h("figcaption", {}, says),
    minutes(points, { label: says, begin: scrapes[0]?.at ?? 0, end: scrapes.at(-1)?.at ?? 1, kind: id }),
    h("details", {}, h("summary", {}, t("as_table")), table(title, [
      { title: t("when"), head: true, read: (one) => new Date(one.at).toISOString().slice(11, 19) },
      { title: t("value"), number: true, read: (one) => number(one.value, digits) },
    ], [...points].reverse())));
}

/** @param {Sample[]} series */
const partitions = (series) => series.filter((one) => one.name === "cx_consumer_lag_events").sort((a, b) => Number(a.labels.partition) - Number(b.labels.partition));

/** @param {Sample[]} series */
function waiting(series) {
  const all = partitions(series);
  const total = all.reduce((sum, one) => sum + one.value, 0);
  return all.length ? t(total ? "records_wait" : "none_waits", { n: whole(total), of: whole(all.length) }) : t("no_partitions");
}

/** @param {Sample[]} series */
function lags(series) {
  const rows = partitions(series);
  const most = Math.max(1, ...rows.map((one) => one.value));
  return section("lag", t("lag_by_partition"),
    rows.length ? table(t("lag_by_partition"), [
      { title: t("partition"), head: true, read: (one) => one.labels.partition },
      { title: t("cx_consumer_lag_events"), read: (one) => counts(one.value, most, whole) },
    ], rows) : h("p", { class: "quiet" }, t("no_partitions")));
}

/** How the worker stands. @param {Sample[]} series @returns {{ series: string, value: number | null, digits: number, good?: number }[]} */
function standing(series) {
  const sum = (name) => series.filter((one) => one.name === name).reduce((total, one) => total + one.value, 0);
  return [
    ...SUMS.map((name) => ({ series: name, value: sum(name), digits: 0 })),
    ...MEANS.map((name) => ({ series: name, value: sum(`${name}_count`) ? sum(`${name}_sum`) / sum(`${name}_count`) : null, digits: 2 })),
    ...Object.entries(BOOLEANS).map(([name, good]) => ({ series: name, value: sum(name), digits: 0, good })),
    { series: "process_resident_memory_bytes", value: sum("process_resident_memory_bytes") / 1e6, digits: 0 },
  ];
}
