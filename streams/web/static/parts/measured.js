// What is drawn in the pixels that it has: texts of a picture keep their size on a phone.
import { h } from "../dom.js";
import { useEffect, useRef, useState } from "../vendor/preact.js";

/** @param {{ usual: number, draw: (width: number) => any }} attributes The width before it is known, and the picture. */
export function Measured({ usual, draw }) {
  const [width, measured] = useState(usual);
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => measured(Math.max(220, Math.round(entry.contentRect.width))));
    if (place.current) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return h("div", { ref: place }, draw(width));
}
