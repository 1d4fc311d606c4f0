"""What an application does through Django: models by migrations, the ORM, and inspectdb."""
import datetime
import decimal
import io
import threading
import uuid

import django
from django.conf import settings

import dbapi
import steps
from steps import equal

DATABASE = {"ENGINE": "django.db.backends.postgresql", "HOST": steps.HOST, "PORT": steps.PORT, "USER": steps.USER, "NAME": steps.DATABASE}
SECURE = {**DATABASE, "USER": steps.SECURE_USER, "PASSWORD": steps.SECURE_PASSWORD,
          "OPTIONS": {"sslmode": "verify-full", "sslrootcert": steps.SECURE_CA}}
settings.configure(
    DATABASES={"default": DATABASE, "secure": SECURE, "refused": {**SECURE, "PASSWORD": "no"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.postgres"],
    USE_TZ=True, TIME_ZONE="UTC", DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", SECRET_KEY="-")
django.setup()

from django.contrib.auth.models import Group, User  # noqa: E402  (models need the settings)
from django.contrib.postgres.fields import ArrayField  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import DataError, IntegrityError, OperationalError, connection, connections, models, transaction  # noqa: E402
from django.db.models import Count, F, Q, Sum, Window  # noqa: E402
from django.db.models.functions import RowNumber, TruncMonth  # noqa: E402


class VectorField(models.Field):
    """pgvector's type, as applications define it where its package is not at hand."""

    def db_type(self, connection):
        return "vector(3)"

    def get_prep_value(self, value):
        return None if value is None else "[" + ",".join(map(str, value)) + "]"

    def from_db_value(self, value, _expression, _connection):
        return None if value is None else [float(item) for item in value[1:-1].split(",")]


class Item(models.Model):
    name = models.CharField(max_length=30, unique=True, db_index=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    facts = models.JSONField(default=dict)
    tags = ArrayField(models.TextField(), default=list)
    key = models.UUIDField(default=uuid.uuid4)
    at = models.DateTimeField(default=datetime.datetime(2024, 2, 29, 1, 2, 3, 4, datetime.timezone.utc))
    day = models.DateField(null=True)
    data = models.BinaryField(null=True)
    lasts = models.DurationField(null=True)
    whole = models.BigIntegerField(null=True)
    real = models.FloatField(null=True)
    yes = models.BooleanField(null=True)

    class Meta:
        app_label = "matrix"
        constraints = [models.CheckConstraint(check=Q(price__gte=0), name="matrix_price"),
                       models.UniqueConstraint(fields=["day", "whole"], condition=Q(yes=True), name="matrix_partial")]
        indexes = [models.Index(fields=["-price", "name"], name="matrix_by_price")]


def create(model):
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {model._meta.db_table}")
    with connection.schema_editor() as editor:
        editor.create_model(model)


def ask(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def step_connect():
    equal(ask("SELECT %s || 'x'", "y"), [("yx",)])
    equal((connection.vendor, connection.pg_version // 10000, connection.is_usable()), ("postgresql", 15, True))


def step_secure():
    with connections["secure"].cursor() as cursor:
        cursor.execute("SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        equal(cursor.fetchall(), [(steps.SECURE_USER, True)])
    error = dbapi.failed(lambda: connections["refused"].ensure_connection(), OperationalError)
    assert "password authentication failed" in str(error), error


def step_types():
    create(Item)
    values = {"price": decimal.Decimal("12.50"), "facts": {"a": [1, None, "é"]}, "tags": ["x", "y, z"], "key": uuid.UUID(int=7),
              "day": datetime.date(2024, 2, 29), "data": b"\x00\xff", "lasts": datetime.timedelta(days=2, seconds=3), "whole": 2 ** 62,
              "real": 0.1, "yes": True}
    Item.objects.create(name="all", **values)
    found = Item.objects.get(name="all")
    equal({name: bytes(getattr(found, name)) if name == "data" else getattr(found, name) for name in values}, values)
    equal(found.at, datetime.datetime(2024, 2, 29, 1, 2, 3, 4, datetime.timezone.utc))
    equal(Item.objects.filter(facts__a__0=1, tags__contains=["x"], at__year=2024, day__week_day=5).count(), 1)


def step_nulls():
    create(Item)
    Item.objects.create(name="none")
    equal(Item.objects.filter(price=None, data__isnull=True, yes__isnull=True).values_list("whole", "day", "lasts").get(), (None,) * 3)


def step_arrays():
    create(Item)
    Item.objects.create(name="one", tags=["a", None, "b c", '"q"', "", "NULL", "{x,y}"])
    equal(Item.objects.get(tags__len=7).tags, ["a", None, "b c", '"q"', "", "NULL", "{x,y}"])
    equal(Item.objects.filter(tags__overlap=["zz", "b c"], tags__0="a").count(), 1)


def step_vectors():
    ask_nothing("CREATE EXTENSION IF NOT EXISTS vector")

    class Point(models.Model):
        e = VectorField()

        class Meta:
            app_label = "matrix"

    create(Point)
    Point.objects.bulk_create([Point(id=n, e=[n, 0.5, -1]) for n in range(10)])
    far = models.expressions.RawSQL("e <-> %s", ("[3.25,0.5,-1]",), output_field=models.FloatField())
    equal([(point.id, point.e, point.far) for point in Point.objects.annotate(far=far).order_by("far")[:2]],
          [(3, [3.0, 0.5, -1.0], 0.25), (4, [4.0, 0.5, -1.0], 0.75)])


def ask_nothing(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def step_prepared():
    raise steps.Lacking("Django 3.2 puts values into the statement's text")


def step_transactions():
    create(Item)
    with transaction.atomic():
        Item.objects.create(name="kept")
        dbapi.failed(lambda: in_savepoint(lambda: Item.objects.create(name="kept")), IntegrityError)
        Item.objects.create(name="after")

    def fail():
        with transaction.atomic():
            Item.objects.create(name="lost")
            raise ZeroDivisionError

    dbapi.failed(fail, ZeroDivisionError)
    equal(list(Item.objects.order_by("name").values_list("name", flat=True)), ["after", "kept"])
    with transaction.atomic():
        equal(Item.objects.select_for_update().get(name="kept").name, "kept")


def in_savepoint(work):
    with transaction.atomic():
        return work()


def step_errors():
    create(Item)
    Item.objects.create(name="one", price=1)
    error = dbapi.failed(lambda: Item.objects.create(name="one"), IntegrityError)
    equal(error.__cause__.diag.constraint_name.startswith("matrix_item_name"), True)
    error = dbapi.failed(lambda: Item.objects.create(name="two", price=-1), IntegrityError)
    equal(error.__cause__.diag.constraint_name, "matrix_price")
    dbapi.failed(lambda: Item.objects.create(name="x" * 31), DataError)
    equal(Item.objects.count(), 1)


def step_bulk():
    create(Item)
    Item.objects.bulk_create([Item(name=f"n{n}", whole=n) for n in range(1000)], batch_size=300)
    Item.objects.bulk_create([Item(name="n1"), Item(name="new")], ignore_conflicts=True)
    items = list(Item.objects.filter(whole__lt=10))
    for item in items:
        item.real = item.whole / 2
    Item.objects.bulk_update(items, ["real"])
    equal(Item.objects.aggregate(n=Count("id"), whole=Sum("whole"), real=Sum("real")), {"n": 1001, "whole": 499500, "real": 22.5})
    equal(Item.objects.filter(whole__gte=500).update(price=F("whole") / 4), 500)
    equal(Item.objects.filter(price__isnull=True).delete()[0], 501)


def step_stream():
    create(Item)
    Item.objects.bulk_create([Item(name=f"n{n}", whole=n) for n in range(500)])
    with transaction.atomic():
        equal([item.whole for item in Item.objects.order_by("whole").iterator(chunk_size=50)], list(range(500)))


def step_cancel():
    with transaction.atomic():
        threading.Timer(0.3, connection.connection.cancel).start()
        dbapi.failed(lambda: in_savepoint(lambda: ask(steps.ENDLESS)), OperationalError)
    equal(ask("SELECT 1"), [(1,)])


def step_metadata():
    output = io.StringIO()
    create(Item)
    call_command("inspectdb", "matrix_item", stdout=output)
    for line in ("name = models.CharField(unique=True, max_length=30)", "price = models.DecimalField(max_digits=10, decimal_places=2, blank=True, null=True)",
                 "facts = models.JSONField()", "key = models.UUIDField()", "data = models.BinaryField(blank=True, null=True)"):
        assert line in output.getvalue(), output.getvalue()
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "matrix_item")
        equal(constraints["matrix_by_price"]["orders"], ["DESC", "ASC"])
        equal((constraints["matrix_price"]["check"], constraints["matrix_item_pkey"]["primary_key"]), (True, True))
        equal(connection.introspection.get_sequences(cursor, "matrix_item"),
              [{"name": "matrix_item_id_seq", "table": "matrix_item", "column": "id"}])


def step_migrate():
    for table in ("auth_user_user_permissions", "auth_user_groups", "auth_group_permissions", "auth_group", "auth_user", "auth_permission",
                  "django_content_type", "django_migrations"):
        ask_nothing(f"DROP TABLE IF EXISTS {table}")
    call_command("migrate", verbosity=0, interactive=False)
    group = Group.objects.create(name="readers")
    user = User.objects.create_user("ada", "ada@example.org", "secret")
    user.groups.add(group)
    equal(User.objects.filter(groups__name="readers").annotate(n=Count("groups")).get().n, 1)
    equal(group.permissions.count(), 0)
    assert User.objects.get(username="ada").check_password("secret")
    call_command("migrate", "auth", "zero", verbosity=0, interactive=False)
    equal("auth_user" in connection.introspection.table_names(), False)


def step_pool():
    first = ask("SELECT pg_backend_pid()")
    connection.close_if_unusable_or_obsolete()
    connection.close()
    equal(ask("SELECT pg_backend_pid()") != first, True)


def step_pipeline():
    raise steps.Lacking("Django sends one statement at a time")


def step_listen():
    raise steps.Lacking("Django has no notifications; the driver below has")


def step_unicode():
    create(Item)
    for value in "naïve ☃", "𝒳 \U0001f600", "tab\tquote'\"\\", "":
        Item.objects.create(name=value)
        equal(Item.objects.filter(name__iexact=value.upper()).count() if value.isascii() else Item.objects.filter(name=value).count(), 1)
    equal(Item.objects.filter(name__icontains="NAÏVE").count() in (0, 1), True)


def step_large():
    create(Item)
    Item.objects.create(name="big", data=bytes(range(256)) * 4000, facts={"text": "ü" * 500_000})
    found = Item.objects.get(name="big")
    equal((len(bytes(found.data)), len(found.facts["text"])), (1_024_000, 500_000))
    months = Item.objects.annotate(month=TruncMonth("at"), row=Window(RowNumber(), order_by=F("id").asc())).values_list("month", "row")
    equal(list(months), [(datetime.datetime(2024, 2, 1, tzinfo=datetime.timezone.utc), 1)])


steps.run(globals())
