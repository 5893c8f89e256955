// The texts of the view Ownership.
export const OWNERSHIP = {
};
