// What an application does through JDBC, by PostgreSQL's driver.

import java.io.StringReader;
import java.io.StringWriter;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Timer;
import java.util.TimerTask;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PGobject;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

public final class Jdbc {
    static final String ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r";
    static final String[] SAMPLE = "id b i2 i4 i8 f4 f8 n m t vc ch qc nm y d tm tmz ts tsz iv u j jb bt vb o".split(" ");
    static final String[] ARRAYS = "id ba i2a i4a i8a f4a f8a na ta vca da tsa tsza ua jba ya".split(" ");

    interface Step { void run() throws Exception; }

    interface Sql { void run() throws SQLException; }

    static final class Lacking extends RuntimeException {
        Lacking(String reason) { super(reason); }
    }

    static Connection open(String... options) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", System.getenv("PGUSER"));
        for (int i = 0; i < options.length; i += 2)
            properties.setProperty(options[i], options[i + 1]);
        String url = "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
        return DriverManager.getConnection(url, properties);
    }

    static void equal(Object actual, Object expected) {
        if (!String.valueOf(actual).equals(String.valueOf(expected)))
            throw new AssertionError("got " + actual + ", expected " + expected);
    }

    static SQLException failed(String state, Sql work) {
        try {
            work.run();
        } catch (SQLException error) {
            equal(error.getSQLState(), state);
            return error;
        }
        throw new AssertionError("no " + state + " came");
    }

    static List<List<Object>> rows(ResultSet found) throws SQLException {
        List<List<Object>> all = new ArrayList<>();
        while (found.next()) {
            List<Object> row = new ArrayList<>();
            for (int i = 1; i <= found.getMetaData().getColumnCount(); i++)
                row.add(found.getObject(i));
            all.add(row);
        }
        found.close();
        return all;
    }

    static List<List<Object>> ask(Connection db, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = db.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++)
                statement.setObject(i + 1, values[i]);
            return rows(statement.executeQuery());
        }
    }

    static void run(Connection db, String sql) throws SQLException {
        try (Statement statement = db.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The named columns of a result of the driver's questions to the catalog, a text a row. */
    static List<String> named(ResultSet found, String... columns) throws SQLException {
        List<String> all = new ArrayList<>();
        while (found.next()) {
            List<String> row = new ArrayList<>();
            for (String column : columns)
                row.add(found.getString(column));
            all.add(String.join(" ", row.stream().map(String::valueOf).toList()));
        }
        return all;
    }

    static void roundTrip(String table, String[] columns, boolean binary) throws SQLException {
        String client = binary ? "jdbc binary" : "jdbc";
        try (Connection db = open("binaryTransfer", Boolean.toString(binary), "prepareThreshold", binary ? "-1" : "5")) {
            try (PreparedStatement read = db.prepareStatement("SELECT " + String.join(", ", columns) + " FROM " + table + " ORDER BY id");
                 PreparedStatement write = db.prepareStatement(
                     "INSERT INTO " + table + "_written VALUES (?" + ", ?".repeat(columns.length) + ")");
                 ResultSet found = read.executeQuery()) {
                ParameterMetaData types = write.getParameterMetaData();
                while (found.next()) {
                    write.setString(1, client);
                    for (int i = 1; i <= columns.length; i++) {
                        String type = types.getParameterTypeName(i + 1);
                        if (Arrays.asList("bit", "varbit", "timetz", "json", "jsonb", "time", "char", "interval").contains(type)) {
                            PGobject value = new PGobject(); // a text with its type's name
                            value.setType(type);
                            value.setValue(found.getString(i));
                            write.setObject(i + 1, value, Types.OTHER);
                        } else if (type.equals("timestamptz")) {
                            write.setObject(i + 1, found.getObject(i, OffsetDateTime.class));
                        } else {
                            write.setObject(i + 1, found.getObject(i));
                        }
                    }
                    equal(write.executeUpdate(), 1);
                }
            }
            // The driver shows a binary timetz in the zone of the session.
            equal(ask(db, "SELECT name, sent, came FROM " + table + "_differences WHERE client = ? AND name <> 'tmz'", client), "[]");
            equal(ask(db, "SELECT count(*) FROM " + table + "_written WHERE client = ?", client), "[[2]]");
        }
    }

    static void types() throws SQLException {
        roundTrip("sample", SAMPLE, false);
        roundTrip("sample", SAMPLE, true);
        try (Connection db = open("prepareThreshold", "-1");
             PreparedStatement statement = db.prepareStatement("SELECT * FROM sample WHERE id = 1"); ResultSet found = statement.executeQuery()) {
            found.next();
            equal(found.getBigDecimal("n"), "12345678901234567890.000100");
            equal(found.getObject("d", LocalDate.class), "2024-02-29");
            equal(found.getObject("tsz", OffsetDateTime.class), OffsetDateTime.of(2024, 2, 29, 1, 2, 3, 456000000, ZoneOffset.UTC));
            equal(found.getObject("u").getClass().getSimpleName() + found.getDouble("f8") + found.getLong("i8"), "UUID-0.1-9223372036854775808");
        }
    }

    static void arrays() throws SQLException {
        for (boolean binary : new boolean[] {false, true}) {
            roundTrip("sample_arrays", ARRAYS, binary);
            try (Connection db = open("prepareThreshold", binary ? "-1" : "5")) {
                Object[] texts = (Object[]) ((java.sql.Array) ask(db, "SELECT ta FROM sample_arrays WHERE id = 1").get(0).get(0)).getArray();
                equal(Arrays.toString(texts), "[a, null, b c, \"q\", , NULL, back\\slash, {x,y}]");
                equal(ask(db, "SELECT n FROM numbered WHERE n = ANY(?) ORDER BY n", db.createArrayOf("int4", new Integer[] {7, 2, -1})), "[[2], [7]]");
                equal(ask(db, "SELECT array_to_string(?::text[], '|', '*')", (Object) new String[] {"a", null, "c,d"}), "[[a|*|c,d]]");
            }
        }
    }

    static void vectors() throws SQLException {
        try (Connection db = open()) {
            run(db, "CREATE EXTENSION IF NOT EXISTS vector; CREATE TEMP TABLE items (id int PRIMARY KEY, e vector(3), h halfvec(3))");
            try (PreparedStatement insert = db.prepareStatement("INSERT INTO items VALUES (?, ?, ?::halfvec)")) {
                for (int n = 0; n < 10; n++) {
                    PGobject vector = new PGobject();
                    vector.setType("vector");
                    vector.setValue("[" + n + ",0.5,-1]");
                    insert.setInt(1, n);
                    insert.setObject(2, vector);
                    insert.setString(3, "[" + n + ",0,0]");
                    insert.addBatch();
                }
                equal(Arrays.stream(insert.executeBatch()).sum(), 10);
            }
            String nearest = "SELECT id, e, h, e <-> ?::vector FROM items ORDER BY e <-> ?::vector LIMIT ?";
            for (int round = 0; round < 7; round++)
                equal(ask(db, nearest, "[3.25,0.5,-1]", "[3.25,0.5,-1]", 1), "[[3, [3,0.5,-1], [3,0,0], 0.25]]");
            failed("22000", () -> ask(db, nearest, "[3]", "[3]", 1));
        }
    }

    static void prepared() throws SQLException {
        try (Connection db = open("prepareThreshold", "3")) {
            try (PreparedStatement plus = db.prepareStatement("SELECT n + ?, body FROM numbered WHERE n = ?")) {
                for (int n = 1; n <= 8; n++) { // named, and binary, from the third on
                    plus.setInt(1, 10);
                    plus.setInt(2, n);
                    equal(rows(plus.executeQuery()), "[[" + (n + 10) + ", row " + n + "]]");
                }
            }
            run(db, "CREATE TEMP TABLE changing (n int)");
            for (int n = 0; n < 5; n++)
                ask(db, "SELECT * FROM changing");
            run(db, "ALTER TABLE changing ADD COLUMN m int; INSERT INTO changing VALUES (1, 2)");
            equal(ask(db, "SELECT * FROM changing"), "[[1, 2]]"); // 0A000 "cached plan must not change result type", then prepared anew
        }
        try (Connection db = open("preferQueryMode", "simple")) {
            equal(ask(db, "SELECT ? + 1, ?", 41, "it's \\"), "[[42, it's \\]]");
        }
    }

    static void transactions() throws SQLException {
        try (Connection db = open(); Connection other = open("autosave", "always")) {
            run(db, "DROP TABLE IF EXISTS jdbc_tx; CREATE TABLE jdbc_tx (n int PRIMARY KEY)");
            db.setAutoCommit(false);
            run(db, "INSERT INTO jdbc_tx VALUES (1)");
            Savepoint savepoint = db.setSavepoint("s \"x\"");
            failed("23505", () -> run(db, "INSERT INTO jdbc_tx VALUES (1)"));
            failed("25P02", () -> ask(db, "SELECT 1"));
            db.rollback(savepoint);
            db.releaseSavepoint(savepoint);
            run(db, "INSERT INTO jdbc_tx VALUES (2)");
            db.commit();
            run(db, "DELETE FROM jdbc_tx");
            db.rollback();
            equal(ask(db, "SELECT n FROM jdbc_tx ORDER BY n"), "[[1], [2]]");
            failed("22012", () -> ask(db, "SELECT 1/0"));
            db.rollback();
            db.setReadOnly(true);
            failed("25006", () -> run(db, "DELETE FROM jdbc_tx"));
            db.rollback();
            db.setReadOnly(false);
            db.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            equal(db.getTransactionIsolation(), Connection.TRANSACTION_REPEATABLE_READ);
            other.setAutoCommit(false);
            run(other, "INSERT INTO jdbc_tx VALUES (3)");
            failed("22012", () -> ask(other, "SELECT 1/0"));
            other.commit(); // the failed statement alone was undone
            equal(ask(db, "SELECT count(*) FROM jdbc_tx"), "[[3]]");
        }
    }

    static void errors() throws SQLException {
        try (Connection db = open()) {
            ServerErrorMessage said = ((PSQLException) failed("23505", () -> run(db, "INSERT INTO shop.goods (name) VALUES ('pen')")))
                .getServerErrorMessage();
            equal(List.of(said.getConstraint(), said.getSchema(), said.getTable(), said.getDetail(), said.getSeverity()),
                "[goods_name_key, shop, goods, Key (name)=(pen) already exists., ERROR]");
            said = ((PSQLException) failed("42703", () -> ask(db, "SELECT n, nothing FROM numbered"))).getServerErrorMessage();
            equal(said.getPosition(), 11);
            failed("22P02", () -> ask(db, "SELECT ?::text::int", "x"));
            failed("42601", () -> run(db, "SELEC 1"));
            run(db, "DROP TABLE IF EXISTS nowhere");
            try (Statement statement = db.createStatement()) {
                statement.execute("DROP TABLE IF EXISTS nowhere");
                equal(statement.getWarnings().getMessage(), "table \"nowhere\" does not exist, skipping");
            }
            equal(ask(db, "SELECT 1"), "[[1]]");
        }
    }

    static void bulk() throws Exception {
        try (Connection db = open(); Connection rewriting = open("reWriteBatchedInserts", "true")) {
            run(db, "CREATE TEMP TABLE bulk (n int, body text)");
            CopyManager copy = db.unwrap(PGConnection.class).getCopyAPI();
            StringBuilder lines = new StringBuilder();
            for (int n = 0; n < 2000; n++)
                lines.append(n).append("\trow ").append(n).append('\n');
            equal(copy.copyIn("COPY bulk FROM STDIN", new StringReader(lines.toString())), 2000);
            StringWriter out = new StringWriter();
            equal(copy.copyOut("COPY (SELECT * FROM bulk WHERE n < 2 ORDER BY n) TO STDOUT (FORMAT csv, HEADER)", out), 2);
            equal(out, "n,body\n0,row 0\n1,row 1\n");
            failed("22P02", () -> {
                try {
                    copy.copyIn("COPY bulk FROM STDIN", new StringReader("x\ty\n"));
                } catch (java.io.IOException error) {
                    throw new IllegalStateException(error);
                }
            });
            equal(ask(db, "SELECT count(*) FROM bulk"), "[[2000]]");
            run(rewriting, "CREATE TEMP TABLE batched (n int PRIMARY KEY, body text)");
            try (PreparedStatement insert = rewriting.prepareStatement("INSERT INTO batched VALUES (?, ?)", Statement.RETURN_GENERATED_KEYS)) {
                for (int n = 0; n < 1000; n++) {
                    insert.setInt(1, n);
                    insert.setString(2, "row " + n);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            equal(ask(rewriting, "SELECT count(*), sum(n) FROM batched"), "[[1000, 499500]]");
        }
    }

    static void stream() throws SQLException {
        try (Connection db = open()) {
            db.setAutoCommit(false);
            try (PreparedStatement statement = db.prepareStatement("SELECT n FROM numbered WHERE n > ? ORDER BY n")) {
                statement.setFetchSize(100);
                statement.setInt(1, 0);
                ResultSet found = statement.executeQuery();
                for (int n = 1; n <= 5000; n++) {
                    found.next();
                    equal(found.getInt(1), n);
                    if (n == 250)
                        equal(ask(db, "SELECT 'between'"), "[[between]]");
                }
                equal(found.next(), false);
            }
            try (Statement statement = db.createStatement()) {
                statement.setMaxRows(5);
                equal(rows(statement.executeQuery("SELECT n FROM numbered ORDER BY n")).size(), 5);
            }
            run(db, "CREATE TEMP TABLE edited (n int PRIMARY KEY, body text); INSERT INTO edited VALUES (1, 'a'), (2, 'b')");
            try (Statement statement = db.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
                 ResultSet found = statement.executeQuery("SELECT n, body FROM edited ORDER BY n")) {
                found.absolute(2);
                found.updateString("body", "edited");
                found.updateRow();
                found.moveToInsertRow();
                found.updateInt("n", 3);
                found.updateString("body", "new");
                found.insertRow();
                found.first();
                found.deleteRow();
            }
            equal(ask(db, "SELECT * FROM edited ORDER BY n"), "[[2, edited], [3, new]]");
        }
    }

    static void cancel() throws SQLException {
        try (Connection db = open(); Statement statement = db.createStatement()) {
            Timer timer = new Timer(true);
            timer.schedule(new TimerTask() {
                @Override
                public void run() {
                    try {
                        statement.cancel();
                    } catch (SQLException error) {
                        throw new IllegalStateException(error);
                    }
                }
            }, 300);
            failed("57014", () -> statement.executeQuery(ENDLESS));
            statement.setQueryTimeout(1);
            failed("57014", () -> statement.executeQuery(ENDLESS));
            equal(ask(db, "SELECT 1"), "[[1]]");
        }
    }

    static void metadata() throws SQLException {
        try (Connection db = open()) {
            DatabaseMetaData data = db.getMetaData();
            equal(List.of(data.getDatabaseProductName(), data.getDatabaseMajorVersion(), data.getMaxColumnNameLength()), "[PostgreSQL, 15, 63]");
            equal(named(data.getSchemas(null, "shop"), "TABLE_SCHEM"), "[shop]");
            equal(named(data.getTables(null, "shop", "%", null), "TABLE_NAME", "TABLE_TYPE", "REMARKS"),
                "[goods_name_key INDEX null, goods_pkey INDEX null, goods_price_idx INDEX null, goods_id_seq SEQUENCE null,"
                    + " numbers SEQUENCE null, goods TABLE what is sold, dear VIEW null]");
            equal(named(data.getColumns(null, "shop", "goods", "%"), "COLUMN_NAME", "TYPE_NAME", "COLUMN_SIZE", "DECIMAL_DIGITS", "NULLABLE",
                "IS_AUTOINCREMENT", "IS_GENERATEDCOLUMN", "COLUMN_DEF", "REMARKS"),
                "[id int4 10 0 0 YES NO null null, name varchar 30 0 0 NO NO 'none'::character varying what it is called,"
                    + " price numeric 10 2 1 NO NO null null, mood \"shop\".\"mood\" 2147483647 0 1 NO NO null null, tags _text 2147483647 0 1 NO NO"
                    + " null null, added timestamptz 35 6 1 NO NO now() null, twice numeric 0 null 1 NO YES (price * (2)::numeric) null]");
            equal(named(data.getPrimaryKeys(null, "shop", "goods"), "COLUMN_NAME", "KEY_SEQ", "PK_NAME"), "[id 1 goods_pkey]");
            equal(named(data.getIndexInfo(null, "shop", "goods", false, false), "INDEX_NAME", "COLUMN_NAME", "NON_UNIQUE", "ASC_OR_DESC"),
                "[goods_name_key name f A, goods_pkey id f A, goods_price_idx price t D, goods_price_idx name t A]");
            equal(named(data.getImportedKeys(null, "shop", "goods"), "FK_NAME"), "[]");
            equal(named(data.getBestRowIdentifier(null, "shop", "goods", DatabaseMetaData.bestRowSession, false), "COLUMN_NAME"), "[id]");
            equal(named(data.getFunctions(null, "pg_catalog", "lower"), "FUNCTION_NAME").get(0), "lower");
            equal(named(data.getTablePrivileges(null, "shop", "goods"), "PRIVILEGE").contains("SELECT"), true);
            equal(named(data.getCatalogs(), "TABLE_CAT").contains(System.getenv("PGDATABASE")), true);
            equal(named(data.getTypeInfo(), "TYPE_NAME").containsAll(List.of("int4", "text", "numeric", "bool", "_int4")), true);
            equal(named(data.getUDTs(null, "shop", "%", new int[] {Types.DISTINCT}), "TYPE_NAME"), "[]");
            equal(data.getSQLKeywords().contains("reindex"), true);
            equal(data.getNumericFunctions().contains("sin") && data.getMaxIndexLength() == 0, true);
            equal(named(data.getClientInfoProperties(), "NAME"), "[ApplicationName]");
            try (PreparedStatement statement = db.prepareStatement("SELECT id, name AS n, price FROM shop.goods WHERE id = ?")) {
                ResultSetMetaData columns = statement.getMetaData();
                equal(columns.getTableName(2) + " " + columns.getColumnTypeName(1) + " " + columns.getColumnLabel(2) + " "
                    + columns.getPrecision(3) + " " + columns.getScale(3) + " " + columns.isNullable(2) + " " + columns.isAutoIncrement(1),
                    "goods serial n 10 2 0 true");
                equal(statement.getParameterMetaData().getParameterTypeName(1), "int4");
            }
        }
    }

    static void migrate() throws SQLException {
        try (Connection db = open()) {
            db.setAutoCommit(false);
            run(db, "CREATE TABLE jdbc_migrated (id serial PRIMARY KEY)");
            run(db, "ALTER TABLE jdbc_migrated ADD COLUMN name text NOT NULL DEFAULT 'x'; CREATE INDEX ON jdbc_migrated (name)");
            try (PreparedStatement insert = db.prepareStatement("INSERT INTO jdbc_migrated (name) VALUES (?)", new String[] {"id"})) {
                insert.setString(1, "y");
                insert.executeUpdate();
                equal(rows(insert.getGeneratedKeys()), "[[1]]");
            }
            db.rollback();
            equal(ask(db, "SELECT to_regclass('jdbc_migrated')"), "[[null]]");
        }
    }

    static void pool() throws SQLException {
        try (Connection db = open("ApplicationName", "matrix", "currentSchema", "shop")) {
            equal(ask(db, "SELECT current_schema()::text, current_setting('application_name')"), "[[shop, matrix]]");
            equal(db.getSchema(), "shop");
            db.setSchema("public");
            db.setClientInfo("ApplicationName", "other");
            equal(ask(db, "SHOW application_name"), "[[other]]");
            run(db, "DISCARD ALL");
            equal(db.isValid(5), true);
            for (int n = 0; n < 8; n++)
                equal(ask(db, "SELECT n FROM public.numbered WHERE n = ?", n + 1), "[[" + (n + 1) + "]]");
        }
    }

    static void pipeline() throws SQLException {
        try (Connection db = open()) {
            run(db, "CREATE TEMP TABLE piped (n int PRIMARY KEY)");
            try (Statement batch = db.createStatement()) {
                for (int n : new int[] {1, 2, 1, 3})
                    batch.addBatch("INSERT INTO piped VALUES (" + n + ")");
                try {
                    batch.executeBatch();
                    throw new AssertionError("a duplicate key was taken");
                } catch (BatchUpdateException error) {
                    equal(error.getSQLState() + " " + error.getUpdateCounts().length, "23505 4");
                }
                equal(ask(db, "SELECT count(*) FROM piped"), "[[0]]");
                equal(batch.execute("SELECT 1; INSERT INTO piped VALUES (5); SELECT 2"), true);
                equal(rows(batch.getResultSet()), "[[1]]");
                equal(batch.getMoreResults() + " " + batch.getUpdateCount() + " " + batch.getMoreResults(), "false 1 true");
            }
        }
    }

    static void listen() throws SQLException {
        try (Connection db = open(); Connection sender = open()) {
            run(db, "LISTEN jdbc_news");
            run(sender, "NOTIFY jdbc_news, 'fresh'");
            var heard = db.unwrap(PGConnection.class).getNotifications(20000);
            equal(heard[0].getName() + " " + heard[0].getParameter(), "jdbc_news fresh");
        }
    }

    static void unicode() throws SQLException {
        try (Connection db = open()) {
            run(db, "CREATE TEMP TABLE \"žluťoučký \"\"kůň\"\"\" (\"größe ☃\" text)");
            for (String value : new String[] {"naïve ☃", "𝒳 \ud83d\ude00", "tab\tquote'\"\\", ""}) {
                try (PreparedStatement insert = db.prepareStatement("INSERT INTO \"žluťoučký \"\"kůň\"\"\" VALUES (?)")) {
                    insert.setString(1, value);
                    insert.executeUpdate();
                }
                equal(ask(db, "SELECT \"größe ☃\" FROM \"žluťoučký \"\"kůň\"\"\" WHERE \"größe ☃\" = ?", value), "[[" + value + "]]");
            }
        }
    }

    static void large() throws SQLException {
        try (Connection db = open("prepareThreshold", "-1")) {
            byte[] data = new byte[3_000_000];
            for (int i = 0; i < data.length; i++)
                data[i] = (byte) i;
            String text = "ü".repeat(2_000_000);
            List<Object> row = ask(db, "SELECT ?::text, ?", text, data).get(0);
            equal(row.get(0).equals(text) && Arrays.equals((byte[]) row.get(1), data), true);
            Object[] many = new Object[30_000];
            for (int i = 0; i < many.length; i++)
                many[i] = i;
            equal(ask(db, "SELECT count(*) FROM numbered WHERE n IN (" + String.join(",", Collections.nCopies(many.length, "?")) + ")", many), "[[5000]]");
        }
    }

    static void secure() throws SQLException {
        String[] options = {"user", System.getenv("SECURE_USER"), "password", System.getenv("SECURE_PASSWORD"), "sslmode", "verify-full",
            "sslrootcert", System.getenv("SECURE_CA")};
        try (Connection db = open(options)) {
            equal(ask(db, "SELECT current_user::text, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
                "[[" + System.getenv("SECURE_USER") + ", true]]");
        }
        options[3] = "no";
        failed("28P01", () -> open(options));
    }

    static void connect() throws SQLException {
        try (Connection db = open()) {
            equal(ask(db, "SELECT ? || 'x', ?", "y", 5), "[[yx, 5]]");
            equal(db.getMetaData().getDatabaseProductVersion().startsWith("15"), true);
        }
    }

    static void nulls() throws SQLException {
        try (Connection db = open("prepareThreshold", "-1")) {
            equal(ask(db, "SELECT * FROM sample WHERE id = 2").get(0).stream().filter(value -> value == null).count(), 26);
            try (PreparedStatement statement = db.prepareStatement("SELECT ?::int IS NULL, coalesce(?, 'x')")) {
                statement.setNull(1, Types.INTEGER);
                statement.setNull(2, Types.VARCHAR);
                equal(rows(statement.executeQuery()), "[[true, x]]");
            }
        }
    }

    public static void main(String[] arguments) {
        Map<String, Step> steps = new LinkedHashMap<>();
        steps.put("connect", Jdbc::connect);
        steps.put("secure", Jdbc::secure);
        steps.put("types", Jdbc::types);
        steps.put("nulls", Jdbc::nulls);
        steps.put("arrays", Jdbc::arrays);
        steps.put("vectors", Jdbc::vectors);
        steps.put("prepared", Jdbc::prepared);
        steps.put("transactions", Jdbc::transactions);
        steps.put("errors", Jdbc::errors);
        steps.put("bulk", Jdbc::bulk);
        steps.put("stream", Jdbc::stream);
        steps.put("cancel", Jdbc::cancel);
        steps.put("metadata", Jdbc::metadata);
        steps.put("migrate", Jdbc::migrate);
        steps.put("pool", Jdbc::pool);
        steps.put("pipeline", Jdbc::pipeline);
        steps.put("listen", Jdbc::listen);
        steps.put("unicode", Jdbc::unicode);
        steps.put("large", Jdbc::large);
        steps.forEach((name, step) -> {
            try {
                step.run();
                System.out.println("ok " + name);
            } catch (Lacking reason) {
                System.out.println("lacks " + name + ": " + reason.getMessage());
            } catch (Exception | AssertionError error) {
                StringWriter trace = new StringWriter();
                error.printStackTrace(new java.io.PrintWriter(trace));
                System.out.println("not ok " + name);
                trace.toString().lines().filter(line -> !line.contains("java.base")).limit(12).forEach(line -> System.out.println("  " + line));
            }
        });
        System.out.println("done");
        System.exit(0);
    }
}
