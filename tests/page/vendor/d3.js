export { bisector, extent, max, min } from "d3-array";
export { sankey, sankeyLinkHorizontal } from "d3-sankey";
export { scaleBand, scaleLinear, scaleUtc } from "d3-scale";
export { area, curveMonotoneX, line, stack } from "d3-shape";
