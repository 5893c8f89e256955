// Writes PNG files again with a palette of 256 colours, in a third of the bytes: `node palette.mjs TOOLS FILE...`.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [tools, ...files] = process.argv.slice(2);
const UPNG = createRequire(`${resolve(tools, "node_modules")}/`)("upng-js");
for (const file of files) {
  const picture = UPNG.decode(readFileSync(file));
  writeFileSync(file, Buffer.from(UPNG.encode(UPNG.toRGBA8(picture), picture.width, picture.height, 256)));
}
