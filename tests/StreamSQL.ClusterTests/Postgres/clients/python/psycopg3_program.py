"""psycopg (version 3): it sends small numbers as smallint, in binary where it can, and prepares by itself."""

import datetime
import decimal
import threading

import psycopg
from psycopg.types import TypeInfo
from psycopg.types.json import Jsonb

from programs import LIMIT_S, equal, main, stream_of, table_of


def open_connection(host, port, **options):
    return psycopg.connect(host=host, port=port, user="test", dbname="streamsql", autocommit=True, **options)


def rows(connection, text, values=None, **options):
    return connection.execute(text, values, **options).fetchall()


def connect(host, port):
    with open_connection(host, port, application_name="program") as connection:
        equal(connection.info.server_version // 10000, 15)
        equal(connection.info.backend_pid, rows(connection, "SELECT pg_backend_pid()")[0][0])
        equal(connection.info.parameter_status("standard_conforming_strings"), "on")
        equal(TypeInfo.fetch(connection, "int8").oid, 20)
        equal(TypeInfo.fetch(connection, "nothing"), None)
        connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        with connection.transaction():
            equal(rows(connection, "SHOW transaction_isolation"), [("serializable",)])


def values(host, port):
    moment = datetime.datetime(2020, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.timezone.utc)
    given = (1, 40000, 10**12, "it's", 1.5, True, None, datetime.date(2020, 1, 2), datetime.time(1, 2, 3), moment, b"\0\x01", [1, 2, None])
    with open_connection(host, port) as connection:
        for marker in ("%s", "%t", "%b"):
            equal(rows(connection, "SELECT " + ", ".join([marker] * len(given)), given), [given])
        equal(connection.cursor(binary=True).execute("SELECT " + ", ".join(["%s"] * len(given)), given).fetchall(), [given])
        equal(rows(connection, "SELECT %s", (Jsonb({"a": [1, None]}),)), [({"a": [1, None]},)])
        equal(rows(connection, "SELECT %s::numeric(10, 2), %s::int4", (decimal.Decimal("12.5"), None)), [(decimal.Decimal("12.50"), None)])


def changes(host, port):
    with open_connection(host, port) as connection:
        connection.execute(table_of("py3_rows"))
        cursor = connection.cursor()
        cursor.executemany("INSERT INTO py3_rows (id, name, amount) VALUES (%s, %s, %s)", [(i, "n", i / 2) for i in range(100)])
        cursor.execute("INSERT INTO py3_rows (id, name, amount) VALUES (%s, %s, %s)", (100, None, None))
        equal(cursor.rowcount, 1)
        for i in range(8):  # the fifth time it prepares
            equal(rows(connection, "SELECT amount FROM py3_rows WHERE id = %s", (i,)), [(i / 2,)])
        cursor.executemany("INSERT INTO py3_rows (id) VALUES (%s) RETURNING id", [(200,), (201,)], returning=True)
        equal(cursor.fetchone(), (200,))
        equal(cursor.nextset(), True)
        equal(cursor.fetchone(), (201,))
        with connection.transaction():
            connection.execute("INSERT INTO py3_rows (id) VALUES (300)")
            try:
                with connection.transaction():
                    connection.execute("SELECT 1/0")
                raise AssertionError("a division by zero was let through")
            except psycopg.errors.DivisionByZero:
                pass
        equal(rows(connection, "SELECT count(*) FROM py3_rows"), [(104,)])


def pipelines(host, port):
    with open_connection(host, port) as connection:
        with connection.pipeline():
            answers = [connection.execute("SELECT %s", (i,)) for i in range(50)]
        equal([answer.fetchone()[0] for answer in answers], list(range(50)))
        try:
            with connection.pipeline() as pipeline:
                connection.execute("SELECT 1/0")
                connection.execute("SELECT 1")
                pipeline.sync()
            raise AssertionError("a division by zero was let through")
        except psycopg.errors.DivisionByZero:
            pass
        equal(rows(connection, "SELECT 1"), [(1,)])


def cursors(host, port):
    with open_connection(host, port) as connection, connection.transaction():
        with connection.cursor("forward") as cursor:
            cursor.execute("SELECT g FROM generate_series(1, 1000) g")
            equal(cursor.fetchmany(3), [(1,), (2,), (3,)])
            cursor.scroll(2)
            equal(cursor.fetchone(), (6,))
            equal(len(cursor.fetchall()), 994)
        with connection.cursor("both", scrollable=True) as cursor:
            cursor.execute("SELECT g FROM generate_series(1, 3000) g")
            equal(len(cursor.fetchmany(2500)), 2500)
            cursor.scroll(-2499)
            equal(cursor.fetchone(), (2,))
            cursor.scroll(2999, mode="absolute")
            equal(cursor.fetchall(), [(3000,)])
            cursor.scroll(0, mode="absolute")
            equal(cursor.fetchone(), (1,))


def copy(host, port):
    with open_connection(host, port) as connection:
        connection.execute(table_of("py3_copy"))
        types = ["int8", "text", "float8"]
        with connection.cursor().copy("COPY py3_copy (id, name, amount) FROM STDIN (FORMAT binary)") as into:
            into.set_types(types)
            for i in range(100):
                into.write_row((i, None if i % 2 else "x", i / 2))
        with connection.cursor().copy("COPY (SELECT id, name, amount FROM py3_copy) TO STDOUT (FORMAT binary)") as out:
            out.set_types(types)
            equal(sorted(out.rows()), [(i, None if i % 2 else "x", i / 2) for i in range(100)])
        with connection.cursor().copy("COPY py3_copy TO STDOUT") as out:
            equal(sum(1 for _ in out.rows()), 100)
        try:
            with connection.cursor().copy("COPY py3_copy FROM STDIN") as into:
                into.write("1000\tx\t1\n")
                raise KeyError("given up")
        except (KeyError, psycopg.errors.QueryCanceled):
            pass
        equal(rows(connection, "SELECT count(*) FROM py3_copy"), [(100,)])


def push(host, port):
    with open_connection(host, port) as reader, open_connection(host, port) as writer:
        writer.execute(stream_of("py3_push"))
        cursor = reader.cursor()
        live = cursor.stream("SELECT id, name FROM py3_push WHERE id >= %s EMIT CHANGES LIMIT 3", (10,))
        feeding = threading.Thread(target=feed, args=(host, port))
        feeding.start()
        equal(sorted(live), [(10, "x"), (11, "x"), (12, "x")])
        feeding.join(LIMIT_S)
        timer = threading.Timer(0.3, reader.cancel)
        timer.start()
        try:
            rows(reader, "SELECT id FROM py3_push EMIT CHANGES")
            raise AssertionError("it was not cancelled")
        except psycopg.errors.QueryCanceled:
            pass
        timer.join(LIMIT_S)
        reader.execute("LISTEN news")
        writer.execute("NOTIFY news, 'fresh'")
        note = next(reader.notifies())
        equal((note.channel, note.payload), ("news", "fresh"))


def feed(host, port):
    pause = threading.Event()
    with open_connection(host, port) as writer:
        for i in range(9, 13):
            pause.wait(0.3)
            writer.execute("INSERT INTO py3_push (id, name) VALUES (%s, %s)", (i, "x"))


main("psycopg", [connect, values, changes, pipelines, cursors, copy, push])
