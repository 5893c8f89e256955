// Where the labels of points go: near their points, and clear of each other, of all points and of the edges.

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @typedef {{ x: number, y: number, anchor: string, far: boolean }} Place The middle of the text's height; far: a line leads to the point. */

const HEIGHT = 15;
const CLEAR = 7;
const DISTANCES = [11, 20, 32, 46, 62, 80, 100, 124, 150];
const NEAR = 20;
const STEPS = [0.2, 0.35, 0.5, 0.65, 0.8, 0.95];
// Right, left, above, below, then the corners.
const DIRECTIONS = [[1, 0], [-1, 0], [0, -1], [0, 1], [0.8, -0.7], [-0.8, -0.7], [0.8, 0.7], [-0.8, 0.7]];

const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const within = (box, frame) => box.x >= frame.x && box.y >= frame.y && box.x + box.width <= frame.x + frame.width && box.y + box.height <= frame.y + frame.height;

/** Whether a line from a point to a place runs through a box. */
const crosses = (point, place, box) => STEPS.some((step) => overlap({ x: point.x + step * (place.x - point.x), y: point.y + step * (place.y - point.y), width: 0.1, height: 0.1 }, box));

/** The places for a label of a width beside a point, the nearest first. @returns {{ place: Place, box: Box }[]} */
function candidates(point, width) {
  return DISTANCES.flatMap((distance) => DIRECTIONS.map(([dx, dy]) => {
    const [x, y] = [point.x + dx * distance, point.y + dy * distance];
    const anchor = dx > 0 ? "start" : dx < 0 ? "end" : "middle";
    const left = dx > 0 ? x : dx < 0 ? x - width : x - width / 2;
    return { place: { x, y, anchor, far: distance > NEAR }, box: { x: left, y: y - HEIGHT / 2, width, height: HEIGHT } };
  }));
}

/**
 * A place for each label. The first points choose first; a label that fits nowhere is left out (null): its point is
 * named when it is pointed at, and in the table.
 * @param {{ x: number, y: number, width: number }[]} points With the width of their texts.
 * @param {Box} frame
 * @param {Box[]} taken What else nothing may cover.
 * @returns {(Place | null)[]}
 */
export function labelPlaces(points, frame, taken = []) {
  const boxes = [...taken, ...points.map(({ x, y }) => ({ x: x - CLEAR, y: y - CLEAR, width: 2 * CLEAR, height: 2 * CLEAR }))];
  const named = [...taken];
  return points.map((point) => {
    const free = candidates(point, point.width).find(({ place, box }) => within(box, frame) && !boxes.some((other) => overlap(box, other))
      && !(place.far && named.some((other) => crosses(point, place, other))));
    if (!free) return null;
    boxes.push(free.box);
    named.push(free.box);
    return free.place;
  });
}
