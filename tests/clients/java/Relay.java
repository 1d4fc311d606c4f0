import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.Base64;
import java.util.StringJoiner;

/**
 * Runs statements by pgJDBC for a program that is not in Java: a line of input is a statement, and is answered by lines of fields between tabs.
 * Statement, fields and messages are in Base64, and NULL is "-". "columns" has names and types in turn, "row" values, "failed" the SQLSTATE and the
 * message; "end" is last.
 */
public final class Relay {
    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String url = "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
        try (Connection connection = DriverManager.getConnection(url + "?ApplicationName=replay&user=" + System.getenv("PGUSER"))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                try (PreparedStatement statement = connection.prepareStatement(new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8))) {
                    answer(statement, out);
                } catch (SQLException failure) {
                    print(out, "failed", failure.getSQLState(), failure.getMessage());
                }
                out.println("end");
                out.flush();
            }
        }
    }

    private static void answer(PreparedStatement statement, PrintStream out) throws SQLException {
        boolean hasRows = statement.execute();
        while (hasRows || statement.getUpdateCount() != -1) {
            if (hasRows) {
                try (ResultSet rows = statement.getResultSet()) {
                    print(rows, out);
                }
            }
            hasRows = statement.getMoreResults();
        }
    }

    private static void print(ResultSet rows, PrintStream out) throws SQLException {
        ResultSetMetaData columns = rows.getMetaData();
        String[] head = new String[2 * columns.getColumnCount()], row = new String[columns.getColumnCount()];
        for (int i = 0; i < row.length; i++) {
            head[2 * i] = columns.getColumnLabel(i + 1);
            head[2 * i + 1] = columns.getColumnTypeName(i + 1);
        }
        print(out, "columns", head);
        while (rows.next()) {
            for (int i = 0; i < row.length; i++)
                row[i] = rows.getString(i + 1);
            print(out, "row", row);
        }
    }

    private static void print(PrintStream out, String word, String... fields) {
        StringJoiner line = new StringJoiner("\t");
        line.add(word);
        for (String field : fields)
            line.add(field == null ? "-" : Base64.getEncoder().encodeToString(field.getBytes(StandardCharsets.UTF_8)));
        out.println(line);
    }
}
