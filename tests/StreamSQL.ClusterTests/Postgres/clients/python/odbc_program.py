"""psqlODBC, by pyodbc: plain, and with its cursors (UseDeclareFetch)."""

import datetime
import decimal
import threading

import pyodbc

from programs import equal, main, stream_of, table_of

MODES = ("", "UseDeclareFetch=1;Fetch=7;")


def open_connection(host, port, options="", **more):
    return pyodbc.connect(f"DRIVER=PostgreSQL Unicode;SERVER={host};PORT={port};UID=test;DATABASE=streamsql;{options}", autocommit=True, **more)


def rows(connection, text, *values):
    return [tuple(row) for row in connection.cursor().execute(text, *values).fetchall()]


def connect(host, port):
    for options in MODES:
        connection = open_connection(host, port, options)
        equal(connection.getinfo(pyodbc.SQL_DBMS_NAME), "PostgreSQL")
        equal(connection.getinfo(pyodbc.SQL_DBMS_VER).split(".")[0], "15")
        equal(rows(connection, "SELECT count(*) FROM generate_series(1, 100) g"), [(100,)])
        equal(len(rows(connection, "SELECT g FROM generate_series(1, 100) g")), 100)
        connection.close()


def values(host, port):
    moment = datetime.datetime(2020, 1, 2, 3, 4, 5)
    for options in MODES:
        connection = open_connection(host, port, options)
        text = "SELECT CAST(? AS int) + 1, CAST(? AS text), CAST(? AS float8), CAST(? AS date), CAST(? AS timestamptz), CAST(? AS numeric(10, 2)), CAST(? AS bytea), CAST(? AS int)"
        equal(rows(connection, text, 1, "ünï", 1.5, datetime.date(2020, 1, 2), moment, decimal.Decimal("1.25"), b"\x01a", None),
              [(2, "ünï", 1.5, datetime.date(2020, 1, 2), moment, decimal.Decimal("1.25"), b"\x01a", None)])
        connection.close()


def changes(host, port):
    connection = open_connection(host, port)
    connection.execute(table_of("odbc_rows"))
    equal(connection.execute("INSERT INTO odbc_rows VALUES (?, ?, ?)", 1, "x", 1.5).rowcount, 1)
    connection.execute("INSERT INTO odbc_rows VALUES (?, ?, ?)", 2, None, None)
    connection.cursor().executemany("INSERT INTO odbc_rows VALUES (?, ?, ?)", [(i, "n", i / 2) for i in range(10, 60)])
    for options in MODES:
        other = open_connection(host, port, options)
        equal(rows(other, "SELECT id, name, amount FROM odbc_rows WHERE id < ? ORDER BY id", 3), [(1, "x", 1.5), (2, None, None)])
        equal(len(rows(other, "SELECT * FROM odbc_rows")), 52)
        other.close()
    for text, code in (("SELECT 1/0", "22012"), ("SELECT missing", "42703"), ("SELECT 1 FROM nothing", "42P01")):
        try:
            rows(connection, text)
            raise AssertionError(f"{text} was not refused")
        except pyodbc.Error as error:
            equal(error.args[0], code)
    connection.autocommit = False
    connection.execute("INSERT INTO odbc_rows VALUES (100, 't', 1)")
    connection.rollback()
    equal(rows(connection, "SELECT count(*) FROM odbc_rows"), [(52,)])
    connection.execute("INSERT INTO odbc_rows VALUES (100, 't', 1)")
    connection.commit()
    equal(rows(connection, "SELECT count(*) FROM odbc_rows"), [(53,)])
    connection.commit()
    connection.close()


def browse(host, port):
    connection = open_connection(host, port)
    connection.execute(table_of("odbc_browse"))
    cursor = connection.cursor()
    equal([(row.table_name, row.table_type) for row in cursor.tables(schema="public", table="odbc_browse")], [("odbc_browse", "TABLE")])
    equal([(row.column_name, row.type_name, row.nullable) for row in cursor.columns(table="odbc_browse")],
          [("id", "int8", 0), ("name", "text", 1), ("amount", "float8", 1)])
    equal([(row.column_name, row.key_seq, row.pk_name) for row in cursor.primaryKeys("odbc_browse")], [("id", 1, "odbc_browse_pkey")])
    equal([(row.index_name, row.non_unique, row.column_name) for row in cursor.statistics("odbc_browse")], [("odbc_browse_pkey", 0, "id")])
    equal(cursor.foreignKeys("odbc_browse").fetchall(), [])
    cursor.rowIdColumns("odbc_browse").fetchall()
    cursor.rowVerColumns("odbc_browse").fetchall()
    equal(len(cursor.procedures().fetchall()) > 100, True)
    equal(len(cursor.getTypeInfo().fetchall()) > 10, True)
    connection.close()


def push(host, port):
    connection = open_connection(host, port)
    connection.execute(stream_of("odbc_push"))
    reader = open_connection(host, port, "UseDeclareFetch=1;Fetch=1;")
    pause = threading.Event()

    def feed():
        for i in range(4):
            pause.wait(0.3)
            connection.execute("INSERT INTO odbc_push (id, name) VALUES (?, ?)", i, "x")

    feeding = threading.Thread(target=feed)
    feeding.start()
    cursor = reader.cursor()
    cursor.execute("SELECT id FROM odbc_push EMIT CHANGES LIMIT 3")
    equal([row[0] for row in cursor.fetchall()], [0, 1, 2])
    feeding.join()
    timer = threading.Timer(0.5, cursor.cancel)
    timer.start()
    try:
        reader.cursor() if cursor.execute("SELECT id FROM odbc_push EMIT CHANGES").fetchall() else None
        raise AssertionError("it was not cancelled")
    except pyodbc.Error as error:
        equal(error.args[0], "57014")
    connection.close()


main("psqlODBC", [connect, values, changes, browse, push])
