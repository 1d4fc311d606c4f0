"""What clients with Python's database interface have in common."""
import steps
from steps import equal


def round_trip(connection, client, table, columns, mark="%s", casts=None, adapt=lambda value: value):
    """Reads the rows of a sample and writes them back; the server says what has changed on the way."""
    casts = casts or {}
    cursor = connection.cursor()
    cursor.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")
    rows = cursor.fetchall()
    marks = [mark + casts.get(column, "") for column in columns]
    for row in rows:
        cursor.execute(f"INSERT INTO {table}_written (client, {', '.join(columns)}) VALUES ({', '.join([mark] + marks)})",
                       [client] + [adapt(value) for value in row])
    alike(connection, client, table, len(rows), mark)
    return rows


def alike(connection, client, table, count, mark="%s"):
    cursor = connection.cursor()
    cursor.execute(f"SELECT name, sent, came FROM {table}_differences WHERE client = {mark}", (client,))
    equal([tuple(row) for row in cursor.fetchall()], [])
    cursor.execute(f"SELECT count(*) FROM {table}_written WHERE client = {mark}", (client,))
    equal(cursor.fetchone()[0], count)


def failed(work, error, **fields):
    """The error that the work ends with; fails where there is none, or its fields are not as given."""
    try:
        work()
    except error as found:
        for name, value in fields.items():
            equal(getattr(found, name), value)
        return found
    raise AssertionError(f"no {error.__name__} came")
