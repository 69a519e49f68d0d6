"""psycopg2."""

import datetime
import decimal
import io
import threading

import psycopg2
import psycopg2.errors
import psycopg2.extras

from programs import LIMIT_S, equal, main, stream_of, table_of


def open_connection(host, port, **options):
    return psycopg2.connect(host=host, port=port, user="test", dbname="streamsql", **options)


def rows(connection, text, values=None):
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall()


def run(connection, text, values=None):
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.rowcount


def refused(connection, kind, text, values=None):
    try:
        rows(connection, text, values)
    except kind as error:
        connection.rollback()
        return error
    raise AssertionError(f"{text} was not refused")


def connect(host, port):
    connection = open_connection(host, port, application_name="program", options="-c statement_timeout=60000")
    equal(rows(connection, "SHOW application_name"), [("program",)])
    equal(rows(connection, "SHOW statement_timeout"), [("1min",)])
    equal(connection.server_version // 10000, 15)
    equal(connection.encoding, "UTF8")
    equal(rows(connection, "SELECT pg_backend_pid()"), [(connection.get_backend_pid(),)])
    equal(connection.get_parameter_status("standard_conforming_strings"), "on")
    connection.rollback()
    connection.set_session(isolation_level="SERIALIZABLE", readonly=True)
    equal(rows(connection, "SHOW transaction_isolation"), [("serializable",)])
    equal(rows(connection, "SHOW transaction_read_only"), [("on",)])
    connection.reset()
    connection.close()


def values(host, port):
    connection = open_connection(host, port)
    moment = datetime.datetime(2020, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.timezone.utc)
    given = (1, "it's \\ a 'test'", 1.5, True, None, decimal.Decimal("1.25"), datetime.date(2020, 1, 2), datetime.time(1, 2, 3), moment, "ünï 漢字 🎉")
    equal(rows(connection, "SELECT " + ", ".join(["%s"] * len(given)), given), [given])
    data = bytes(range(256))
    equal(bytes(rows(connection, "SELECT %s::bytea", (data,))[0][0]), data)
    lists = ([1, None, 3], ["a", None, 'b"', "c,d", ""], [True, False], [1.5])
    equal(rows(connection, "SELECT %s, %s, %s, %s::float8[]", lists), [lists])
    equal(rows(connection, "SELECT 1 WHERE 2 IN %s", ((1, 2),)), [(1,)])
    equal(rows(connection, "SELECT %s::json", (psycopg2.extras.Json({"a": [1, None]}),)), [({"a": [1, None]},)])
    equal(rows(connection, "SELECT %s", (datetime.timedelta(days=1, seconds=2),)), [(datetime.timedelta(days=1, seconds=2),)])
    equal(rows(connection, "SELECT '2020-01-01 00:00:00+02'::timestamptz"),
          [(datetime.datetime(2019, 12, 31, 22, tzinfo=datetime.timezone.utc),)])
    equal(rows(connection, "SELECT 9223372036854775807, (-32768)::int2, 123456789.123456789::numeric(20, 9)"),
          [(9223372036854775807, -32768, decimal.Decimal("123456789.123456789"))])
    equal(len(rows(connection, "SELECT repeat('x', 1000000)")[0][0]), 1000000)
    equal(len(rows(connection, "SELECT " + ", ".join(f"{i} AS c{i}" for i in range(1600)))[0]), 1600)
    connection.rollback()
    for factory, expected in ((psycopg2.extras.DictCursor, [1, "x"]), (psycopg2.extras.RealDictCursor, {"a": 1, "b": "x"}), (psycopg2.extras.NamedTupleCursor, (1, "x"))):
        with connection.cursor(cursor_factory=factory) as cursor:
            cursor.execute("SELECT 1 AS a, 'x' AS b")
            equal(cursor.fetchone(), expected)
    connection.close()


def changes(host, port):
    connection = open_connection(host, port)
    connection.autocommit = True
    run(connection, table_of("py_changes"))
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO py_changes (id, name, amount) VALUES (%s, %s, %s)", [(1, "a", 1.5), (2, None, None)])
        psycopg2.extras.execute_values(cursor, "INSERT INTO py_changes (id, name) VALUES %s", [(3, "c"), (4, "d")])
        equal(cursor.rowcount, 2)
        psycopg2.extras.execute_batch(cursor, "INSERT INTO py_changes (id, name) VALUES (%s, %s)", [(i, "many") for i in range(100, 200)], page_size=30)
        equal(cursor.statusmessage, "INSERT 0 1")
    equal(run(connection, "UPDATE py_changes SET name = %s WHERE id = %s", ("z", 3)), 1)
    equal(run(connection, "DELETE FROM py_changes WHERE id = %s", (4,)), 1)
    equal(rows(connection, "SELECT id, name, amount FROM py_changes WHERE id < %s ORDER BY id", (100,)), [(1, "a", 1.5), (2, None, None), (3, "z", None)])
    equal(rows(connection, "SELECT count(*) FROM py_changes"), [(103,)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name AS label, 1 + 1 AS two FROM py_changes WHERE id = 1")
        equal([(column.name, column.type_code) for column in cursor.description], [("id", 20), ("label", 25), ("two", 23)])
        equal(cursor.description[0].table_oid, rows(connection, "SELECT 'py_changes'::regclass::oid")[0][0])
        equal(cursor.description[0].table_column, 1)
    connection.close()


def errors(host, port):
    connection = open_connection(host, port)
    error = refused(connection, psycopg2.errors.UndefinedTable, "SELECT missing FROM nowhere")
    equal((error.pgcode, error.diag.severity, error.diag.statement_position, error.diag.sqlstate), ("42P01", "ERROR", "21", "42P01"))
    refused(connection, psycopg2.errors.SyntaxError, "SELEC 1")
    refused(connection, psycopg2.errors.DivisionByZero, "SELECT 1/0")
    refused(connection, psycopg2.errors.InvalidTextRepresentation, "SELECT 'x'::int")
    refused(connection, psycopg2.errors.UndefinedFunction, "SELECT no_such_function(1)")
    run(connection, "DROP TABLE IF EXISTS py_nothing")
    assert connection.notices[-1].startswith("NOTICE:"), connection.notices
    connection.close()


def transactions(host, port):
    connection = open_connection(host, port)
    equal(rows(connection, "SELECT 1"), [(1,)])
    equal(connection.get_transaction_status(), psycopg2.extensions.TRANSACTION_STATUS_INTRANS)
    run(connection, "SAVEPOINT s")
    try:
        run(connection, "SELECT 1/0")
    except psycopg2.errors.DivisionByZero:
        equal(connection.get_transaction_status(), psycopg2.extensions.TRANSACTION_STATUS_INERROR)
    try:
        run(connection, "SELECT 1")
        raise AssertionError("a failed block goes on")
    except psycopg2.errors.InFailedSqlTransaction:
        pass
    run(connection, "ROLLBACK TO SAVEPOINT s")
    equal(rows(connection, "SELECT 1"), [(1,)])
    connection.commit()
    with connection:
        run(connection, "SELECT set_config('application_name', 'inside', true)")
        equal(rows(connection, "SHOW application_name"), [("inside",)])
    equal(rows(connection, "SHOW application_name"), [("",)])
    connection.close()


def cursors(host, port):
    connection = open_connection(host, port)
    with connection.cursor("many") as cursor:
        cursor.itersize = 100
        cursor.execute("SELECT g FROM generate_series(1, %s) g", (1000,))
        equal(sum(1 for _ in cursor), 1000)
    held = connection.cursor("held", withhold=True)
    held.execute("SELECT g FROM generate_series(1, 10) g")
    connection.commit()
    equal(held.fetchmany(3), [(1,), (2,), (3,)])
    held.scroll(2)
    equal(held.fetchone(), (6,))
    held.close()
    connection.close()


def push(host, port):
    reader, writer = open_connection(host, port), open_connection(host, port)
    writer.autocommit = True
    run(writer, stream_of("py_push"))
    cursor = reader.cursor("live")
    cursor.itersize = 1
    cursor.execute("SELECT id, name FROM py_push EMIT CHANGES")
    for i in range(3):
        run(writer, "INSERT INTO py_push (id, name) VALUES (%s, %s)", (i, "x"))
        equal(cursor.fetchmany(10), [(i, "x")])
    with reader.cursor() as other:
        other.execute("FETCH 5 FROM live WITH (TIMEOUT = '100ms')")
        equal(other.fetchall(), [])
    cursor.close()
    reader.commit()
    timer = threading.Timer(0.3, reader.cancel)
    timer.start()
    refused(reader, psycopg2.errors.QueryCanceled, "SELECT id FROM py_push EMIT CHANGES")
    timer.join(LIMIT_S)
    equal(rows(reader, "SELECT 1"), [(1,)])


def copy(host, port):
    connection = open_connection(host, port)
    connection.autocommit = True
    run(connection, table_of("py_copy"))
    with connection.cursor() as cursor:
        cursor.copy_from(io.StringIO("1\ta\t1.5\n2\t\\N\t\\N\n"), "py_copy", columns=("id", "name", "amount"))
        equal(cursor.rowcount, 2)
        cursor.copy_expert("COPY py_copy (id, name) FROM STDIN WITH (FORMAT csv, HEADER)", io.StringIO('id,name\n3,"a, b"\n'))
        text = io.StringIO()
        cursor.copy_expert("COPY (SELECT id, name FROM py_copy ORDER BY id) TO STDOUT WITH CSV HEADER", text)
        equal(text.getvalue(), 'id,name\n1,a\n2,\n3,"a, b"\n')
        try:
            cursor.copy_from(io.StringIO("x\ta\t1\n"), "py_copy", columns=("id", "name", "amount"))
            raise AssertionError("a bad row was taken")
        except psycopg2.DataError as error:
            equal(error.pgcode, "22P02")
    connection.close()


main("psycopg2", [connect, values, changes, errors, transactions, cursors, push, copy])
