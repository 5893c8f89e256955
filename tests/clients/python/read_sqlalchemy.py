"""Reads recorded balances with SQLAlchemy, by the dialect of clickhouse-connect: see ../README.md for the arguments."""

import os
import sys

from reported import report
from sqlalchemy import URL, Row, create_engine, text


# the example begins
def read(address: str, database: str, password: str, department: str) -> list[Row]:
    host, port = address.split(":")
    engine = create_engine(URL.create("clickhousedb", "cx_reader", password, host, int(port), database))
    query = text("""
        SELECT at, metric, value, n FROM balances_latest
        WHERE department = :department AND view = 'as_was' AND horizon = 'short'
        ORDER BY at, metric""")
    with engine.connect() as connection:
        return list(connection.execute(query, {"department": department}))


# the example ends


if __name__ == "__main__":
    where, name, whose = sys.argv[1:]
    report(read(where, name, os.environ["READER_PASSWORD"], whose))
