// Building and updating the document. Texts are only ever set as text, never as markup.
const SVG = "http://www.w3.org/2000/svg";

/**
 * An element; attributes that are false, null or undefined are left out, children may be texts, elements or lists.
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {...any} children
 * @returns {Element}
 */
export function h(tag, attributes = {}, ...children) {
  const element = ["svg", "rect", "path", "circle", "text"].includes(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== "") element.append(child);
  }
  return element;
}

/** Makes an element like another one, touching only what differs: what has not changed keeps focus and selection. */
export function morph(old, wanted) {
  // `open` is the reader's: details that have been opened stay so.
  for (const { name } of [...old.attributes]) if (name !== "open" && !wanted.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const { value } = wanted;
  const before = [...old.childNodes];
  const after = [...wanted.childNodes];
  after.forEach((node, position) => {
    const there = before[position];
    if (!there) old.append(node);
    else if (there.nodeName !== node.nodeName) there.replaceWith(node);
    else if (node.nodeType === Node.TEXT_NODE) {
      if (there.data !== node.data) there.data = node.data;
    }
    else morph(there, node);
  });
  for (const node of before.slice(after.length)) node.remove();
  // What a person has chosen no longer follows the attribute; and what is being typed is left alone.
  if (["SELECT", "INPUT"].includes(old.nodeName) && old !== document.activeElement) old.value = value;
}

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
  return h("label", {}, label, " ", h("select", { name },
    options.map(([value, text]) => h("option", { value, selected: value === chosen }, text))));
}
