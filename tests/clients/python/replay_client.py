"""A tool that is not run here: the statements that it sends, one after another by the driver that it has, and what they answer.

replay_client.py psycopg2 | psycopg | psycopg_binary | jdbc_relay FILE

The file has statements with blank lines between. Lines before a statement that begin with "-- " tell of it:
    check: NAME         the check that it and those after it belong to
    lacks NAME: REASON  why the tool has nothing of a check
    let NAME: SQL       a value that stands for {NAME} in what follows
    own: COLUMN, ...    columns whose values are each server's own
    text: COLUMN, ...   columns that are texts in VecSQL, for want of their type
    shape               only the names and types of the columns are to be the same
    cancels             is sent until it has ended a statement of another session, whose id is {busy}
"""
import re
import sys
import threading

import steps
from steps import DATABASE, ENDLESS, HOST, PORT, USER, Lacking, equal

DRIVER = __import__(sys.argv[1].removesuffix("_binary"))
FORM = {"binary": True} if sys.argv[1].endswith("_binary") else {}
NAMES = """SELECT oid, 'class ' || oid::regclass FROM pg_class WHERE oid >= 16384 UNION ALL SELECT oid, 'type ' || oid::regtype FROM pg_type WHERE oid >= 16384
    UNION ALL SELECT oid, 'schema ' || nspname FROM pg_namespace WHERE oid >= 16384 OR nspname = 'public' UNION ALL SELECT oid, 'function ' || oid::regprocedure FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT oid, 'constraint ' || conname FROM pg_constraint WHERE oid >= 16384 UNION ALL SELECT oid, 'role ' || rolname FROM pg_roles WHERE oid >= 16384
    UNION ALL SELECT oid, 'default ' || adrelid::regclass || adnum FROM pg_attrdef UNION ALL SELECT oid, 'label ' || enumlabel FROM pg_enum
    UNION ALL SELECT oid, 'rule ' || ev_class::regclass FROM pg_rewrite WHERE oid >= 16384
    UNION ALL SELECT oid, 'extension ' || extname FROM pg_extension WHERE oid >= 16384
    UNION ALL SELECT oid, 'database ' || datname FROM pg_database WHERE oid >= 16384"""


def connect():
    connection = DRIVER.connect(host=HOST, port=PORT, user=USER, dbname=DATABASE, application_name="replay")
    connection.autocommit = True
    return connection


class Statements:
    """A file's statements by check, and why there are none of some."""

    def __init__(self, path):
        self.lets, self.checks, self.lacks = {}, {}, {}
        check = None
        with open(path, encoding="utf-8") as file:
            blocks = re.split(r"\n\s*\n", file.read().strip())
        for block in blocks:
            told, marks = set(), {}
            lines = block.split("\n")
            while lines and lines[0].startswith("-- "):
                word, _, rest = lines.pop(0)[3:].partition(": ")
                kind, _, name = word.partition(" ")
                if word == "check":
                    check = rest
                elif kind == "lacks" and rest:
                    self.lacks[name] = rest
                elif kind == "let" and rest:
                    self.lets[name] = rest
                elif word in ("own", "text"):
                    marks[word] = rest.split(", ")
                elif word in ("shape", "cancels"):
                    told.add(word)
            if lines:
                self.checks.setdefault(check, []).append(("\n".join(lines), marks, told))


class Replay:
    def __init__(self, path):
        self.statements = Statements(path)
        self.connection = connect()
        with self.connection.cursor() as cursor:
            cursor.execute(NAMES)
            self.names = dict(cursor.fetchall())
            self.lets = {}
            for name, sql in self.statements.lets.items():
                cursor.execute("SELECT " + sql)
                self.lets[name] = cursor.fetchone()[0]

    def put(self, sql):
        return re.sub(r"\{(\w+)\}", lambda found: str(self.lets[found[1]]), sql)

    def run(self, check):
        for number, (sql, marks, told) in enumerate(self.statements.checks[check], 1):
            steps.say(f"{number}\n")
            if "cancels" in told:
                self.cancel(sql)
            else:
                self.ask(self.put(sql), marks, "shape" in told)

    def ask(self, sql, marks, is_shape):
        with self.connection.cursor(**FORM) as cursor:
            cursor.execute(sql)
            while True:
                if cursor.description:
                    names = [column.name for column in cursor.description]
                    steps.say(" | ".join(f"{column.name} {self.type_of(column, marks)}" for column in cursor.description) + "\n")
                    rows = [] if is_shape else [[self.cell(name, value, marks) for name, value in zip(names, row)] for row in cursor.fetchall()]
                    lines = [" | ".join(row).replace("\n", "\\n") + "\n" for row in rows]
                    steps.say("".join(lines if is_ordered(sql) else sorted(lines)))
                if sys.argv[1] == "psycopg2" or not cursor.nextset():  # which has the last result only
                    break

    def type_of(self, column, marks):
        return "text" if column.name in marks.get("text", []) else self.names.get(column.type_code, column.type_code)

    def cell(self, name, value, marks):
        if name in marks.get("own", []):
            return "*"
        if isinstance(value, list):
            return str([self.names.get(item, item) if type(item) is int else item for item in value])
        return str(self.names.get(value, value)) if type(value) is int else str(value)

    def cancel(self, sql):
        other = connect()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.lets["busy"] = cursor.fetchone()[0]
        failures = []

        def work():
            try:
                with other.cursor() as cursor:
                    cursor.execute(ENDLESS)
            except DRIVER.Error as failure:
                failures.append(failure)

        thread = threading.Thread(target=work)
        thread.start()
        with self.connection.cursor() as cursor:
            while thread.is_alive():
                cursor.execute(self.put(sql))
                thread.join(0.05)
        state = getattr(failures[0], "sqlstate", None) or getattr(failures[0], "pgcode", None)
        equal(state in ("57014", "57P01") or other.closed != 0, True)
        other.close()


def is_ordered(sql):
    """Whether the last query says what order its rows are in; ids are each server's own."""
    return re.search(r"order\s+by(?![^()]*\boid\b)[^()]*;?\s*$", sql, re.IGNORECASE) is not None


def lacking(reason):
    def step():
        raise Lacking(reason)
    return step


replay = Replay(sys.argv[2])
steps.run({**{"step_" + check: lambda check=check: replay.run(check) for check in replay.statements.checks},
           **{"step_" + check: lacking(reason) for check, reason in replay.statements.lacks.items()}})
