// Which department a view is about.
import { select } from "../dom.js";
import { departmentName } from "../shared.js";
import { t } from "../texts.js";

/** The department asked for, or the whole company. @param {World} world */
export const chosenDepartment = (world) => world.state.department || "company";

/** @param {World} world */
export function departmentPicker(world) {
  const ids = [...new Set(["company", ...world.registry.departments.map((one) => one.id), "unowned", chosenDepartment(world)])];
  return select(t("department"), "department", ids.map((id) => [id, departmentName(world, id)]), chosenDepartment(world));
}
