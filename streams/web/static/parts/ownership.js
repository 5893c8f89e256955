// Who owns a touchpoint, in parts and in words: its slices, and who shares the work of each.
import { departmentName } from "../shared.js";
import { percent, t, whole } from "../texts.js";

const LABELS = ["segment", "region", "kind", "facet"];

/** Which events a slice is of. @param {TouchpointRow} row @param {TouchpointSlice} slice */
export function sliceName(row, slice) {
  const words = LABELS.filter((name) => slice[name]).map((name) => t(`slice_${name}`, { name: slice[name] }));
  return words.join(", ") || t(row.slices.length > 1 ? "slice_others" : "slice_all");
}

const byShare = (shares) => Object.entries(shares).sort(([a, x], [b, y]) => y - x || a.localeCompare(b));

/**
 * How a touchpoint is divided at the instant: by the events of each slice, and within it by shares of the work.
 * @param {TouchpointRow} row @returns {{ owner: string, weight: number, slice: TouchpointSlice }[]} Weights sum to 1.
 */
export function portions(row) {
  const total = row.slices.reduce((sum, slice) => sum + slice.events, 0);
  return row.slices.flatMap((slice) => {
    const weight = total ? slice.events / total : 1 / row.slices.length;
    const shared = byShare(slice.shares);
    return shared.length ? shared.map(([owner, share]) => ({ owner, weight: weight * share, slice })) : [{ owner: slice.owner, weight, slice }];
  });
}

/** Who has the greatest part of it. @param {TouchpointRow} row */
export function mainOwner(row) {
  const most = [...row.slices].sort((a, b) => b.events - a.events)[0];
  return most?.owner ?? "unowned";
}

export const isOrphan = (row) => row.slices.some((slice) => slice.owner === "unowned" && !slice.facet);
export const isSplit = (row) => new Set(portions(row).map((part) => part.owner)).size > 1;

/** @param {World} world @param {Record<string, number>} shares */
const sharesInWords = (world, shares) => byShare(shares).map(([id, share]) => `${departmentName(world, id)} ${percent(share)}`).join(", ");

/** Who owns which part. @param {World} world @param {TouchpointRow} row */
export const inWords = (world, row) => row.slices.map((slice) => {
  const owner = slice.accountable.length > 1 ? slice.accountable.map((id) => departmentName(world, id)).join(" / ") : departmentName(world, slice.owner);
  const shared = Object.keys(slice.shares).length > 1 ? ` (${sharesInWords(world, slice.shares)})` : "";
  return row.slices.length > 1 ? `${sliceName(row, slice)}: ${owner}${shared}, ${t("events_n", { n: whole(slice.events) })}` : `${owner}${shared}`;
}).join("; ");

/** The changes of hands of all touchpoints, newest first. @param {TouchpointRow[]} rows */
export function changesOf(rows) {
  const found = rows.flatMap((row) => row.slices.flatMap((slice) => slice.periods.slice(1).map((period, i) => ({
    row, slice, at: /** @type {string} */ (period.from), from: slice.periods[i].owner, to: period.owner,
    before: slice.periods[i].shares, after: period.shares,
  }))));
  return found.sort((a, b) => (b.at < a.at ? -1 : Number(b.at > a.at)));
}
