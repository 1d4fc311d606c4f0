"""What an application does through asyncpg: binary values, prepared statements always, flushes without syncs."""
import asyncio
import datetime
import ssl
import struct

import asyncpg

import steps
from steps import equal


async def connect(**options):
    return await asyncpg.connect(timeout=20, **options)


async def failed(work, error, **fields):
    try:
        await work
    except error as found:
        for name, value in fields.items():
            equal(getattr(found, name), value)
        return found
    raise AssertionError(f"no {error.__name__} came")


async def step_connect():
    connection = await connect()
    equal(connection.get_server_version()[:1], (15,))
    equal(connection.get_settings().server_encoding, "UTF8")
    equal(await connection.fetchval("SELECT $1 || 'x'", "y"), "yx")
    await connection.close()


async def step_secure():
    context = ssl.create_default_context(cafile=steps.SECURE_CA)
    connection = await connect(user=steps.SECURE_USER, password=steps.SECURE_PASSWORD, ssl=context)
    row = await connection.fetchrow("SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    equal(tuple(row), (steps.SECURE_USER, True))
    await connection.close()
    await failed(connect(user=steps.SECURE_USER, password="no", ssl=context), asyncpg.InvalidPasswordError)


async def round_trip(connection, table, columns):
    rows = await connection.fetch(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")
    marks = ", ".join(f"${n}" for n in range(2, len(columns) + 2))
    for row in rows:
        await connection.execute(f"INSERT INTO {table}_written VALUES ($1, {marks})", "asyncpg", *row)
    equal([tuple(row) for row in await connection.fetch(f"SELECT * FROM {table}_differences WHERE client = 'asyncpg'")], [])
    return rows


async def step_types():
    connection = await connect()
    rows = await round_trip(connection, "sample", steps.SAMPLE)
    equal(rows[0]["iv"], datetime.timedelta(days=3, hours=4, minutes=5, seconds=6))
    equal(rows[0]["bt"], asyncpg.BitString("1010"))
    equal(rows[0]["tmz"].utcoffset(), datetime.timedelta(hours=2))


async def step_nulls():
    connection = await connect()
    equal(tuple(await connection.fetchrow("SELECT * FROM sample WHERE id = 2")), (2,) + (None,) * 26)
    equal(tuple(await connection.fetchrow("SELECT $1::int IS NULL, coalesce($2, 'x'), ARRAY[$3::text]", None, None, None)), (True, "x", [None]))


async def step_arrays():
    connection = await connect()
    rows = await round_trip(connection, "sample_arrays", steps.SAMPLE_ARRAYS)
    equal(rows[0]["ta"], ["a", None, "b c", '"q"', "", "NULL", "back\\slash", "{x,y}"])
    equal(await connection.fetchval("SELECT $1::int[]", [[1, 2], [3, 4]]), [[1, 2], [3, 4]])
    equal(await connection.fetchval("SELECT ROW(1, 'x'::text, NULL)"), (1, "x", None))


async def step_vectors():
    connection = await connect()
    await connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    await connection.set_type_codec(
        "vector", schema="public", format="binary",
        encoder=lambda value: struct.pack(f">hh{len(value)}f", len(value), 0, *value),
        decoder=lambda data: list(struct.unpack(f">{(len(data) - 4) // 4}f", data[4:])))
    await connection.execute("CREATE TEMP TABLE items (id int PRIMARY KEY, e vector(3), h halfvec(3))")
    await connection.executemany("INSERT INTO items (id, e) VALUES ($1, $2)", [(n, [n, 0.5, -1]) for n in range(10)])
    await connection.execute("UPDATE items SET h = e")
    rows = await connection.fetch("SELECT id, e, e <-> $1 AS far FROM items ORDER BY e <-> $1 LIMIT $2", [3.25, 0.5, -1], 2)
    equal([tuple(row) for row in rows], [(3, [3.0, 0.5, -1.0], 0.25), (4, [4.0, 0.5, -1.0], 0.75)])
    await failed(connection.fetch("SELECT e <-> $1 FROM items", [1, 2]), asyncpg.PostgresError, sqlstate="22000")


async def step_prepared():
    connection = await connect()
    statement = await connection.prepare("SELECT n + $1::int, body FROM numbered WHERE n = $2")
    equal([parameter.name for parameter in statement.get_parameters()], ["int4", "int4"])
    equal([(column.name, column.type.name) for column in statement.get_attributes()], [("?column?", "int4"), ("body", "text")])
    for n in range(1, 9):
        equal(tuple(await statement.fetchrow(10, n)), (n + 10, f"row {n}"))
    await connection.execute("CREATE TEMP TABLE changing (n int)")
    equal(await connection.fetch("SELECT * FROM changing"), [])
    await connection.execute("ALTER TABLE changing ADD COLUMN m int")
    await connection.execute("INSERT INTO changing VALUES (1, 2)")
    equal([tuple(row) for row in await connection.fetch("SELECT * FROM changing")], [(1, 2)])  # the client prepares anew


async def step_transactions():
    connection = await connect()
    await connection.execute("DROP TABLE IF EXISTS asyncpg_tx; CREATE TABLE asyncpg_tx (n int PRIMARY KEY)")
    async with connection.transaction(isolation="repeatable_read"):
        await connection.execute("INSERT INTO asyncpg_tx VALUES (1)")
        try:
            async with connection.transaction():
                await connection.execute("INSERT INTO asyncpg_tx VALUES (2)")
                await connection.execute("INSERT INTO asyncpg_tx VALUES (2)")
        except asyncpg.UniqueViolationError:
            pass
        await connection.execute("INSERT INTO asyncpg_tx VALUES (3)")
    transaction = connection.transaction(readonly=True)
    await transaction.start()
    await failed(connection.execute("INSERT INTO asyncpg_tx VALUES (4)"), asyncpg.ReadOnlySQLTransactionError)
    await failed(connection.fetch("SELECT 1"), asyncpg.InFailedSQLTransactionError)
    await transaction.rollback()
    equal([row["n"] for row in await connection.fetch("SELECT n FROM asyncpg_tx ORDER BY n")], [1, 3])


async def step_errors():
    connection = await connect()
    await failed(connection.execute("INSERT INTO shop.goods (name) VALUES ('pen')"), asyncpg.UniqueViolationError,
                 constraint_name="goods_name_key", schema_name="shop", table_name="goods", detail="Key (name)=(pen) already exists.")
    await failed(connection.execute("INSERT INTO shop.goods (name, price) VALUES ('x', -1)"), asyncpg.CheckViolationError,
                 constraint_name="goods_price_check")
    await failed(connection.execute("INSERT INTO shop.goods (name) VALUES (NULL)"), asyncpg.NotNullViolationError, column_name="name")
    await failed(connection.fetch("SELECT n, nothing FROM numbered"), asyncpg.UndefinedColumnError, position="11")
    await failed(connection.fetch("SELECT $1::int / 0", 1), asyncpg.DivisionByZeroError)
    await failed(connection.fetch("SELECT 1", 2), asyncpg.InterfaceError)
    equal(await connection.fetchval("SELECT 1"), 1)


async def step_bulk():
    connection = await connect()
    await connection.execute("CREATE TEMP TABLE bulk (n int, body text, at timestamptz)")
    now = datetime.datetime(2024, 2, 29, 1, 2, 3, 4, datetime.timezone.utc)
    equal(await connection.copy_records_to_table("bulk", records=[(n, None if n % 3 else f"tab\t{n}", now) for n in range(3000)]), "COPY 3000")
    equal(await connection.fetchval("SELECT count(body) FROM bulk WHERE at = $1", now), 1000)
    await connection.executemany("INSERT INTO bulk VALUES ($1, $2, $3)", [(n, "more", now) for n in range(500)])
    pieces = []

    async def keep(data):
        pieces.append(data)

    equal(await connection.copy_from_query("SELECT n, body FROM bulk WHERE n = $1", 3, output=keep, format="csv"), "COPY 2")
    equal(b"".join(pieces), b"3,tab\t3\n3,more\n")
    await failed(connection.copy_to_table("bulk", source=_bytes(b"1\nx\n"), columns=["n"]), asyncpg.InvalidTextRepresentationError)
    equal(await connection.fetchval("SELECT count(*) FROM bulk"), 3500)


async def _bytes(data):
    yield data


async def step_stream():
    connection = await connect()
    async with connection.transaction():
        seen = [row["n"] async for row in connection.cursor("SELECT n FROM numbered WHERE n <= $1 ORDER BY n", 250, prefetch=40)]
        equal(seen, list(range(1, 251)))
        cursor = await connection.cursor("SELECT n FROM numbered ORDER BY n")
        equal(await cursor.forward(10), 10)
        equal([row["n"] for row in await cursor.fetch(2)], [11, 12])
        equal(await connection.fetchval("SELECT 7"), 7)
        equal((await cursor.fetchrow())["n"], 13)


async def step_cancel():
    connection = await connect()
    task = asyncio.create_task(connection.fetchval(steps.ENDLESS))
    await asyncio.sleep(0.2)
    task.cancel()
    await failed(task, asyncio.CancelledError)
    equal(await connection.fetchval("SELECT 1"), 1)
    await failed(connection.fetchval(steps.ENDLESS, timeout=0.2), asyncio.TimeoutError)
    await connection.execute("SET statement_timeout = 100")
    await failed(connection.fetchval(steps.ENDLESS), asyncpg.QueryCanceledError)


async def step_metadata():
    connection = await connect()
    row = await connection.fetchrow("SELECT mood, tags, twice FROM shop.goods WHERE name = 'pen'")
    equal((row["mood"], row["tags"], str(row["twice"])), ("ok", ["a", "b"], "3.00"))
    equal(await connection.fetchval("SELECT $1::shop.mood", "sad"), "sad")
    equal(await connection.fetchval("SELECT ARRAY['sad', 'ok']::shop.mood[]"), ["sad", "ok"])
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=len)
    equal(await connection.fetchval("""SELECT '{"a": 1}'::jsonb"""), 8)


async def step_migrate():
    connection = await connect()
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("CREATE TABLE asyncpg_migrated (id int PRIMARY KEY); ALTER TABLE asyncpg_migrated ADD COLUMN name text DEFAULT 'x'")
    equal(await connection.fetchval("INSERT INTO asyncpg_migrated (id) VALUES (1) RETURNING name"), "x")
    await transaction.rollback()
    equal(await connection.fetchval("SELECT to_regclass('asyncpg_migrated')"), None)


async def step_pool():
    async with asyncpg.create_pool(min_size=2, max_size=3) as pool:
        equal(await asyncio.gather(*(pool.fetchval("SELECT $1::int * 2", n) for n in range(20))), [n * 2 for n in range(20)])
        async with pool.acquire() as connection:
            await connection.execute("SET search_path TO shop; LISTEN asyncpg_pool")
        for _ in range(3):
            equal(await pool.fetchval("SHOW search_path"), '"$user", public')  # the pool resets what it lends


async def step_pipeline():
    connection = await connect()
    await connection.execute("CREATE TEMP TABLE piped (n int PRIMARY KEY)")
    await failed(connection.executemany("INSERT INTO piped VALUES ($1)", [(1,), (2,), (1,)]), asyncpg.UniqueViolationError)
    equal(await connection.fetchval("SELECT count(*) FROM piped"), 0)
    await connection.executemany("INSERT INTO piped VALUES ($1)", [(n,) for n in range(1000)])
    equal(await connection.fetchval("SELECT sum(n) FROM piped"), 499500)


async def step_listen():
    listener, sender = await connect(), await connect()
    heard = asyncio.get_running_loop().create_future()
    await listener.add_listener("asyncpg_news", lambda _connection, _pid, channel, payload: heard.set_result((channel, payload)))
    await sender.execute("NOTIFY asyncpg_news, 'fresh'")
    equal(await heard, ("asyncpg_news", "fresh"))


async def step_unicode():
    connection = await connect()
    await connection.execute('CREATE TEMP TABLE "žluťoučký ""kůň""" ("größe ☃" text)')
    for value in "naïve ☃", "𝒳 \U0001f600", "tab\tquote'\"\\", "":
        await connection.execute('INSERT INTO "žluťoučký ""kůň""" VALUES ($1)', value)
        row = await connection.fetchrow('SELECT * FROM "žluťoučký ""kůň""" WHERE "größe ☃" = $1', value)
        equal(dict(row), {"größe ☃": value})


async def step_large():
    connection = await connect()
    text, data = "ü" * 3_000_000, bytes(range(256)) * 20_000
    equal(tuple(await connection.fetchrow("SELECT $1::text, $2::bytea", text, data)), (text, data))
    equal(await connection.fetchval("SELECT count(*) FROM numbered WHERE n = ANY($1)", list(range(100_000))), 5000)


steps.run(globals())
