// A line below a picture that says what the pointer or the focus is on.
import { h } from "../dom.js";
import { useState } from "../vendor/preact.js";

/** @param {{ usual: string, draw: (on: (words: string) => Record<string, any>) => any }} attributes What it says at first, and the picture, whose marks take `on(words)`. */
export function Readout({ usual, draw }) {
  const [words, say] = useState("");
  const on = (text) => ({ onMouseEnter: () => say(text), onFocus: () => say(text) });
  return [draw(on), h("p", { class: "readout quiet", "aria-live": "polite" }, words || usual)];
}
