// Builds the libraries that the page carries along: `node vendor.mjs TOOLS OUT`, with node_modules in TOOLS. Each file of vendor/
// says what is taken; the result is one ES module each, a manifest (versions, licences, SHA-256) and the licences' texts.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [tools, out] = process.argv.slice(2);
const modules = resolve(tools, "node_modules");
const { build } = createRequire(`${modules}/`)("esbuild");
const entries = join(import.meta.dirname, "vendor");
const packageOf = (path) => path.match(/node_modules\/([^/]+)\//)?.[1];
const files = [];
const licences = new Map();

for (const name of ["preact", "d3"]) {
  const result = await build({
    absWorkingDir: resolve(tools), entryPoints: [join(entries, `${name}.js`)], nodePaths: [modules],
    bundle: true, format: "esm", minify: true, legalComments: "none", banner: { js: "// @ts-nocheck: built by make vendor; licences in LICENSES.txt" }, metafile: true, write: false,
  });
  const used = [...new Set(Object.keys(result.metafile.inputs).map(packageOf).filter(Boolean))].sort();
  const packages = used.map((one) => {
    const { version, license } = JSON.parse(readFileSync(join(modules, one, "package.json"), "utf8"));
    licences.set(one, readFileSync(join(modules, one, "LICENSE"), "utf8").trim());
    return { package: one, version, licence: license };
  });
  const body = result.outputFiles[0].text;
  writeFileSync(join(out, `${name}.js`), body);
  files.push({ file: `${name}.js`, sha256: createHash("sha256").update(body).digest("hex"), packages });
}
writeFileSync(join(out, "manifest.json"), `${JSON.stringify(files, null, 1)}\n`);
const texts = [...licences].sort().map(([name, text]) => `${name}\n${"-".repeat(name.length)}\n${text}\n`);
writeFileSync(join(out, "LICENSES.txt"), texts.join("\n"));
