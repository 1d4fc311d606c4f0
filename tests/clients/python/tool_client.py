"""psql, pg_dump and pgbench: what each prints is said, and compared between the servers.

tool_client.py psql | pg_dump | pgbench
"""
import os
import re
import subprocess
import sys
import tempfile

import steps
from steps import ENDLESS, HOST, PORT, SECURE_CA, SECURE_PASSWORD, SECURE_USER, Lacking, equal

SECURE = {"PGHOST": "localhost", "PGUSER": SECURE_USER, "PGPASSWORD": SECURE_PASSWORD, "PGSSLMODE": "verify-full", "PGSSLROOTCERT": SECURE_CA}


def tool(*arguments, text=None, fails=False, **environment):
    """What the program prints; with fails, what it says of its failure."""
    result = subprocess.run(arguments, input=text, capture_output=True, text=True, env={**os.environ, **environment}, timeout=120)
    if (result.returncode != 0) != fails:
        raise AssertionError(f"{' '.join(arguments)} ended with {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result.stderr if fails else result.stdout


def psql(text, *options, fails=False, **environment):
    return tool("psql", "-X", *options, "-f", "-", text=text, fails=fails, **environment)


def local(text, *options):
    """With temporary tables, whose schema has the session's number, which also moves a title that stands in the middle."""
    return re.sub(r"(?m)^ *(.*)pg_temp_\d+", r"\1pg_temp", psql(text, *options))


def rows(sql):
    return psql(sql, "-Atq", "-v", "ON_ERROR_STOP=1").splitlines()


def refused(*arguments):
    message = tool(*arguments, fails=True, **{**SECURE, "PGPASSWORD": "no"})
    equal("password authentication failed" in message, True)


class Psql:
    def step_connect():
        equal(psql(r"\conninfo").splitlines()[0], f'You are connected to database "vecsql" as user "vecsql" on host "{HOST}" at port "{PORT}".')
        steps.say(psql("SELECT 1 AS one, 'x' AS text \\gx"))

    def step_secure():
        equal(psql("SELECT current_user", "-At", **SECURE), SECURE_USER + "\n")
        refused("psql", "-X", "-c", "SELECT 1")

    def step_types():
        steps.say(psql("SELECT * FROM sample ORDER BY id \\gx"))

    def step_nulls():
        steps.say(psql("\\pset null '(null)'\nSELECT id, b, t FROM sample ORDER BY id;"))

    def step_arrays():
        steps.say(psql("SELECT * FROM sample_arrays ORDER BY id \\gx"))

    def step_vectors():
        psql("CREATE EXTENSION IF NOT EXISTS vector", "-q")
        steps.say(local("CREATE TEMP TABLE e (v vector(3), h halfvec(3));\nINSERT INTO e VALUES ('[1,2,3]', '[4,5,6]'), ('[3,2,1]', NULL);\n"
                       "SELECT v, h, v <-> '[1,2,4]' AS d FROM e ORDER BY 3;\n\\d e\n\\dA hnsw", "-q"))

    def step_prepared():
        steps.say(psql("PREPARE p (int) AS SELECT n, body FROM numbered WHERE n = $1;\nEXECUTE p (3);\nEXECUTE p (4) \\gx\nDEALLOCATE p;"))

    def step_transactions():
        steps.say(psql("\\set ON_ERROR_ROLLBACK on\nBEGIN;\nCREATE TABLE psql_tx (n int PRIMARY KEY);\nINSERT INTO psql_tx VALUES (1);\n"
                       "INSERT INTO psql_tx VALUES (1);\nSELECT * FROM psql_tx;\nROLLBACK;\n\\d psql_tx"))

    def step_errors():
        said = tool("sh", "-c", "exec psql -X -f - 2>&1", text="\\set VERBOSITY verbose\nINSERT INTO shop.goods (name) VALUES ('pen');\n"
                    "SELECT nothing FROM numbered;\nSELECT 'x'::int;\n\\errverbose\nSELECT :'LAST_ERROR_SQLSTATE' AS state;")
        steps.say(re.sub(r"(?m)^(psql:<stdin>:\d+: )?LOCATION:.*\n", "", re.sub(r"goods_id_seq|\(\d+, ", "(", said)))

    def step_bulk():
        with tempfile.NamedTemporaryFile("w+", suffix=".csv") as file:
            steps.say(psql(f"\\copy (SELECT n, body FROM numbered WHERE n < 5 ORDER BY n) TO '{file.name}' CSV HEADER\n"
                           f"CREATE TEMP TABLE b (n int, body text);\n\\copy b FROM '{file.name}' CSV HEADER\nSELECT * FROM b ORDER BY n;\n"
                           "COPY b TO STDOUT;"))

    def step_stream():
        steps.say(psql("\\set FETCH_COUNT 100\nSELECT n FROM numbered ORDER BY n;", "-At"))

    def step_cancel():
        equal("canceling statement due to statement timeout" in psql(f"SET statement_timeout = 100;\n{ENDLESS};", "-v", "ON_ERROR_STOP=1", fails=True), True)

    def step_metadata():
        commands = [r"\d shop.goods", r"\d+ shop.goods", r"\d shop.dear", r"\d+ shop.dear", r"\d shop.goods_price_idx", r"\d shop.numbers", r"\dt shop.*",
                    r"\dv shop.*", r"\dv+ shop.dear", r"\di shop.*", r"\ds shop.*", r"\dT shop.*", r"\dT+ shop.mood", r"\dn shop", r"\df shop.*",
                    r"\dp shop.*", r"\dd shop.*", r"\ddp", r"\dD", r"\des", r"\dE", r"\dm", r"\dO \"C\"",
                    r"\dP", r"\dRp", r"\dRs", r"\drds", r"\dX", r"\dy", r"\sv shop.dear", r"\sv+ shop.dear", r"\du keeper", r"\dg keeper",
                    r"\z shop.goods", r"\d nothing", r"\dt nothing", r"\da shop.*", r"\dAc btree int*", r"\db", r"\dc shop.*", r"\df+ shop.*", r"\dfa shop.*",
                    r"\dfn shop.*", r"\dfp shop.*", r"\dft shop.*", r"\dfw shop.*", r"\dF+ english", r"\dl", r"\lo_list", r"\do shop.*", r"\dO", r"\dD+",
                    r"\det", r"\deu", r"\dew", r"\dex", r"\dRp+", r"\dRs+", r"\dP+", r"\dPi", r"\dPt", r"\dtS pg_am*", r"\dvS pg_stat_act*", r"\dx none",
                    r"\dconfig max_identifier_length", r"\l nothing", r"\encoding", r"\ddp+"]
        text = "\n".join(f"\\echo == '{command}'\n{command}" for command in commands)
        said = tool("sh", "-c", "exec psql -X -f - 2>&1", text=text)
        steps.say(re.sub(r"psql:<stdin>:\d+: ", "", re.sub(r"\d+ (bytes|kB)", "N", said)))

    def step_metadata__all():
        # What these list is each server's own, but none of them may fail.
        commands = r"""\d \dS \dS+ \dA+ \dAc \dAf \dAf+ \dAo \dAo+ \dAp \dAp+ \daS \db+ \dC \dC+ \dcS \dcS+ \dconfig \dconfig+ \dconfig+|* \ddS \des+ \dew+ \deu+ \det+ \dES
            \dfS \dfS+ \dF \dF+ \dFd \dFd+ \dFp \dFp+ \dFt \dFt+ \dg+S \du+S \di+S \dL \dL+ \dLS \dm+ \dn \dn+ \dnS+ \doS \doS+ \dOS+ \dpS \dp \drds \dTS \dTS+ \dvS+ \dx \dx+
            \dX+ \dy+ \l \l+ \d+|pg_class \d+|pg_stat_activity \d+|information_schema.tables""".split()
        for command in [command.replace("|", " ") for command in commands]:
            said = tool("sh", "-c", "exec psql -X -f - 2>&1", text=command)
            if "ERROR" in said or "invalid command" in said:
                raise AssertionError(f"{command}: {said}")

    def step_migrate():
        script = "CREATE TABLE psql_migrated (id int);\nALTER TABLE psql_migrated ADD COLUMN name text NOT NULL DEFAULT 'x';\nSELECT 1/0;\n"
        psql(script, "-1", "-q", "-v", "ON_ERROR_STOP=1", fails=True)
        equal(rows("SELECT to_regclass('psql_migrated') IS NULL"), ["t"])

    def step_pool():
        steps.say(psql("SET search_path TO shop;\nDISCARD ALL;\nSHOW search_path;\n\\c -\nSELECT 1;", "-q").replace(str(PORT), "PORT"))

    def step_pipeline():
        steps.say(psql("SELECT 1 AS a\\; SELECT 2 AS b\\; SELECT 3 AS c;\nSELECT format('SELECT %s AS made', n) FROM numbered WHERE n < 3 ORDER BY n \\gexec"))

    def step_listen():
        equal(re.sub(r"PID \d+", "PID N", psql("LISTEN psql_news;\nNOTIFY psql_news, 'hello';", "-q")),
              'Asynchronous notification "psql_news" with payload "hello" received from server process with PID N.\n')

    def step_unicode():
        steps.say(local("CREATE TEMP TABLE \"täble ☃\" (\"spälte\" text);\nINSERT INTO \"täble ☃\" VALUES ('naïve 😀');\nSELECT * FROM \"täble ☃\";\n\\d \"täble ☃\""))

    def step_large():
        steps.say(psql("SELECT length(repeat('x', 3000000)) AS n, md5(repeat('x', 3000000));\n\\o /dev/null\nSELECT repeat('x', 3000000);"))


class PgDump:
    @staticmethod
    def dump(*options, **environment):
        text = tool("pg_dump", *options, **environment)
        return re.sub(r"(?m)^(\\(un)?restrict .*|-- Dumped (from|by) .*)\n", "", text)

    def restored(text, *options):
        """The dump of a database made of the dump."""
        rows("DROP DATABASE IF EXISTS restored; ")
        rows("CREATE DATABASE restored")
        try:
            psql(text, "-q", "-v", "ON_ERROR_STOP=1", PGDATABASE="restored")
            return PgDump.dump(*options, PGDATABASE="restored")
        finally:
            rows("DROP DATABASE restored")

    def step_connect():
        equal("CREATE TABLE public.numbered" in PgDump.dump("-s", "-t", "numbered"), True)

    def step_secure():
        message = tool("pg_dump", "-s", "-t", "numbered", fails=True, **{**SECURE, "PGPASSWORD": "no"})
        equal("password authentication failed" in message, True)

    def step_types():
        steps.say(PgDump.dump("-t", "sample"))

    def step_nulls():
        steps.say(PgDump.dump("-a", "--inserts", "-t", "sample"))

    def step_arrays():
        steps.say(PgDump.dump("-t", "sample_arrays"))

    def step_vectors():
        psql("CREATE EXTENSION IF NOT EXISTS vector;\nDROP TABLE IF EXISTS dumped_vectors;\nCREATE TABLE dumped_vectors (v vector(3), h halfvec(2));\n"
             "INSERT INTO dumped_vectors VALUES ('[1,2,3]', '[4,5]');\nCREATE INDEX ON dumped_vectors USING hnsw (v vector_l2_ops) WITH (m=8);", "-q")
        text = PgDump.dump("-t", "dumped_vectors")
        rows("DROP TABLE dumped_vectors")
        steps.say(text)

    def step_transactions():
        steps.say(PgDump.dump("-s", "--serializable-deferrable", "-t", "numbered"))

    def step_errors():
        equal("no matching tables were found" in tool("pg_dump", "-t", "nothing", fails=True), True)

    def step_bulk():
        steps.say(PgDump.dump("-a", "-t", "numbered"))

    def step_metadata():
        steps.say(re.sub(r"(?m)^(SELECT pg_catalog.setval|COPY|\d+\t).*\n", "", PgDump.dump("-s", "-n", "shop")))

    def step_migrate():
        text = PgDump.dump("-n", "shop")
        equal(PgDump.restored(text, "-n", "shop"), text)

    def step_unicode():
        rows("DROP TABLE IF EXISTS \"dümp ☃\"; CREATE TABLE \"dümp ☃\" (\"spälte\" text); INSERT INTO \"dümp ☃\" VALUES ('naïve 😀')")
        text = PgDump.dump("-t", "\"dümp ☃\"")
        rows("DROP TABLE \"dümp ☃\"")
        steps.say(text)

    def step_large():
        rows("DROP TABLE IF EXISTS dumped_large; CREATE TABLE dumped_large AS SELECT repeat('x', 1000000) AS t")
        equal(len(PgDump.dump("-a", "-t", "dumped_large")) > 1000000, True)
        rows("DROP TABLE dumped_large")

    LACKING = {"prepared": "pg_dump 15 sends each statement once", "stream": "pg_dump reads whole results, and data by COPY",
               "cancel": "pg_dump is ended, and its statement with it", "pool": "pg_dump has one session",
               "pipeline": "pg_dump sends one statement at a time", "listen": "pg_dump has no notifications"}


class PgBench:
    @staticmethod
    def bench(*options):
        return tool("pgbench", "-n", "-c", "2", "-j", "2", *options)

    def step_connect():
        equal("scaling factor" in PgBench.bench("-t", "1", "-f", PgBench.script("SELECT 1;")), True)

    def script(text):
        file = tempfile.NamedTemporaryFile("w", suffix=".sql", delete=False)
        file.write(text + "\n")
        file.close()
        return file.name

    def step_secure():
        equal("processed" in tool("pgbench", "-n", "-t", "1", "-f", PgBench.script("SELECT 1;"), **SECURE), True)
        refused("pgbench", "-n", "-t", "1", "-f", PgBench.script("SELECT 1;"))

    def step_bulk():
        tool("pgbench", "-i", "-s", "1", "--foreign-keys")
        equal(rows("SELECT count(*) FROM pgbench_accounts"), ["100000"])
        steps.say(tool("pg_dump", "-s", "-t", "pgbench_accounts").split("SET default_table_access_method")[1].split("\\unrestrict")[0])

    def step_transactions():
        for mode in ("simple", "extended", "prepared"):
            for name in ("tpcb-like", "simple-update", "select-only"):
                equal("number of failed transactions: 0" in PgBench.bench("-b", name, "-M", mode, "-t", "20"), True)
        equal(rows("SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history)"), ["t"])

    def step_prepared():
        script = PgBench.script("\\set n random(1, 5000)\nSELECT body FROM numbered WHERE n = :n;")
        equal("query mode: prepared" in PgBench.bench("-M", "prepared", "-t", "50", "-f", script), True)

    def step_pipeline():
        script = PgBench.script("\\startpipeline\nSELECT 1;\nSELECT 2;\nSELECT 3;\n\\endpipeline")
        equal("number of failed transactions: 0" in PgBench.bench("-M", "extended", "-t", "20", "-f", script), True)

    def step_errors():
        message = tool("pgbench", "-n", "-t", "1", "-f", PgBench.script("SELECT nothing;"), fails=True)
        equal('column "nothing" does not exist' in message, True)

    def step_metadata():
        equal("partition" in PgBench.bench("-b", "select-only", "-t", "1"), False)

    def step_large():
        equal("number of failed transactions: 0" in PgBench.bench("-t", "2", "-f", PgBench.script("SELECT repeat('x', 1000000);")), True)

    LACKING = {check: "pgbench runs scripts, and looks at no value" for check in ("types", "nulls", "arrays", "vectors", "unicode")}
    LACKING |= {"stream": "pgbench reads whole results", "cancel": "pgbench 15 cancels nothing but its own -i", "pool": "pgbench keeps its sessions, or makes new ones",
                "migrate": "pgbench has one schema", "listen": "pgbench has no notifications"}


def lacking(reason):
    def step():
        raise Lacking(reason)
    return step


TOOL = {"psql": Psql, "pg_dump": PgDump, "pgbench": PgBench}[sys.argv[1]]
steps.run({**vars(TOOL), **{"step_" + check: lacking(reason) for check, reason in getattr(TOOL, "LACKING", {}).items()}})
