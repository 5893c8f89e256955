"""Reads recorded balances into a frame of polars: see ../README.md for the arguments."""

import os
import sys

import clickhouse_connect
import polars
from reported import report


# the example begins
def read(address: str, database: str, password: str, department: str) -> polars.DataFrame:
    host, port = address.split(":")
    client = clickhouse_connect.get_client(
        host=host, port=int(port), username="cx_reader", password=password, database=database
    )
    query = """
        SELECT at, metric, value, n FROM balances_latest
        WHERE department = {department:String} AND view = 'as_was' AND horizon = 'short'
        ORDER BY at, metric"""
    return client.query_df_arrow(query, parameters={"department": department}, dataframe_library="polars")


# the example ends


if __name__ == "__main__":
    where, name, whose = sys.argv[1:]
    report(read(where, name, os.environ["READER_PASSWORD"], whose).iter_rows())
