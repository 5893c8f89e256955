// What AsyncAPI's own parser finds wrong with the document on standard input: a JSON list. The folder of the tools is given.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { Parser } = createRequire(`${process.argv[2]}/package.json`)("@asyncapi/parser");
const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
const found = diagnostics.map(({ severity, message, path }) => ({ severity, message, path: path.join(".") }));
const read = document && {
  version: document.version(),
  channels: document.channels().all().map((channel) => channel.address()),
  messages: document.channels().all().flatMap((channel) => channel.messages().all().map((message) => message.name())),
};
process.stdout.write(JSON.stringify({ found, read: read ?? null }));
