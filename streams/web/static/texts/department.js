// The texts of the view Department.
export const DEPARTMENT = {
};
