// A registry that is too long to be edited whole: those of its tables that hold some words, as one text.
const LONG = 100_000;
const MOST = 60;

/** @typedef {{ start: number, end: number }} Part From where to where in the whole text, in characters. */

/** @param {string} text */
export const isLong = (text) => text.length > LONG;

/** @param {string} text @returns {Part[]} What comes before the first table counts as one. */
function tablesOf(text) {
  const starts = [0, ...[...text.matchAll(/^\[/gm)].map((one) => one.index).filter((index) => index > 0)];
  return starts.map((start, i) => ({ start, end: starts[i + 1] ?? text.length }));
}

/** The tables with all the words, those that are shown, and how many come before these. @param {string} text @param {string} words @param {number} skipped */
export function excerptOf(text, words = "", skipped = 0) {
  if (!isLong(text)) return { words, skipped: 0, found: 1, parts: [{ start: 0, end: text.length }] };
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const lower = wanted.length ? text.toLowerCase() : text;
  const found = tablesOf(text).filter(({ start, end }) => {
    const table = lower.slice(start, end);
    return wanted.every((word) => table.includes(word));
  });
  return { words, skipped, found: found.length, parts: found.slice(skipped, skipped + MOST) };
}

/** The excerpts before and after one; null where there is none. @param {string} text @param {ReturnType<typeof excerptOf>} of */
export const around = (text, { words, skipped, found }) => [
  skipped ? () => excerptOf(text, words, Math.max(0, skipped - MOST)) : null,
  skipped + MOST < found ? () => excerptOf(text, words, skipped + MOST) : null,
];

/** The excerpt that begins with the table of a line. @param {string} text @param {number} line From 1. */
export function excerptAt(text, line) {
  let at = 0;
  for (let n = 1; n < line; n += 1) at = text.indexOf("\n", at) + 1;
  return excerptOf(text, "", Math.max(0, tablesOf(text).findLastIndex(({ start }) => start <= at)));
}

/** What is shown of a text. @param {string} text @param {Part[]} parts */
export const shownOf = (text, parts) => parts.map(({ start, end }) => text.slice(start, end)).join("");

function newlines(text, start, end) {
  let n = 0;
  for (let at = text.indexOf("\n", start); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) n += 1;
  return n;
}

/** Which line of the whole text each shown line is, from 1. @param {string} text @param {Part[]} parts @returns {number[]} */
export function lineNumbers(text, parts) {
  let [line, at] = [1, 0];
  const numbers = parts.flatMap(({ start, end }) => {
    const first = line + newlines(text, at, start);
    const n = newlines(text, start, end);
    [line, at] = [first + n, end];
    return Array.from({ length: n }, (_, i) => first + i);
  });
  return [...numbers, line];
}

/** The whole text with what has been typed, and where its parts are then. @param {string} text @param {Part[]} parts @param {string} now What is shown, as it is now. */
export function edited(text, parts, now) {
  const before = shownOf(text, parts);
  const shorter = Math.min(before.length, now.length);
  let [head, tail] = [0, 0];
  while (head < shorter && before[head] === now[head]) head += 1;
  while (tail < shorter - head && before[before.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  let added = now.slice(head, now.length - tail);
  let [whole, at, seen] = ["", 0, 0];
  const moved = parts.map(({ start, end }, i) => {
    const inside = (place) => start + Math.max(0, Math.min(end - start, place - seen));
    const [from, to] = [inside(head), inside(before.length - tail)];
    // What is typed between two parts belongs to the second.
    const isHere = head < seen + end - start || i === parts.length - 1;
    const part = text.slice(start, from) + (isHere ? added : "") + text.slice(to, end);
    if (isHere) added = "";
    whole += text.slice(at, start);
    const begin = whole.length;
    [whole, at, seen] = [whole + part, end, seen + end - start];
    return { start: begin, end: whole.length };
  });
  return { text: whole + text.slice(at), parts: moved };
}
