// Building the document. Texts are only ever set as text, never as markup: that is Preact's doing.
import { Fragment, h as element, render } from "./vendor/preact.js";

/**
 * An element; attributes that are null or undefined are left out, children may be texts, elements or lists. The tag may
 * be a component: a function of its attributes, which may use hooks (vendor/preact.js).
 * @type {(tag: any, attributes?: Record<string, any> | null, ...children: any[]) => any}
 */
export const h = element;

/** Shows nodes in an element: what has not changed keeps focus, selection and what is open. @type {(nodes: any, into: Element, key?: string) => void} */
export const show = (nodes, into, key = "") => render(h(Fragment, { key }, nodes), into);

/**
 * A table. Columns: title, read(row) giving text or elements, number (set to the right), head (names the row).
 * It may be wider than a phone: then it scrolls by itself, also by keyboard, and the page does not.
 */
export function table(caption, columns, rows) {
  // The company's row stands out among those of departments.
  const isWhole = (row) => row.department === "company" && rows.some((one) => one.department !== "company");
  const kind = (column) => (column.number ? "number" : null);
  return h("div", { class: "wide", tabindex: 0, role: "region", "aria-label": caption },
    h("table", {},
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col", class: kind(column) }, column.title)))),
      h("tbody", {}, rows.map((row) => h("tr", { class: isWhole(row) ? "company" : null },
        columns.map((column) => column.head
          ? h("th", { scope: "row" }, column.read(row))
          : h("td", { class: kind(column) }, column.read(row))))))));
}

/** A select; options are pairs of value and label. */
export function select(label, name, options, chosen) {
  return h("label", {}, label, " ", h("select", { name, value: chosen },
    options.map(([value, text]) => h("option", { value }, text))));
}

/** A section that its heading names. */
export const section = (id, title, ...children) => h("section", { id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), children);

/** A count with a bar: its share of the most. */
export const counts = (n, most, whole) => h("span", { class: "count" },
  h("svg", { class: "count-bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, h("rect", { width: 100 * n / most, height: 10, "data-value": n })), " ", whole(n));
