"""What an application does through psycopg2."""
import datetime
import decimal
import io
import json
import threading
import uuid

import psycopg2
import psycopg2.extensions
import psycopg2.extras
import psycopg2.pool

import dbapi
import steps
from steps import equal

CLIENT = "psycopg2"  # whose rows are whose


def connect():
    return psycopg2.connect("")


def fresh(cursor, table, columns):
    cursor.execute(f"DROP TABLE IF EXISTS {table}")
    cursor.execute(f"CREATE TABLE {table} ({columns})")


def step_connect():
    with connect() as connection:
        assert connection.server_version >= 150000, connection.server_version
        equal(connection.encoding, "UTF8")
        equal(connection.get_parameter_status("standard_conforming_strings"), "on")
        equal(connection.get_transaction_status(), psycopg2.extensions.TRANSACTION_STATUS_IDLE)


def step_metadata__columns():
    connection = connect()
    with connection, connection.cursor() as cursor:
        fresh(cursor, "psycopg2_ddl", "id bigint PRIMARY KEY, name varchar(20) NOT NULL, price numeric(10,2)")
        cursor.execute("ALTER TABLE psycopg2_ddl ADD COLUMN added timestamptz")
        cursor.execute("SELECT * FROM psycopg2_ddl")
        equal([column.name for column in cursor.description], ["id", "name", "price", "added"])
        equal([column.type_code for column in cursor.description], [20, 1043, 1700, 1184])
        equal((cursor.description[2].precision, cursor.description[2].scale), (10, 2))
        cursor.execute("DROP TABLE psycopg2_ddl")


def step_vectors():
    connection = connect()
    with connection, connection.cursor() as cursor:
        fresh(cursor, "psycopg2_items", "id int PRIMARY KEY, body text, embedding vector(3)")
        for number in range(20):
            cursor.execute("INSERT INTO psycopg2_items VALUES (%s, %s, %s)", (number, f"it's {number}", f"[{number},0,1]"))
        psycopg2.extras.execute_values(
            cursor, "INSERT INTO psycopg2_items (id, body, embedding) VALUES %s", [(20, "ü", "[20,0,1]"), (21, None, None)])
        cursor.execute("SELECT id, embedding <-> %s FROM psycopg2_items WHERE id <> %s ORDER BY embedding <-> %s LIMIT 3",
                       ("[5,0,1]", 4, "[5,0,1]"))
        equal(cursor.fetchall(), [(5, 0.0), (6, 1.0), (3, 2.0)])
        cursor.execute("SELECT embedding::text, embedding FROM psycopg2_items WHERE id = ANY(%s)", ([20],))
        equal(cursor.fetchall(), [("[20,0,1]", "[20,0,1]")])


def step_bulk():
    connection = connect()
    with connection, connection.cursor() as cursor:
        fresh(cursor, "psycopg2_copy", "id int, body text, embedding text")
        cursor.copy_from(io.StringIO("1\ta\\tb\t[1,2]\n2\t\\N\t\\N\n"), "psycopg2_copy")
        cursor.copy_expert("COPY psycopg2_copy FROM STDIN WITH (FORMAT csv, HEADER)",
                           io.StringIO('id,body,embedding\n3,"x, ""y""","[3,4]"\n4,,\n'))
        equal(cursor.rowcount, 2)
        out = io.StringIO()
        cursor.copy_to(out, "psycopg2_copy")
        equal(out.getvalue(), "1\ta\\tb\t[1,2]\n2\t\\N\t\\N\n3\tx, \"y\"\t[3,4]\n4\t\\N\t\\N\n")
        out = io.StringIO()
        cursor.copy_expert("COPY (SELECT id, body FROM psycopg2_copy WHERE id > 2 ORDER BY id) TO STDOUT WITH CSV", out)
        equal(out.getvalue(), '3,"x, ""y"""\n4,\n')
        binary = io.BytesIO()
        cursor.copy_expert("COPY psycopg2_copy TO STDOUT WITH (FORMAT binary)", binary)
        binary.seek(0)
        cursor.execute("TRUNCATE psycopg2_copy")
        cursor.copy_expert("COPY psycopg2_copy FROM STDIN WITH (FORMAT binary)", binary)
        equal(cursor.rowcount, 4)


def step_bulk__error():
    connection = connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        fresh(cursor, "psycopg2_copy_error", "id int")
        try:
            cursor.copy_from(io.StringIO("1\nx\n3\n"), "psycopg2_copy_error")
            raise AssertionError("COPY took a bad row")
        except psycopg2.errors.InvalidTextRepresentation as error:
            assert "line 2, column id" in error.diag.context, error.diag.context
        cursor.execute("SELECT count(*) FROM psycopg2_copy_error")
        equal(cursor.fetchone(), (0,))


def step_errors():
    connection = connect()
    with connection.cursor() as cursor:
        fresh(cursor, "psycopg2_errors", "id int PRIMARY KEY, n int CHECK (n > 0)")
        connection.commit()
        cursor.execute("INSERT INTO psycopg2_errors VALUES (1, 1)")
        connection.commit()
        try:
            cursor.execute("INSERT INTO psycopg2_errors VALUES (1, 1)")
            raise AssertionError("a duplicate key was taken")
        except psycopg2.errors.UniqueViolation as error:
            equal(error.diag.constraint_name, "psycopg2_errors_pkey")
            equal(error.diag.table_name, "psycopg2_errors")
            equal(error.diag.message_detail, "Key (id)=(1) already exists.")
        try:
            cursor.execute("SELECT 1")
            raise AssertionError("a failed transaction went on")
        except psycopg2.errors.InFailedSqlTransaction:
            pass
        connection.rollback()
        try:
            cursor.execute("SELECT nothing FROM psycopg2_errors")
            raise AssertionError("an unknown column was found")
        except psycopg2.errors.UndefinedColumn as error:
            equal(error.diag.statement_position, "8")
        connection.rollback()
        cursor.execute("SELECT count(*) FROM psycopg2_errors")
        equal(cursor.fetchone(), (1,))


def step_transactions():
    connection = connect()
    with connection.cursor() as cursor:
        fresh(cursor, "psycopg2_tx", "n int")
        connection.commit()
        cursor.execute("INSERT INTO psycopg2_tx VALUES (1)")
        connection.rollback()
        cursor.execute("INSERT INTO psycopg2_tx VALUES (2)")
        cursor.execute("SAVEPOINT s")
        cursor.execute("INSERT INTO psycopg2_tx VALUES (3)")
        cursor.execute("ROLLBACK TO SAVEPOINT s")
        cursor.execute("RELEASE SAVEPOINT s")
        cursor.execute("INSERT INTO psycopg2_tx VALUES (4)")
        connection.commit()
        other = connect()
        with other, other.cursor() as reader:
            reader.execute("SELECT n FROM psycopg2_tx ORDER BY n")
            equal(reader.fetchall(), [(2,), (4,)])
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    with connection.cursor() as cursor:
        try:
            cursor.execute("INSERT INTO psycopg2_tx VALUES (5)")
            raise AssertionError("a read-only transaction wrote")
        except psycopg2.errors.ReadOnlySqlTransaction:
            connection.rollback()


def step_cancel():
    connection = connect()
    connection.autocommit = True
    timer = threading.Timer(0.3, connection.cancel)
    timer.start()
    with connection.cursor() as cursor:
        try:
            cursor.execute(steps.ENDLESS)
            raise AssertionError("an endless query ended")
        except psycopg2.extensions.QueryCanceledError as error:
            equal(error.pgcode, "57014")
        cursor.execute("SELECT 1")
        equal(cursor.fetchone(), (1,))


def step_prepared():
    connection = connect()
    with connection, connection.cursor() as cursor:
        cursor.execute("PREPARE plan2 (int, text) AS SELECT $1 + 1, upper($2)")
        cursor.execute("EXECUTE plan2 (%s, %s)", (41, "abc"))
        equal(cursor.fetchone(), (42, "ABC"))
        cursor.execute("DEALLOCATE plan2")


def step_stream():
    connection = connect()
    with connection, connection.cursor() as cursor:
        fresh(cursor, "psycopg2_cursor", "n int")
        psycopg2.extras.execute_values(cursor, "INSERT INTO psycopg2_cursor VALUES %s", [(n,) for n in range(250)])
        with connection.cursor("named") as named:
            named.itersize = 100
            named.execute("SELECT n FROM psycopg2_cursor ORDER BY n")
            equal([row[0] for row in named], list(range(250)))


def step_types__native():
    connection = connect()
    psycopg2.extras.register_uuid(conn_or_curs=connection)
    with connection, connection.cursor() as cursor:
        fresh(cursor, "psycopg2_types", "b bool, i2 int2, i8 int8, f4 float4, f8 float8, n numeric, t text, y bytea, d date, tm time,"
              " ts timestamp, tz timestamptz, iv interval, u uuid, j json, jb jsonb, ia int[], ta text[], na numeric[]")
        zone = datetime.timezone(datetime.timedelta(hours=2))
        row = (True, -32768, 9223372036854775807, 1.5, 0.1, decimal.Decimal("12345678901234567890.000100"), "naïve ☃ 'x' \\ y",
               b"\x00\xff'\\", datetime.date(2024, 2, 29), datetime.time(23, 59, 59, 999999),
               datetime.datetime(2024, 2, 29, 1, 2, 3, 4), datetime.datetime(2024, 2, 29, 1, 2, 3, 4, zone),
               datetime.timedelta(days=3, seconds=5, microseconds=6), uuid.UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff"),
               psycopg2.extras.Json({"a": [1, None, "é"]}), psycopg2.extras.Json({"b": {"c": 1.5}}),
               [1, 2, None], ["a", None, "b c", '"q"', "", "NULL"], [decimal.Decimal("1.10")])
        cursor.execute(f"INSERT INTO psycopg2_types VALUES ({', '.join(['%s'] * 13)}, %s, %s, %s, %s, %s, %s)", row)
        cursor.execute("SELECT * FROM psycopg2_types")
        got = list(cursor.fetchone())
        got[7] = bytes(got[7])
        expected = list(row)
        expected[14], expected[15] = {"a": [1, None, "é"]}, {"b": {"c": 1.5}}
        equal(got, expected)
        cursor.execute("SELECT j::text, jb::text FROM psycopg2_types")
        equal([json.loads(text) for text in cursor.fetchone()], expected[14:16])


def step_listen():
    connection = connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS psycopg2_nowhere")
        assert any("does not exist, skipping" in notice for notice in connection.notices), connection.notices
        cursor.execute("SET TIME ZONE 'Asia/Tokyo'")
        equal(connection.get_parameter_status("TimeZone"), "Asia/Tokyo")
        listener = connect()
        listener.autocommit = True
        listener.cursor().execute("LISTEN psycopg2_news")
        cursor.execute("NOTIFY psycopg2_news, 'fresh'")
        for _ in range(50):
            listener.poll()
            if listener.notifies:
                break
            listener.cursor().execute("SELECT 1")
        equal([(n.channel, n.payload) for n in listener.notifies], [("psycopg2_news", "fresh")])


def step_secure():
    options = {"dbname": steps.DATABASE, "user": steps.SECURE_USER, "sslmode": "verify-full", "sslrootcert": steps.SECURE_CA}
    connection = psycopg2.connect(password=steps.SECURE_PASSWORD, **options)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        equal(cursor.fetchone(), (steps.SECURE_USER, True))
    error = dbapi.failed(lambda: psycopg2.connect(password="no", **options), psycopg2.OperationalError)
    assert "password authentication failed" in str(error), error


def wrap(value):
    if isinstance(value, dict):
        return psycopg2.extras.Json(value)
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return [psycopg2.extras.Json(item) for item in value]
    return value


def step_types():
    with connect() as connection:
        dbapi.round_trip(connection, CLIENT, "sample", steps.SAMPLE, adapt=wrap, casts={"u": "::uuid"})


def step_nulls():
    with connect().cursor() as cursor:
        cursor.execute("SELECT * FROM sample WHERE id = 2")
        equal(cursor.fetchone(), (2,) + (None,) * 26)
        cursor.execute("SELECT %s IS NULL, coalesce(%s, 'x'), ARRAY[%s::text]", (None, None, None))
        equal(cursor.fetchone(), (True, "x", [None]))


def step_arrays():
    with connect() as connection:
        types = {"ua": "::uuid[]", "jba": "::jsonb[]", "ya": "::bytea[]", "ba": "::bool[]"}
        rows = dbapi.round_trip(connection, CLIENT, "sample_arrays", steps.SAMPLE_ARRAYS, adapt=wrap, casts=types)
        equal(rows[0][8], ["a", None, "b c", '"q"', "", "NULL", "back\\slash", "{x,y}"])


def step_metadata():
    with connect().cursor() as cursor:
        cursor.execute("SELECT * FROM shop.goods LIMIT 0")
        equal([column.type_code for column in cursor.description][4:], [1009, 1184, 1700])
        cursor.execute("SELECT oid FROM pg_type WHERE oid = 'shop.mood'::regtype")
        equal(cursor.fetchone()[0] >= 16384, True)
        cursor.execute("SELECT column_name, data_type, is_nullable FROM information_schema.columns"
                       " WHERE table_schema = 'shop' AND table_name = 'goods' ORDER BY ordinal_position LIMIT 3")
        equal(cursor.fetchall(), [("id", "integer", "NO"), ("name", "character varying", "NO"), ("price", "numeric", "YES")])


def step_migrate():
    connection = connect()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE psycopg2_migrated (id int PRIMARY KEY);"
                       " ALTER TABLE psycopg2_migrated ADD COLUMN name text NOT NULL DEFAULT 'x'; CREATE INDEX ON psycopg2_migrated (name)")
        cursor.execute("INSERT INTO psycopg2_migrated (id) VALUES (1) RETURNING name")
        equal(cursor.fetchone(), ("x",))
        connection.rollback()
        cursor.execute("SELECT to_regclass('psycopg2_migrated')")
        equal(cursor.fetchone(), (None,))


def step_pool():
    pool = psycopg2.pool.ThreadedConnectionPool(1, 3, "")
    connection = pool.getconn()
    with connection.cursor() as cursor:
        cursor.execute("SET search_path TO shop")
    connection.commit()
    connection.reset()  # ABORT, RESET ALL, SET SESSION AUTHORIZATION DEFAULT
    pool.putconn(connection)
    connection = pool.getconn()
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        equal(cursor.fetchone(), ('"$user", public',))
    pool.putconn(connection)
    pool.closeall()


def step_pipeline():
    with connect().cursor() as cursor:
        psycopg2.extras.execute_batch(cursor, "SELECT %s", [(n,) for n in range(100)])
        equal(cursor.fetchone(), (99,))


def step_unicode():
    with connect().cursor() as cursor:
        cursor.execute('CREATE TEMP TABLE "žluťoučký ""kůň""" ("größe ☃" text)')
        for value in "naïve ☃", "𝒳 \U0001f600", "tab\tquote'\"\\", "":
            cursor.execute('INSERT INTO "žluťoučký ""kůň""" VALUES (%s)', (value,))
            cursor.execute('SELECT "größe ☃" FROM "žluťoučký ""kůň""" WHERE "größe ☃" = %s', (value,))
            equal(cursor.fetchone(), (value,))


def step_large():
    with connect().cursor() as cursor:
        text, data = "ü" * 3_000_000, bytes(range(256)) * 10_000
        cursor.execute("SELECT %s, %s", (text, data))
        row = cursor.fetchone()
        equal((row[0], bytes(row[1])), (text, data))
        cursor.execute("SELECT count(*) FROM numbered WHERE n = ANY(%s)", (list(range(20_000)),))
        equal(cursor.fetchone(), (5000,))


steps.run(globals())
