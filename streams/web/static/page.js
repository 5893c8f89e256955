// The page: two tables from the JSON API. State is in the URL; texts are set as text, never as markup.
const form = document.querySelector("#question");
const state = document.querySelector("#state");
const EVERY_MS = 5000;

const shown = (value, digits = 1) =>
  value === null ? "–" : value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits });

function fill(table, columns, rows) {
  const head = document.createElement("tr");
  for (const { title, number } of columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = title;
    cell.classList.toggle("number", Boolean(number));
    head.append(cell);
  }
  const lines = rows.map((row) => {
    const line = document.createElement("tr");
    line.classList.toggle("company", row.department === "company");
    for (const { read, number } of columns) {
      const cell = document.createElement("td");
      cell.textContent = read(row);
      cell.classList.toggle("number", Boolean(number));
      line.append(cell);
    }
    return line;
  });
  table.replaceChildren(head, ...lines);
}

const SCORECARD = [
  { title: "Department", read: (row) => row.department },
  { title: "Short index", number: true, read: (row) => shown(row.short_index) },
  { title: "Long index", number: true, read: (row) => shown(row.long_index) },
  { title: "Outcome balance", number: true, read: (row) => shown(row.outcome_balance) },
  { title: "Weight of long term", number: true, read: (row) => shown(row.weight_balance, 2) },
  { title: "Short, customers'", number: true, read: (row) => shown(row.short_index_customer) },
  { title: "Long, customers'", number: true, read: (row) => shown(row.long_index_customer) },
];
const BALANCE = [
  { title: "Department", read: (row) => row.department },
  { title: "Metric", read: (row) => row.metric },
  { title: "Term", read: (row) => row.term },
  { title: "Value", number: true, read: (row) => shown(row.value) },
  { title: "95 % interval", number: true, read: (row) => (row.ci_low === null ? "–" : `${shown(row.ci_low)} to ${shown(row.ci_high)}`) },
  { title: "n", number: true, read: (row) => shown(row.n, 0) },
  { title: "Note", read: (row) => row.suppressed || (row.n_eff < 30 ? "uncertain" : "") },
];

async function ask(path, query) {
  const response = await fetch(`${path}?${query}`);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error);
  return body;
}

async function refresh() {
  const query = new URLSearchParams(location.search);
  try {
    const [scorecards, balances] = await Promise.all([ask("/api/v1/scorecards", query), ask("/api/v1/balances", query)]);
    fill(document.querySelector("#scorecards"), SCORECARD, scorecards);
    fill(document.querySelector("#balances"), BALANCE, balances.filter((row) => row.term === row.horizon));
    state.textContent = balances.length
      ? `Figures as of ${new Date(balances[0].at).toLocaleString()}.`
      : "No facts up to that instant. Send some with: cxb publish FILE, or start again with: cxb up --demo";
  } catch (error) {
    state.textContent = `No figures: ${error.message}`;
  }
}

function restore() {
  const query = new URLSearchParams(location.search);
  form.at.value = query.get("at") ?? "";
  form.view.value = query.get("view") ?? "as_was";
}

form.addEventListener("change", () => {
  const query = new URLSearchParams();
  if (form.at.value) query.set("at", form.at.value);
  if (form.view.value !== "as_was") query.set("view", form.view.value);
  history.pushState(null, "", query.size ? `?${query}` : location.pathname);
  refresh();
});
addEventListener("popstate", () => { restore(); refresh(); });
restore();
refresh();
setInterval(() => { if (!form.at.value) refresh(); }, EVERY_MS);
