// The texts of the view Compare.
export const COMPARE = {
};
