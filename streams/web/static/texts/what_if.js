// The texts of the view What-if.
export const WHAT_IF = {
};
