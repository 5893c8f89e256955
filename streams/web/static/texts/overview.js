// The texts of the view Overview.
export const OVERVIEW = {
};
