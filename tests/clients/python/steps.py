"""Runs the steps of a client script and prints one line a step, then what went wrong."""
import os
import sys
import traceback

ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r"


def run(namespace):
    port = int(os.environ["PGPORT"])
    names = [name for name in namespace if name.startswith("step_")]
    for name in names:
        try:
            namespace[name](port)
            print("ok", name[len("step_"):], flush=True)
        except Exception:
            details = traceback.format_exc().strip().splitlines()
            print("not ok", name[len("step_"):], flush=True)
            for line in details:
                print("  " + line, flush=True)
    print("done", flush=True)
    sys.stdout.flush()
    os._exit(0)  # a connection that hangs must not keep the script alive


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"got {actual!r}, expected {expected!r}")
