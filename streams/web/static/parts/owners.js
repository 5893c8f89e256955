// Departments in colours that stay apart (Okabe and Ito, then striped); nobody is hatched.
import { h } from "../dom.js";
import { departmentName, indexed } from "../shared.js";
import { t, whole } from "../texts.js";

const COLOURS = 8;
const NAMED = 24;

/** @param {World} world @param {string} id */
const place = (world, id) => placesOf(world.registry.departments).get(id) ?? -1;
const placesOf = indexed((/** @type {{ id: string }[]} */ list) => new Map(list.map((one, i) => [one.id, i])));

/** A block in the colour of a department. @param {World} world @param {string} id @param {Record<string, any>} attributes Of the rectangle. */
export function block(world, id, attributes) {
  const at = place(world, id);
  if (at < 0) return h("rect", { ...attributes, class: "owner none", fill: "url(#hatch-of-nobody)" });
  const striped = at < COLOURS ? null : h("rect", { ...pick(attributes), fill: "url(#stripes-of-owners)", "aria-hidden": "true" });
  return [h("rect", { ...attributes, class: `owner owner-${at % COLOURS}` }), striped];
}

/** @param {Record<string, any>} of */
const pick = (of) => ({ x: of.x, y: of.y, width: of.width, height: of.height });

/** The patterns that blocks use; once in each view that has blocks. */
export const patterns = () => h("svg", { class: "patterns", width: 0, height: 0, "aria-hidden": "true" }, h("defs", {},
  h("pattern", { id: "hatch-of-nobody", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    h("rect", { width: 6, height: 6, class: "hatch-ground" }), h("rect", { width: 2.5, height: 6, class: "hatch-line" })),
  h("pattern", { id: "stripes-of-owners", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    h("rect", { width: 2, height: 5, class: "stripe" }))));

/** Which colour is whose. @param {World} world @param {string[]} ids */
export const legend = (world, ids) => h("ul", { class: "legend" }, ids.slice(0, NAMED).map((id) => h("li", {},
  h("svg", { width: 14, height: 14, "aria-hidden": "true" }, block(world, id, { x: 0, y: 0, width: 14, height: 14 })), " ", departmentName(world, id))),
  ids.length > NAMED ? h("li", { class: "quiet" }, t("and_more", { n: whole(ids.length - NAMED) })) : null);

/** Ids in the order of the registry, nobody last. @param {World} world @param {Iterable<string>} ids */
export const inOrder = (world, ids) => {
  const rank = (id) => (place(world, id) < 0 ? 1e6 : place(world, id));
  return [...new Set(ids)].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
};
