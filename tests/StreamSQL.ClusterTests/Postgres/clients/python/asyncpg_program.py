"""asyncpg: it prepares everything, asks for types by itself, and sends and takes all values in binary."""

import asyncio
import datetime
import io

import asyncpg

from programs import equal, main, stream_of, table_of


def open_connection(host, port):
    return asyncpg.connect(host=host, port=port, user="test", database="streamsql")


async def connect(host, port):
    async with asyncpg.create_pool(host=host, port=port, user="test", database="streamsql", min_size=1, max_size=3) as pool:
        equal(await asyncio.gather(*[pool.fetchval("SELECT $1::int", i) for i in range(20)]), list(range(20)))
    connection = await open_connection(host, port)
    equal(connection.get_server_version().major, 15)
    equal(connection.get_server_pid(), await connection.fetchval("SELECT pg_backend_pid()"))
    transaction = connection.transaction(isolation="serializable", readonly=True)
    await transaction.start()
    equal(await connection.fetchval("SHOW transaction_isolation"), "serializable")
    async with connection.transaction():
        equal(await connection.fetchval("SELECT 1"), 1)
    await transaction.rollback()
    await connection.reset()
    await connection.close()


async def values(host, port):
    connection = await open_connection(host, port)
    moment = datetime.datetime(2020, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.timezone.utc)
    given = {
        "text": "ünï", "float8": 1.5, "bool": True, "bytea": b"\0\x01", "timestamptz": moment, "date": datetime.date(2020, 1, 2), "time": datetime.time(1, 2, 3),
        "int2": 1, "int4": 2, "int8": 3, "int4[]": [1, 2, None], "text[]": ["a", None], "jsonb": '{"a": 1}', "interval": datetime.timedelta(hours=1),
    }
    for name, value in given.items():
        row = await connection.fetchrow(f"SELECT $1::{name} AS a, $2::{name} AS b", value, None)
        equal((row["a"], row["b"]), (value, None))
    equal([tuple(row) for row in await connection.fetch("SELECT relname, relkind FROM pg_class WHERE relname = 'pg_class'")], [("pg_class", b"r")])
    await connection.close()


async def changes(host, port):
    connection = await open_connection(host, port)
    await connection.execute(table_of("apg_rows"))
    await connection.executemany("INSERT INTO apg_rows VALUES ($1, $2, $3)", [(i, None if i % 2 else f"n{i}", i / 2) for i in range(100)])
    equal(await connection.fetchval("SELECT count(*) FROM apg_rows WHERE amount >= $1 AND name = ANY($2)", 1.0, ["n0", "n4", "n6"]), 2)
    equal(await connection.copy_records_to_table("apg_rows", records=[(1000 + i, "z", None) for i in range(10)]), "COPY 10")
    text = io.BytesIO()
    equal(await connection.copy_from_query("SELECT id, name FROM apg_rows WHERE id = $1", 4, output=text), "COPY 1")
    equal(text.getvalue(), b"4\tn4\n")
    statement = await connection.prepare("SELECT id, name FROM apg_rows WHERE id = $1")
    equal([attribute.type.name for attribute in statement.get_attributes()], ["int8", "text"])
    equal(await statement.fetchval(4, column=1), "n4")
    try:
        await connection.fetch("SELECT 1/0")
        raise AssertionError("a division by zero was let through")
    except asyncpg.DivisionByZeroError:
        pass
    await connection.close()


async def cursors(host, port):
    connection = await open_connection(host, port)
    async with connection.transaction():
        equal([row[0] async for row in connection.cursor("SELECT g FROM generate_series(1, 200) g")], list(range(1, 201)))
        cursor = await connection.cursor("SELECT g FROM generate_series(1, 20) g")
        equal([row[0] for row in await cursor.fetch(3)], [1, 2, 3])
        await cursor.forward(2)
        equal((await cursor.fetchrow())[0], 6)
    await connection.close()


async def push(host, port):
    connection = await open_connection(host, port)
    writer = await open_connection(host, port)
    await writer.execute(stream_of("apg_push"))
    async with connection.transaction():
        cursor = await connection.cursor("SELECT id FROM apg_push EMIT CHANGES")
        for i in range(3):
            reading = asyncio.ensure_future(cursor.fetch(1))
            await asyncio.sleep(0.1)
            await writer.execute("INSERT INTO apg_push (id, name) VALUES ($1, $2)", i, "x")
            equal([row[0] for row in await reading], [i])
    try:
        await asyncio.wait_for(connection.fetch("SELECT id FROM apg_push EMIT CHANGES"), 0.3)
        raise AssertionError("a push query has ended")
    except asyncio.TimeoutError:
        pass
    equal(await connection.fetchval("SELECT 7"), 7)
    heard = asyncio.get_running_loop().create_future()
    await connection.add_listener("news", lambda _, pid, channel, payload: heard.set_result(payload))
    await writer.execute("NOTIFY news, 'fresh'")
    equal(await asyncio.wait_for(heard, 5), "fresh")
    await connection.close()
    await writer.close()


def synchronous(scenario):
    def run(host, port):
        asyncio.run(scenario(host, port))
    run.__name__ = scenario.__name__
    return run


main("asyncpg", [synchronous(scenario) for scenario in (connect, values, changes, cursors, push)])
