export { bisector } from "d3-array";
export { sankey, sankeyLinkHorizontal } from "d3-sankey";
export { scaleLinear, scaleUtc } from "d3-scale";
export { area, line } from "d3-shape";
