"""pgJDBC as a driver of Python's kind, as far as replay_client.py needs one."""
import base64
import os
import subprocess

RELAY = os.path.join(os.path.dirname(__file__), "..", "java", "Relay.java")
NUMBERS = ("int2", "int4", "int8", "oid", "smallserial", "serial", "bigserial")


class Error(Exception):
    def __init__(self, state, message):
        super().__init__(message)
        self.sqlstate = state


class Column:
    def __init__(self, name, type_code):
        self.name, self.type_code = name, type_code


class Connection:
    def __init__(self):
        self._relay = subprocess.Popen(["java", "-cp", "/usr/share/java/postgresql.jar", RELAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.closed = False

    def cursor(self):
        return Cursor(self)

    def ask(self, sql):
        self._relay.stdin.write(base64.b64encode(sql.encode()).decode() + "\n")
        self._relay.stdin.flush()
        for line in self._relay.stdout:
            word, *fields = line.rstrip("\n").split("\t")
            if word == "end":
                return
            yield word, [None if field == "-" else base64.b64decode(field).decode() for field in fields]
        self.closed = True
        raise Error("08006", "the relay has ended")

    def close(self):
        self._relay.stdin.close()
        self._relay.wait(10)


class Cursor:
    def __init__(self, connection):
        self._connection, self._results = connection, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def execute(self, sql):
        self._results, failure = [], None
        for word, fields in self._connection.ask(sql):
            if word == "columns":
                self._results.append(([Column(name, code) for name, code in zip(fields[::2], fields[1::2])], []))
            elif word == "row":
                columns, rows = self._results[-1]
                rows.append([read(value, column) for value, column in zip(fields, columns)])
            else:
                failure = Error(*fields)
        if failure:
            raise failure

    @property
    def description(self):
        return self._results[0][0] if self._results else None

    def fetchall(self):
        return self._results[0][1]

    def fetchone(self):
        return self._results[0][1][0]

    def nextset(self):
        self._results = self._results[1:]
        return bool(self._results)


def read(value, column):
    if value is None:
        return None
    if column.type_code in NUMBERS:
        return int(value)
    if column.type_code in ("_oid", "oidvector"):
        return [int(part) for part in value.strip("{}").replace(",", " ").split()]
    return value


def connect(**_):
    return Connection()
