"""Runs the steps of a client script and prints one line a step, then what went wrong.

A step is a function step_CHECK; a second one of the same check is step_CHECK__ABOUT.
"""
import asyncio
import inspect
import os
import sys
import traceback

HOST, PORT, USER, DATABASE = os.environ["PGHOST"], int(os.environ["PGPORT"]), os.environ["PGUSER"], os.environ["PGDATABASE"]
SECURE_USER, SECURE_PASSWORD, SECURE_CA = (os.environ[name] for name in ("SECURE_USER", "SECURE_PASSWORD", "SECURE_CA"))
ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r"
SAMPLE = "id b i2 i4 i8 f4 f8 n m t vc ch qc nm y d tm tmz ts tsz iv u j jb bt vb o".split()
SAMPLE_ARRAYS = "id ba i2a i4a i8a f4a f8a na ta vca da tsa tsza ua jba ya".split()


class Lacking(Exception):
    """The client has nothing of the kind."""


def run(namespace, at_end=lambda: None):
    for name, step in [(name, step) for name, step in namespace.items() if name.startswith("step_")]:
        name = name[len("step_"):].replace("__", " ")
        _said.clear()
        try:
            if inspect.iscoroutinefunction(step):
                asyncio.run(asyncio.wait_for(step(), 60))
            else:
                step()
            for line in "".join(_said).splitlines():
                print("| " + line)
            print("ok", name, flush=True)
        except Lacking as reason:
            print(f"lacks {name}: {reason}", flush=True)
        except Exception:
            print("not ok", name, flush=True)
            for line in traceback.format_exc().strip().splitlines():
                print("  " + line, flush=True)
    print("done", flush=True)
    sys.stdout.flush()
    at_end()
    os._exit(0)  # a connection that hangs must not keep the script alive


_said = []


def say(text):
    """What the other server has to have said, too."""
    _said.append(text)


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"got {actual!r}, expected {expected!r}")
