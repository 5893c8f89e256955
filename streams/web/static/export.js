// What is shown, as a file.

// A spreadsheet takes a text that begins like a formula for one.
const cell = (value) => {
  const text = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const safe = typeof value !== "number" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Rows as CSV (RFC 4180), with the columns of the first row. */
export function csv(rows) {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => row[name]))];
  return lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

/** Hands rows to the browser as a download. */
export function download(name, kind, rows) {
  const [text, type] = kind === "csv" ? [csv(rows), "text/csv"] : [JSON.stringify(rows, null, 1), "application/json"];
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}.${kind}`;
  link.click();
  URL.revokeObjectURL(address);
}
