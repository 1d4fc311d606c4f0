"""What an application does through psycopg 3, with text and binary parameters and results."""
import datetime
import decimal
import struct
import threading
import uuid

import psycopg
from psycopg.types.enum import EnumInfo
from psycopg.types.json import Json, Jsonb

import dbapi
import steps
from steps import equal


def connect(**options):
    return psycopg.connect("", **options)


def fresh(connection, table, columns):
    connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute(f"CREATE TABLE {table} ({columns})")


class Vector(list):
    """A list of floats that travels in the binary form of the vector type."""


def register_vector(connection):
    """Teaches the connection the vector type, and returns its OID."""
    oid, = connection.execute("SELECT oid FROM pg_type WHERE typname = 'vector'").fetchone()

    class BinaryDumper(psycopg.adapt.Dumper):
        format = psycopg.pq.Format.BINARY

        def dump(self, value):
            return struct.pack(f">hh{len(value)}f", len(value), 0, *value)

    class BinaryLoader(psycopg.adapt.Loader):
        format = psycopg.pq.Format.BINARY

        def load(self, data):
            count, _ = struct.unpack(">hh", data[:4])
            return Vector(struct.unpack(f">{count}f", data[4:]))

    BinaryDumper.oid = oid
    connection.adapters.register_dumper(Vector, BinaryDumper)
    connection.adapters.register_loader(oid, BinaryLoader)
    return oid


def step_connect():
    with connect(options="-c search_path=public -c statement_timeout=60000", application_name="vec") as connection:
        assert connection.info.server_version >= 150000, connection.info.server_version
        equal(connection.info.parameter_status("application_name"), "vec")
        equal(connection.execute("SHOW statement_timeout").fetchone(), ("1min",))


def step_metadata__columns():
    with connect() as connection:
        fresh(connection, "psycopg3_ddl", "id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE DEFAULT 'x'")
        connection.execute("ALTER TABLE psycopg3_ddl ADD COLUMN v numeric(3)")
        cursor = connection.execute("INSERT INTO psycopg3_ddl (name) VALUES (%s), (%s) RETURNING id, name, v", ("a", "b"))
        equal(cursor.fetchall(), [(1, "a", None), (2, "b", None)])
        equal(cursor.statusmessage, "INSERT 0 2")


def step_vectors():
    with connect() as connection:
        fresh(connection, "psycopg3_text", "id int PRIMARY KEY, embedding vector(3)")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO psycopg3_text VALUES (%s, %s)", [(n, f"[{n},0,0]") for n in range(30)])
            equal(cursor.rowcount, 30)
        rows = connection.execute(
            "SELECT id, embedding, embedding <-> %s AS distance FROM psycopg3_text WHERE id %% 2 = %s ORDER BY distance LIMIT %s",
            ("[7.5,0,0]", 1, 2)).fetchall()
        equal(rows, [(7, "[7,0,0]", 0.5), (9, "[9,0,0]", 1.5)])


def step_vectors__binary():
    with connect() as connection:
        register_vector(connection)
        fresh(connection, "psycopg3_binary", "id int PRIMARY KEY, embedding vector(3)")
        for n in range(10):
            connection.execute("INSERT INTO psycopg3_binary VALUES (%b, %b)", (n, Vector([n, 0.5, -1])))
        rows = connection.execute("SELECT id, embedding FROM psycopg3_binary ORDER BY embedding <-> %b LIMIT 2",
                                  (Vector([3.2, 0.5, -1]),), binary=True).fetchall()
        equal(rows, [(3, [3.0, 0.5, -1.0]), (4, [4.0, 0.5, -1.0])])
        try:
            connection.execute("SELECT embedding <-> %b FROM psycopg3_binary", (Vector([1, 2]),)).fetchall()
            raise AssertionError("vectors of different length were compared")
        except psycopg.Error as error:
            equal(error.sqlstate, "22000")


def step_vectors__bulk():
    with connect() as connection:
        fresh(connection, "psycopg3_copy", "id int, body text, embedding vector(2)")
        with connection.cursor() as cursor:
            with cursor.copy("COPY psycopg3_copy FROM STDIN") as copy:
                for n in range(1000):
                    copy.write_row((n, None if n % 3 == 0 else f"tab\t{n}\n", f"[{n},1]"))
            equal(cursor.rowcount, 1000)
            with cursor.copy("COPY (SELECT * FROM psycopg3_copy ORDER BY id) TO STDOUT") as copy:
                rows = list(copy.rows())
            equal(rows[:2], [("0", None, "[0,1]"), ("1", "tab\t1\n", "[1,1]")])
            equal(len(rows), 1000)
        vector = register_vector(connection)
        with connection.cursor() as cursor:
            with cursor.copy("COPY psycopg3_copy FROM STDIN (FORMAT binary)") as copy:
                copy.set_types(["int4", "text", vector])
                copy.write_row((-1, "binary", Vector([0.25, 2])))
            with cursor.copy("COPY (SELECT * FROM psycopg3_copy WHERE id < 1 ORDER BY id) TO STDOUT (FORMAT binary)") as copy:
                copy.set_types(["int4", "text", vector])
                rows = list(copy.rows())
            equal(rows, [(-1, "binary", [0.25, 2.0]), (0, None, [0.0, 1.0])])


def step_bulk():
    with connect() as connection:
        connection.execute("CREATE TEMP TABLE bulk (n int, body text, at timestamptz)")
        now = datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)
        for binary in ("", " (FORMAT binary)"):
            with connection.cursor() as cursor, cursor.copy("COPY bulk FROM STDIN" + binary) as copy:
                copy.set_types(["int4", "text", "timestamptz"])
                for n in range(1000):
                    copy.write_row((n, None if n % 3 else f"tab\t{n}\n", now))
            with connection.cursor() as cursor, cursor.copy("COPY (SELECT * FROM bulk WHERE n < 4 ORDER BY n) TO STDOUT" + binary) as copy:
                copy.set_types(["int4", "text", "timestamptz"])
                rows = list(copy.rows())
            equal([row[1] for row in rows], ["tab\t0\n", None, None, "tab\t3\n"])
            equal(connection.execute("SELECT count(*), count(body), max(at) FROM bulk").fetchone(), (1000, 334, now))
            connection.execute("TRUNCATE bulk")


def step_bulk__error():
    with connect(autocommit=True) as connection:
        fresh(connection, "psycopg3_copy_error", "id int")
        try:
            with connection.cursor() as cursor, cursor.copy("COPY psycopg3_copy_error FROM STDIN") as copy:
                copy.write("1\n")
                raise ZeroDivisionError
        except psycopg.errors.QueryCanceled as error:
            assert "ZeroDivisionError" in str(error), error
        equal(connection.execute("SELECT count(*) FROM psycopg3_copy_error").fetchone(), (0,))


def step_errors():
    with connect() as connection:
        fresh(connection, "psycopg3_errors", "id int PRIMARY KEY, n int NOT NULL")
        connection.commit()
        for sql, state in [
            ("INSERT INTO psycopg3_errors VALUES (1, NULL)", "23502"),
            ("SELECT 1 / 0", "22012"),
            ("SELEC 1", "42601"),
            ("SELECT * FROM psycopg3_nowhere", "42P01"),
            ("SELECT 'x'::int", "22P02"),
        ]:
            try:
                connection.execute(sql)
                raise AssertionError(f"{sql} passed")
            except psycopg.Error as error:
                equal(error.sqlstate, state)
            equal(connection.info.transaction_status, psycopg.pq.TransactionStatus.INERROR)
            connection.rollback()
        equal(connection.execute("SELECT 1").fetchone(), (1,))


def step_transactions():
    with connect() as connection:
        fresh(connection, "psycopg3_tx", "n int")
        connection.commit()
        with connection.transaction():
            connection.execute("INSERT INTO psycopg3_tx VALUES (1)")
            try:
                with connection.transaction():
                    connection.execute("INSERT INTO psycopg3_tx VALUES (2)")
                    connection.execute("SELECT 1 / 0")
            except psycopg.errors.DivisionByZero:
                pass
            with connection.transaction():
                connection.execute("INSERT INTO psycopg3_tx VALUES (3)")
        try:
            with connection.transaction():
                connection.execute("INSERT INTO psycopg3_tx VALUES (4)")
                raise psycopg.Rollback
        except psycopg.Rollback:
            pass
        equal(connection.execute("SELECT n FROM psycopg3_tx ORDER BY n").fetchall(), [(1,), (3,)])


def step_cancel():
    with connect(autocommit=True) as connection:
        threading.Timer(0.3, connection.cancel).start()
        try:
            connection.execute(steps.ENDLESS)
            raise AssertionError("an endless query ended")
        except psycopg.errors.QueryCanceled as error:
            equal(error.sqlstate, "57014")
        equal(connection.execute("SELECT 1").fetchone(), (1,))


def step_prepared():
    with connect(autocommit=True) as connection:
        fresh(connection, "psycopg3_prepared", "n int")
        for n in range(8):
            connection.execute("INSERT INTO psycopg3_prepared VALUES (%s)", (n,), prepare=True)
        equal(connection.execute("SELECT count(*) FROM psycopg3_prepared").fetchone(), (8,))
        equal(connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone(), (1,))
        connection.execute("DROP TABLE psycopg3_prepared")
        connection.execute("CREATE TABLE psycopg3_prepared (n bigint)")
        connection.execute("INSERT INTO psycopg3_prepared VALUES (%s)", (2,), prepare=True)


def step_pipeline():
    with connect(autocommit=True) as connection:
        fresh(connection, "psycopg3_pipeline", "n int PRIMARY KEY")
        with connection.pipeline() as pipeline:
            cursors = [connection.execute("INSERT INTO psycopg3_pipeline VALUES (%s) RETURNING n", (n,)) for n in range(50)]
            pipeline.sync()
            equal([cursor.fetchone()[0] for cursor in cursors], list(range(50)))
        try:
            with connection.pipeline():
                connection.execute("INSERT INTO psycopg3_pipeline VALUES (100)")
                connection.execute("INSERT INTO psycopg3_pipeline VALUES (1)")
                connection.execute("INSERT INTO psycopg3_pipeline VALUES (101)")
            raise AssertionError("a duplicate key was taken")
        except psycopg.errors.UniqueViolation:
            pass
        equal(connection.execute("SELECT count(*) FROM psycopg3_pipeline WHERE n >= 100").fetchone(), (0,))


def step_types__native():
    with connect() as connection:
        fresh(connection, "psycopg3_types", "b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric, t text, vc varchar(30),"
              " y bytea, d date, tm time, ts timestamp, tz timestamptz, iv interval, u uuid, j json, jb jsonb, ia int[], ta text[],"
              " na numeric[], tza timestamptz[]")
        utc = datetime.timezone.utc
        row = (True, -5, 70000, 2 ** 62, 1.25, -0.1, decimal.Decimal("-98765432109876543210.00120"), "naïve ☃", "it's",
               b"\x00\xff\\", datetime.date(1999, 12, 31), datetime.time(1, 2, 3, 456), datetime.datetime(2024, 2, 29, 1, 2, 3, 4),
               datetime.datetime(2024, 2, 29, 1, 2, 3, 4, utc), datetime.timedelta(days=-3, seconds=5),
               uuid.UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff"), Json({"a": [1, None]}), Jsonb({"b": "é"}), [1, None, 3],
               ["a", None, "b c", '"q"', "", "NULL", "{,}"], [decimal.Decimal("1.10"), decimal.Decimal("NaN")],
               [datetime.datetime(2024, 2, 29, tzinfo=utc)])
        expected = list(row)
        expected[16], expected[17] = {"a": [1, None]}, {"b": "é"}
        for placeholder in ("%s", "%t", "%b"):
            connection.execute("TRUNCATE psycopg3_types")
            connection.execute(f"INSERT INTO psycopg3_types VALUES ({', '.join([placeholder] * len(row))})", row)
            for binary in (False, True):
                got = connection.execute("SELECT * FROM psycopg3_types", binary=binary).fetchone()
                equal(repr(list(got[:20])).replace("zoneinfo.ZoneInfo(key='UTC')", "datetime.timezone.utc")
                      .replace("zoneinfo.ZoneInfo(key='Etc/UTC')", "datetime.timezone.utc"), repr(expected[:20]))
                equal(str(got[20]), str(expected[20]))
                equal(got[21], expected[21])


def step_stream():
    with connect() as connection:
        fresh(connection, "psycopg3_cursor", "n int")
        connection.cursor().executemany("INSERT INTO psycopg3_cursor VALUES (%s)", [(n,) for n in range(250)])
        with connection.cursor("named", scrollable=True) as named:
            named.itersize = 100
            named.execute("SELECT n FROM psycopg3_cursor ORDER BY n")
            equal([row[0] for row in named], list(range(250)))
            named.scroll(10, mode="absolute")
            equal(named.fetchmany(2), [(10,), (11,)])
        equal([row[0] for row in connection.cursor().stream("SELECT n FROM psycopg3_cursor ORDER BY n LIMIT 5")], [0, 1, 2, 3, 4])


def step_listen():
    with connect(autocommit=True) as listener, connect(autocommit=True) as sender:
        listener.execute("LISTEN psycopg3_news")
        sender.execute("NOTIFY psycopg3_news, 'fresh'")
        for notification in listener.notifies():
            equal((notification.channel, notification.payload), ("psycopg3_news", "fresh"))
            break


def step_secure():
    options = {"user": steps.SECURE_USER, "sslmode": "verify-full", "sslrootcert": steps.SECURE_CA}
    with connect(password=steps.SECURE_PASSWORD, channel_binding="require", **options) as connection:
        equal(connection.execute("SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone(),
              (steps.SECURE_USER, True))
    error = dbapi.failed(lambda: connect(password="no", **options), psycopg.OperationalError)
    assert "password authentication failed" in str(error), error


def wrap(value):
    if isinstance(value, dict):
        return Jsonb(value)
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return [Jsonb(item) for item in value]
    return value


def step_types():
    with connect() as connection:
        rows = dbapi.round_trip(connection, "psycopg 3", "sample", steps.SAMPLE, adapt=wrap, casts={"j": "::jsonb::json"})
        equal(rows[0][11:14], ("fixed ", b"x" if isinstance(rows[0][12], bytes) else "x", "a_name"))


def step_nulls():
    with connect() as connection:
        row = connection.execute("SELECT * FROM sample WHERE id = 2", binary=True).fetchone()
        equal(row, (2,) + (None,) * 26)
        equal(connection.execute("SELECT %s::int IS NULL, coalesce(%s, 'x'), ARRAY[%s::text]", (None, None, None)).fetchone(),
              (True, "x", [None]))


def step_arrays():
    with connect() as connection:
        rows = dbapi.round_trip(connection, "psycopg 3", "sample_arrays", steps.SAMPLE_ARRAYS, adapt=wrap,
                                casts={"ya": "::bytea[]", "jba": "::jsonb[]"})
        equal(rows[0][8], ["a", None, "b c", '"q"', "", "NULL", "back\\slash", "{x,y}"])


def step_metadata():
    with connect() as connection:
        info = psycopg.types.TypeInfo.fetch(connection, "shop.mood")
        equal((info.name, info.array_oid != 0), ("mood", True))
        mood = EnumInfo.fetch(connection, "shop.mood")
        equal(mood.labels, ["sad", "ok", "happy"])
        info = psycopg.types.TypeInfo.fetch(connection, "uuid")
        equal((info.name, info.oid, info.array_oid), ("uuid", 2950, 2951))
        equal(psycopg.types.TypeInfo.fetch(connection, "shop.nothing"), None)


def step_migrate():
    with connect() as connection:
        connection.execute("CREATE TABLE psycopg3_migrated (id int PRIMARY KEY)")
        connection.execute("ALTER TABLE psycopg3_migrated ADD COLUMN name text NOT NULL DEFAULT 'x'")
        connection.execute("CREATE INDEX ON psycopg3_migrated (name)")
        connection.execute("INSERT INTO psycopg3_migrated (id) VALUES (1)")
        equal(connection.execute("SELECT * FROM psycopg3_migrated").fetchone(), (1, "x"))
        connection.rollback()
        equal(connection.execute("SELECT to_regclass('psycopg3_migrated')").fetchone(), (None,))


def step_pool():
    with connect(autocommit=True) as connection:
        connection.execute("SET search_path TO shop")
        connection.execute("CREATE TEMP TABLE psycopg3_temporary (n int)")
        connection.execute("SELECT 1", prepare=True)
        connection.execute("DISCARD ALL")
        connection.prepare_threshold = None
        equal(connection.execute("SHOW search_path").fetchone(), ('"$user", public',))
        equal(connection.execute("SELECT to_regclass('psycopg3_temporary'), count(*) FROM pg_prepared_statements").fetchone(), (None, 0))


def step_unicode():
    with connect() as connection:
        connection.execute('CREATE TEMP TABLE "žluťoučký ""kůň""" ("größe ☃" text)')
        for value in "naïve ☃", "𝒳 \U0001f600", "tab\tquote'\"\\", "":
            connection.execute('INSERT INTO "žluťoučký ""kůň""" VALUES (%s)', (value,))
            equal(connection.execute('SELECT "größe ☃" FROM "žluťoučký ""kůň""" WHERE "größe ☃" = %s', (value,)).fetchone(), (value,))
        equal(connection.execute("SELECT length(%s), upper(%s)", ("𝒳☃", "é")).fetchone()[0], 2)


def step_large():
    with connect() as connection:
        text, data = "ü" * 3_000_000, bytes(range(256)) * 20_000
        equal(connection.execute("SELECT %s::text, %s", (text, data), binary=True).fetchone(), (text, data))
        many = list(range(20_000))
        equal(connection.execute(f"SELECT count(*) FROM numbered WHERE n IN ({', '.join(['%s'] * len(many))})", many).fetchone(), (5000,))
        equal(connection.execute("SELECT " + ", ".join(f"{n} AS c{n}" for n in range(1600))).fetchone(), tuple(range(1600)))


steps.run(globals())
