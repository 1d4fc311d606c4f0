"""psycopg2 through pgbouncer, which pools by sessions or by transactions, as the argument says."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import steps

MODE = sys.argv[1]
real_run, steps.run = steps.run, lambda namespace: None  # the client's steps run here
import psycopg2  # noqa: E402
import psycopg2_client as client  # noqa: E402
from steps import equal  # noqa: E402


def start():
    """Starts pgbouncer in front of the server, as what steps connect to; returns what ends it."""
    folder = tempfile.mkdtemp(prefix="pgbouncer-")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = f"host=127.0.0.1 port={steps.PORT} dbname={steps.DATABASE}"
    with open(f"{folder}/users", "w") as users:
        users.write(f'"{steps.USER}" ""\n')
    with open(f"{folder}/ini", "w") as settings:
        settings.write(f"[databases]\n{steps.DATABASE} = {server} user={steps.USER}\n"
                       f"secured = {server} user={steps.SECURE_USER} password='{steps.SECURE_PASSWORD}'\n"
                       f"refused = {server} user={steps.SECURE_USER} password=no\n"
                       f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n"
                       f"auth_file = {folder}/users\npool_mode = {MODE}\nserver_tls_sslmode = verify-full\n"
                       f"server_tls_ca_file = {folder}/ca\ndefault_pool_size = 5\nlogfile = {folder}/log\n")
    shutil.copy(steps.SECURE_CA, f"{folder}/ca")
    is_root = os.getuid() == 0  # which pgbouncer refuses
    if is_root:
        shutil.chown(folder, "postgres")
        os.chmod(f"{folder}/ca", 0o644)
    process = subprocess.Popen([shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin"), f"{folder}/ini"],
                               user="postgres" if is_root else None, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end():
        process.kill()
        process.wait()
        shutil.rmtree(folder)

    os.environ["PGPORT"] = str(port)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return end
        time.sleep(0.1)
    raise RuntimeError(open(f"{folder}/log").read())


def step_secure():
    with psycopg2.connect("dbname=secured") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        equal(cursor.fetchone(), (steps.SECURE_USER, True))


def step_pool():
    pids = set()
    for _ in range(4):
        connection = psycopg2.connect("")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), current_setting('search_path')")
            pid, path = cursor.fetchone()
            equal(path, '"$user", public')
            pids.add(pid)
            cursor.execute("SET LOCAL search_path TO shop" if MODE == "transaction" else "SET search_path TO shop")
        connection.commit()
        connection.close()
    assert len(pids) <= 2, pids  # sessions are lent again, and reset where they may have been changed


def lacking(reason):
    def step():
        raise steps.Lacking(reason)
    return step


end = start()
client.CLIENT = f"pgbouncer {MODE}"
namespace = {**vars(client), "step_secure": step_secure, "step_pool": step_pool}
if MODE == "transaction":
    namespace["step_listen"] = lacking("pgbouncer gives the session to others after each transaction")
real_run(namespace, at_end=end)
