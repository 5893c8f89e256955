// The texts of the view Drift.
export const DRIFT = {
};
