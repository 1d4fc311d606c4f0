"""What an application does through SQLAlchemy: reflection, models, migrations by its own DDL, and pools."""
import datetime
import decimal
import threading
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.orm import Session, declarative_base

import dbapi
import steps
from steps import equal

Base = declarative_base()
URL = f"postgresql+psycopg2://{steps.USER}@{steps.HOST}:{steps.PORT}/{steps.DATABASE}"


class Vector(sa.types.UserDefinedType):
    """pgvector's type, as applications define it where its package is not at hand."""

    cache_ok = True

    def __init__(self, dimensions):
        self.dimensions = dimensions

    def get_col_spec(self, **_):
        return f"vector({self.dimensions})"

    def bind_processor(self, _dialect):
        return lambda value: None if value is None else "[" + ",".join(map(str, value)) + "]"

    def result_processor(self, _dialect, _kind):
        return lambda value: None if value is None else [float(item) for item in value[1:-1].split(",")]

    class comparator_factory(sa.types.UserDefinedType.Comparator):
        def distance(self, other):
            return self.op("<->", return_type=sa.Float)(other)


class Author(Base):
    __tablename__ = "alchemy_author"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(40), nullable=False, unique=True)
    born = sa.Column(sa.Date)
    score = sa.Column(sa.Numeric(8, 3))
    facts = sa.Column(pg.JSONB)
    tags = sa.Column(pg.ARRAY(sa.Text))
    key = sa.Column(pg.UUID(as_uuid=True))
    state = sa.Column(sa.Enum("draft", "done", name="alchemy_state"))
    at = sa.Column(sa.DateTime(timezone=True), server_default=sa.func.now())
    data = sa.Column(sa.LargeBinary)
    __table_args__ = (sa.CheckConstraint("score >= 0", name="score_positive"), sa.Index("alchemy_by_born", "born", "name"))


def engine(**options):
    return sa.create_engine(URL, future=True, **options)


def step_connect():
    source = engine()
    with source.connect() as connection:
        equal(connection.dialect.server_version_info[0], 15)
        equal(connection.dialect.default_schema_name, "public")
        equal(connection.execute(sa.text("SELECT :a || 'x'"), {"a": "y"}).scalar(), "yx")
        equal(connection.get_isolation_level(), "READ COMMITTED")


def step_secure():
    url = sa.engine.URL.create("postgresql+psycopg2", steps.SECURE_USER, steps.SECURE_PASSWORD, steps.HOST, steps.PORT, steps.DATABASE)
    source = sa.create_engine(url, future=True, connect_args={"sslmode": "verify-full", "sslrootcert": steps.SECURE_CA})
    with source.connect() as connection:
        equal(connection.execute(sa.text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).scalar(), True)
    dbapi.failed(lambda: sa.create_engine(url.set(password="no")).connect(), sa.exc.OperationalError)


def round_trip(table):
    source = engine()
    found, written = (sa.Table(name, sa.MetaData(), autoload_with=source) for name in (table, table + "_written"))
    with source.begin() as connection:
        rows = connection.execute(sa.select(found).order_by(found.c.id)).mappings().all()
        for row in rows:
            if table == "sample":  # None in a document's column is JSON's null, unless one says SQL's
                row = {**row, "j": row["j"] or sa.null(), "jb": row["jb"] or sa.null()}
            connection.execute(written.insert().values(client="SQLAlchemy", **row))
        differences = connection.execute(sa.text(f"SELECT * FROM {table}_differences WHERE client = 'SQLAlchemy'"))
        equal(differences.fetchall(), [])
    return rows


def step_types():
    rows = round_trip("sample")
    equal((rows[0]["m"], rows[0]["d"], rows[0]["jb"]), (decimal.Decimal("1234567890.5000"), datetime.date(2024, 2, 29), {"b": {"c": 1.5}}))


def step_nulls():
    with engine().connect() as connection:
        sample = sa.Table("sample", sa.MetaData(), autoload_with=connection)
        equal(connection.execute(sa.select(sample).where(sample.c.b.is_(None))).all(), [(2,) + (None,) * 26])


def step_arrays():
    rows = round_trip("sample_arrays")
    equal(rows[0]["ta"], ["a", None, "b c", '"q"', "", "NULL", "back\\slash", "{x,y}"])


def step_vectors():
    source = engine()
    with source.begin() as connection:
        connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS vector"))
    metadata = sa.MetaData()
    items = sa.Table("alchemy_items", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("e", Vector(3)))
    metadata.drop_all(source)
    metadata.create_all(source)
    with source.begin() as connection:
        connection.execute(items.insert(), [{"id": n, "e": [n, 0.5, -1]} for n in range(10)])
        nearest = sa.select(items.c.id, items.c.e).order_by(items.c.e.distance([3.25, 0.5, -1])).limit(2)
        equal(connection.execute(nearest).all(), [(3, [3.0, 0.5, -1.0]), (4, [4.0, 0.5, -1.0])])
        connection.execute(sa.schema.CreateIndex(sa.Index(
            "alchemy_items_e", items.c.e, postgresql_using="hnsw", postgresql_ops={"e": "vector_l2_ops"}, postgresql_with={"m": 8})))
    names = [index["name"] for index in sa.inspect(source).get_indexes("alchemy_items")]
    equal(names, ["alchemy_items_e"])


def step_prepared():
    with engine().connect() as connection:
        for n in range(1, 9):
            equal(connection.execute(sa.text("SELECT n + :a FROM numbered WHERE n = :n"), {"a": 10, "n": n}).scalar(), n + 10)


def step_transactions():
    fresh = sa.Table("alchemy_tx", sa.MetaData(), sa.Column("n", sa.Integer, primary_key=True, autoincrement=False))
    source = engine()
    fresh.drop(source, checkfirst=True)
    fresh.create(source)
    with source.begin() as connection:
        connection.execute(fresh.insert().values(n=1))
        inner = connection.begin_nested()
        dbapi.failed(lambda: connection.execute(fresh.insert().values(n=1)), sa.exc.IntegrityError)
        inner.rollback()
        connection.execute(fresh.insert().values(n=2))
    with source.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(fresh.delete())
        dbapi.failed(lambda: connection.execute(sa.text("SELECT 1/0")), sa.exc.DataError)
        dbapi.failed(lambda: connection.execute(sa.text("SELECT 1")), sa.exc.InternalError)
        connection.rollback()
        equal(connection.execute(sa.select(fresh).order_by(fresh.c.n)).scalars().all(), [1, 2])


def step_errors():
    source = engine()
    with source.connect() as connection:
        error = dbapi.failed(lambda: connection.execute(sa.text("INSERT INTO shop.goods (name) VALUES ('pen')")), sa.exc.IntegrityError)
        equal((error.orig.pgcode, error.orig.diag.constraint_name), ("23505", "goods_name_key"))
        connection.rollback()
        error = dbapi.failed(lambda: connection.execute(sa.text("SELECT * FROM nowhere")), sa.exc.ProgrammingError)
        equal(error.orig.pgcode, "42P01")


def step_bulk():
    source = engine(executemany_mode="values_plus_batch")
    bulk = sa.Table("bulk", sa.MetaData(), sa.Column("n", sa.Integer), sa.Column("body", sa.Text), prefixes=["TEMPORARY"])
    with source.begin() as connection:
        bulk.create(connection)
        connection.execute(bulk.insert(), [{"n": n, "body": f"row {n}"} for n in range(3000)])
        equal(connection.execute(sa.select(sa.func.count(), sa.func.sum(bulk.c.n))).one(), (3000, 4498500))
        upsert = pg.insert(sa.table("numbered", sa.column("n"), sa.column("body"))).values(n=1, body="row 1")
        connection.execute(upsert.on_conflict_do_update(index_elements=["n"], set_={"body": upsert.excluded.body}))


def step_stream():
    with engine().connect().execution_options(stream_results=True, max_row_buffer=100) as connection:
        equal([row.n for row in connection.execute(sa.text("SELECT n FROM numbered ORDER BY n"))], list(range(1, 5001)))


def step_cancel():
    with engine().connect() as connection:
        threading.Timer(0.3, connection.connection.dbapi_connection.cancel).start()
        error = dbapi.failed(lambda: connection.execute(sa.text(steps.ENDLESS)), sa.exc.OperationalError)
        equal(error.orig.pgcode, "57014")
        connection.rollback()
        equal(connection.execute(sa.text("SELECT 1")).scalar(), 1)


def step_metadata():
    look = sa.inspect(engine())
    equal([name for name in look.get_schema_names() if name == "shop"], ["shop"])
    equal((look.get_table_names("shop"), look.get_view_names("shop"), look.get_sequence_names("shop")),
          (["goods"], ["dear"], ["goods_id_seq", "numbers"]))
    columns = look.get_columns("goods", "shop")
    equal([(column["name"], str(column["type"]), column["nullable"]) for column in columns],
          [("id", "INTEGER", False), ("name", "VARCHAR(30)", False), ("price", "NUMERIC(10, 2)", True), ("mood", "VARCHAR(5)", True),
           ("tags", "ARRAY", True), ("added", "TIMESTAMP", True), ("twice", "NUMERIC", True)])
    equal((columns[0]["identity"]["always"], columns[1]["default"], columns[1]["comment"]),
          (False, "'none'::character varying", "what it is called"))
    equal(columns[6]["computed"], {"sqltext": "(price * (2)::numeric)", "persisted": True})
    equal(columns[3]["type"].enums, ["sad", "ok", "happy"])
    equal(look.get_pk_constraint("goods", "shop"), {"constrained_columns": ["id"], "name": "goods_pkey"})
    equal(look.get_unique_constraints("goods", "shop"), [{"name": "goods_name_key", "column_names": ["name"]}])
    equal(look.get_check_constraints("goods", "shop"), [{"name": "goods_price_check", "sqltext": "price > (0)::numeric"}])
    equal(sorted((index["name"], index["column_names"], index["unique"]) for index in look.get_indexes("goods", "shop")),
          [("goods_name_key", ["name"], True), ("goods_price_idx", ["price", "name"], False)])
    equal(look.get_foreign_keys("goods", "shop"), [])
    equal(look.get_table_comment("goods", "shop"), {"text": "what is sold"})
    assert "FROM shop.goods" in " ".join(look.get_view_definition("dear", "shop").split())
    equal([enum["labels"] for enum in look.get_enums("shop")], [["sad", "ok", "happy"]])
    equal((look.has_table("goods", "shop"), look.has_table("nowhere")), (True, False))


def step_migrate():
    source = engine()
    Base.metadata.drop_all(source)
    Base.metadata.create_all(source)
    Base.metadata.create_all(source)  # sees that all is there
    reflected = sa.Table("alchemy_author", sa.MetaData(), autoload_with=source)
    equal(sorted(index.name for index in reflected.indexes), ["alchemy_by_born"])
    key = uuid.UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
    with Session(source) as session:
        author = Author(name="Čapek", born=datetime.date(1890, 1, 9), score=decimal.Decimal("9.125"), facts={"works": ["R.U.R."]},
                        tags=["a", "b"], key=key, state="done", data=b"\x00\xff")
        session.add_all([author, Author(name="nobody", state="draft")])
        session.commit()
        session.refresh(author)
        equal((author.id, author.at.tzinfo is not None), (1, True))
    with Session(source) as session:
        found = session.execute(sa.select(Author).where(Author.facts["works"][0].astext == "R.U.R.", Author.tags.contains(["a"]))).scalar_one()
        equal((found.name, found.score, found.key, found.state, bytes(found.data)), ("Čapek", decimal.Decimal("9.125"), key, "done", b"\x00\xff"))
        found.tags = ["c"]
        session.delete(session.execute(sa.select(Author).filter_by(name="nobody")).scalar_one())
        session.commit()
        equal(session.execute(sa.select(Author.tags)).scalars().all(), [["c"]])
    Base.metadata.drop_all(source)
    equal(sa.inspect(source).has_table("alchemy_author"), False)


def step_pool():
    source = engine(pool_size=2, max_overflow=0, pool_pre_ping=True)
    pids = set()
    for _ in range(4):
        with source.connect() as connection:
            pids.add(connection.execute(sa.text("SELECT pg_backend_pid()")).scalar())
    equal(len(pids), 1)


def step_pipeline():
    raise steps.Lacking("SQLAlchemy 1.4 sends one statement at a time")


def step_listen():
    source = engine()
    with source.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("LISTEN alchemy_news"))
        connection.execute(sa.text("NOTIFY alchemy_news, 'fresh'"))
        raw = connection.connection.dbapi_connection
        raw.poll()
        equal([note.payload for note in raw.notifies], ["fresh"])


def step_unicode():
    table = sa.Table('žluťoučký "kůň"', sa.MetaData(), sa.Column("größe ☃", sa.Text), prefixes=["TEMPORARY"])
    with engine().connect() as connection:
        table.create(connection)
        for value in "naïve ☃", "𝒳 \U0001f600", "tab\tquote'\"\\", "":
            connection.execute(table.insert().values({"größe ☃": value}))
            equal(connection.execute(sa.select(table).where(table.c["größe ☃"] == value)).all(), [(value,)])


def step_large():
    with engine().connect() as connection:
        text = "ü" * 2_000_000
        equal(connection.execute(sa.select(sa.literal(text))).scalar(), text)
        numbered = sa.table("numbered", sa.column("n"))
        equal(connection.execute(sa.select(sa.func.count()).where(numbered.c.n.in_(list(range(10_000))))).scalar(), 5000)


steps.run(globals())
