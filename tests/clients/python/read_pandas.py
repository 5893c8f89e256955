"""Reads recorded balances into a frame of pandas: see ../README.md for the arguments."""

import os
import sys

import clickhouse_connect
import pandas
from reported import report


# the example begins
def read(address: str, database: str, password: str, department: str) -> pandas.DataFrame:
    host, port = address.split(":")
    client = clickhouse_connect.get_client(
        host=host, port=int(port), username="cx_reader", password=password, database=database
    )
    query = """
        SELECT at, metric, value, n FROM balances_latest
        WHERE department = {department:String} AND view = 'as_was' AND horizon = 'short'
        ORDER BY at, metric"""
    return client.query_df(query, parameters={"department": department})


# the example ends


if __name__ == "__main__":
    where, name, whose = sys.argv[1:]
    frame = read(where, name, os.environ["READER_PASSWORD"], whose)
    report(frame.astype({"value": float}).itertuples(index=False))
