"""What an application does through psqlODBC, by unixODBC and pyodbc."""
import datetime
import decimal
import threading

import pyodbc

import dbapi
import steps
from steps import equal

BASE = f"Driver={{PostgreSQL Unicode}};Server={steps.HOST};Port={steps.PORT};Database={steps.DATABASE};"


def connect(options="", **keywords):
    return pyodbc.connect(f"{BASE}Uid={steps.USER};Pwd=-;{options}", **keywords)


def rows(cursor, sql, *values):
    return [tuple(row) for row in cursor.execute(sql, *values).fetchall()]


def failed(work, state):
    error = dbapi.failed(work, pyodbc.Error)
    equal(error.args[0], state)
    return error.args[1]


def step_connect():
    connection = connect()
    equal((connection.getinfo(pyodbc.SQL_DBMS_NAME), connection.getinfo(pyodbc.SQL_DBMS_VER)[:2]), ("PostgreSQL", "15"))
    equal(rows(connection.cursor(), "SELECT ? || 'x', ?", "y", 5), [("yx", "5")])


def step_secure():
    options = f"{BASE}Uid={steps.SECURE_USER};SSLmode=require;"
    connection = pyodbc.connect(options + f"Pwd={{{steps.SECURE_PASSWORD}}}")
    equal(rows(connection.cursor(), "SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"), [(steps.SECURE_USER, "1")])
    message = failed(lambda: pyodbc.connect(options + "Pwd=no"), "08001")
    assert "password authentication failed" in message, message


def step_types():
    connection = connect("BoolsAsChar=0")
    casts = {"iv": "::interval", "tmz": "::timetz", "tsz": "::timestamp AT TIME ZONE 'UTC'", "j": "::json", "jb": "::jsonb", "bt": "::bit(4)",
             "vb": "::bit varying", "u": "::uuid", "n": "::numeric", "tm": "::time", "qc": '::"char"', "y": "::bytea", "f4": "::float8::real",
             "o": "::oid", "b": "::int::bool"}
    connection.execute("SET TIME ZONE 'UTC'")
    # ODBC's times have no parts of a second, its numerics no more than 28 digits as psqlODBC describes them: those are read as text.
    texts = {"tm": "::text", "tmz": "::text", "n": "::text", "iv": "::text", "bt": "::text", "vb": "::text", "o": "::text"}
    found = rows(connection.cursor(), f"SELECT {', '.join(name + texts.get(name, '') for name in steps.SAMPLE)} FROM sample ORDER BY id")
    marks = ", ".join("?" + casts.get(name, "") for name in steps.SAMPLE)
    for row in found:
        connection.execute(f"INSERT INTO sample_written VALUES ('odbc', {marks})", row)
    dbapi.alike(connection, "odbc", "sample", 2, mark="?")
    equal((found[0][8], found[0][15]), (decimal.Decimal("1234567890.5000"), datetime.date(2024, 2, 29)))


def step_nulls():
    cursor = connect().cursor()
    equal(rows(cursor, "SELECT * FROM sample WHERE id = 2"), [(2,) + (None,) * 26])
    equal(rows(cursor, "SELECT coalesce(?, 'x')", None), [("x",)])


def step_arrays():
    connection = connect("MaxLongVarcharSize=100000")
    casts = dict(zip(steps.SAMPLE_ARRAYS[1:], ("::bool[] ::smallint[] ::int[] ::bigint[] ::real[] ::float8[] ::numeric[] ::text[] ::varchar[]"
                                               " ::date[] ::timestamp[] ::timestamptz[] ::uuid[] ::jsonb[] ::bytea[]").split()))
    dbapi.round_trip(connection, "odbc", "sample_arrays", steps.SAMPLE_ARRAYS, mark="?", casts=casts)


def step_vectors():
    cursor = connect().cursor()
    cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
    cursor.execute("CREATE TEMP TABLE items (id int PRIMARY KEY, e vector(3), h halfvec(3))")
    for n in range(10):
        cursor.execute("INSERT INTO items VALUES (?, ?, ?)", n, f"[{n},0.5,-1]", f"[{n},0,0]")
    equal(rows(cursor, "SELECT id, e, h, e <-> ? FROM items ORDER BY e <-> ? LIMIT 1", "[3.25,0.5,-1]", "[3.25,0.5,-1]"),
          [(3, "[3,0.5,-1]", "[3,0,0]", 0.25)])


def step_prepared():
    cursor = connect("UseServerSidePrepare=1").cursor()
    for n in range(1, 9):
        equal(rows(cursor, "SELECT n + ?, body FROM numbered WHERE n = ?", 10, n), [(n + 10, f"row {n}")])


def step_transactions():
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("DROP TABLE IF EXISTS odbc_tx")
    cursor.execute("CREATE TABLE odbc_tx (n int PRIMARY KEY)")
    connection.commit()
    cursor.execute("INSERT INTO odbc_tx VALUES (1)")
    failed(lambda: cursor.execute("INSERT INTO odbc_tx VALUES (1)"), "23505")
    cursor.execute("INSERT INTO odbc_tx VALUES (2)")  # the driver went back to a savepoint of its own
    connection.commit()
    cursor.execute("DELETE FROM odbc_tx")
    connection.rollback()
    equal(rows(cursor, "SELECT n FROM odbc_tx ORDER BY n"), [(1,), (2,)])
    other = connect("Protocol=7.4-0")
    failed(lambda: other.execute("SELECT 1/0"), "22012")


def step_errors():
    cursor = connect().cursor()
    message = failed(lambda: cursor.execute("INSERT INTO shop.goods (name) VALUES ('pen')"), "23505")
    assert 'violates unique constraint "goods_name_key"' in message and "Key (name)=(pen) already exists." in message, message
    failed(lambda: cursor.execute("SELECT * FROM nowhere"), "42P01")
    failed(lambda: cursor.execute("SELECT nothing FROM numbered"), "42703")
    failed(lambda: cursor.execute("SELEC 1"), "42601")
    failed(lambda: cursor.execute("SELECT 'x'::int"), "22P02")
    equal(rows(cursor, "SELECT 1"), [(1,)])


def step_bulk():
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("CREATE TEMP TABLE bulk (n int, body text)")
    cursor.executemany("INSERT INTO bulk VALUES (?, ?)", [(n, f"row {n}") for n in range(500)])
    cursor.fast_executemany = True
    cursor.executemany("INSERT INTO bulk VALUES (?, ?)", [(n, f"row {n}") for n in range(500, 1000)])
    equal(rows(cursor, "SELECT count(*), sum(n) FROM bulk"), [(1000, 499500)])


def step_stream():
    connection = connect("UseDeclareFetch=1;Fetch=100")
    cursor = connection.cursor()
    cursor.execute("SELECT n FROM numbered ORDER BY n")
    equal([row[0] for row in cursor], list(range(1, 5001)))


def step_cancel():
    connection = connect(autocommit=True)
    cursor = connection.cursor()
    threading.Timer(0.3, cursor.cancel).start()
    failed(lambda: cursor.execute(steps.ENDLESS), "57014")
    equal(rows(connection.cursor(), "SELECT 1"), [(1,)])
    connection.execute("SET statement_timeout = 100")
    failed(lambda: connection.execute(steps.ENDLESS), "57014")


def step_metadata():
    cursor = connect().cursor()
    equal([(row.table_schem, row.table_name, row.table_type) for row in cursor.tables(schema="shop")],
          [("shop", "dear", "VIEW"), ("shop", "goods", "TABLE")])
    columns = [(row.column_name, row.type_name, row.nullable) for row in cursor.columns(table="goods", schema="shop")]
    equal(columns[:4], [("id", "int4", 0), ("name", "varchar", 0), ("price", "numeric", 1), ("mood", "mood", 1)])
    equal([row.column_name for row in cursor.primaryKeys("goods", schema="shop")], ["id"])
    equal(sorted((row.index_name, row.column_name) for row in cursor.statistics("goods", schema="shop") if row.index_name),
          [("goods_name_key", "name"), ("goods_pkey", "id"), ("goods_price_idx", "name"), ("goods_price_idx", "price")])
    equal([row.column_name for row in cursor.rowIdColumns("goods", schema="shop")], [])  # it looks for OIDs and ctid only
    equal([row.type_name for row in cursor.getTypeInfo(pyodbc.SQL_INTEGER)], ["int4"])
    assert any(row.procedure_name == "lower" for row in cursor.procedures(procedure="lower", schema="pg_catalog"))


def step_migrate():
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE odbc_migrated (id int PRIMARY KEY)")
    cursor.execute("ALTER TABLE odbc_migrated ADD COLUMN name text NOT NULL DEFAULT 'x'")
    cursor.execute("CREATE INDEX ON odbc_migrated (name)")
    equal(rows(cursor, "INSERT INTO odbc_migrated (id) VALUES (1) RETURNING name"), [("x",)])
    connection.rollback()
    equal(rows(cursor, "SELECT to_regclass('odbc_migrated')"), [(None,)])


def step_pool():
    for _ in range(3):  # pyodbc pools by unixODBC: the same session may come back
        connection = connect(autocommit=True)
        equal(rows(connection.cursor(), "SELECT count(*) FROM numbered"), [(5000,)])
        connection.close()


def step_pipeline():
    cursor = connect().cursor()
    cursor.execute("SELECT 1 AS a; SELECT 2 AS b, 3 AS c")
    equal([tuple(row) for row in cursor.fetchall()], [(1,)])
    assert cursor.nextset()
    equal([tuple(row) for row in cursor.fetchall()], [(2, 3)])


def step_listen():
    connection = connect(autocommit=True)
    connection.execute("LISTEN odbc_news")
    connection.execute("NOTIFY odbc_news, 'fresh'")
    raise steps.Lacking("ODBC has no call that hands over notifications; LISTEN and NOTIFY are taken")


def step_unicode():
    cursor = connect().cursor()
    cursor.execute('CREATE TEMP TABLE "žluťoučký ""kůň""" ("größe ☃" text)')
    for value in "naïve ☃", "𝒳 \U0001f600", "tab\tquote'\"\\", "":
        cursor.execute('INSERT INTO "žluťoučký ""kůň""" VALUES (?)', value)
        equal(rows(cursor, 'SELECT "größe ☃" FROM "žluťoučký ""kůň""" WHERE "größe ☃" = ?', value), [(value,)])


def step_large():
    cursor = connect("MaxLongVarcharSize=10000000;MaxVarcharSize=10000000").cursor()
    text, data = "ü" * 1_000_000, bytes(range(256)) * 2_000
    cursor.execute("CREATE TEMP TABLE large (t text, y bytea)")
    cursor.execute("INSERT INTO large VALUES (?, ?)", text, data)
    equal(rows(cursor, "SELECT length(t), length(y), t = repeat('ü', 1000000) FROM large")[0][:2], (1_000_000, 512_000))
    equal(rows(cursor, "SELECT t, y FROM large"), [(text, data)])


steps.run(globals())
