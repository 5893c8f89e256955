// Reads recorded balances with @clickhouse/client: see ../README.md for the arguments.
import { createClient } from "@clickhouse/client";

// the example begins
async function read(address, database, password, department) {
  const client = createClient({ url: `http://${address}`, username: "cx_reader", password, database });
  const answer = await client.query({
    query: `SELECT at, metric, value, n FROM balances_latest
            WHERE department = {department:String} AND view = 'as_was' AND horizon = 'short'
            ORDER BY at, metric`,
    query_params: { department },
    format: "JSONEachRow",
  });
  const rows = await answer.json(); // value is null where it is not known; at is a text, in UTC
  await client.close();
  return rows;
}
// the example ends

const [address, database, department] = process.argv.slice(2);
for (const { at, metric, value, n } of await read(address, database, process.env.READER_PASSWORD, department)) {
  const text = value === null ? "" : value.toFixed(3);
  console.log([Date.parse(`${at.replace(" ", "T")}Z`), metric, text, n].join("\t"));
}
