using System.Globalization;
using System.Text.RegularExpressions;

namespace VecSQL.SqlLogicTest.Runner;

/// <summary>Reads the sqllogictest dialect.</summary>
/// <remarks>
/// Records are apart by blank lines; <c>#</c> begins a comment line. Beside SQLite's records (statement, query, skipif, onlyif,
/// hash-threshold, halt) these are known: <c>statement count N</c>; <c>statement error [SQLSTATE] [regular expression]</c>, also with the
/// expression behind <c>----</c>; <c>connection NAME</c>; <c>require NAME</c>; <c>loop VAR FROM TO</c> and <c>foreach VAR VALUES…</c> up to
/// <c>endloop</c>. Results stand one value a line, or one row a line with tabs between the values.
/// Source: sqlite.org/sqllogictest, and the dialects of sqllogictest-rs and DuckDB.
/// </remarks>
internal sealed partial class SltParser(string file, string[] lines)
{
    private int _at;

    /// <exception cref="SltException">A record is malformed; the message names file and line.</exception>
    public static IReadOnlyList<SltRecord> Parse(string file, string[] lines) => new SltParser(file, lines).ReadRecords(inLoop: false);

    private List<SltRecord> ReadRecords(bool inLoop)
    {
        List<SltRecord> records = [];
        List<(bool IsOnly, string Engine)> conditions = [];
        string connection = "";
        while (_at < lines.Length)
        {
            int line = _at + 1;
            string text = lines[_at].Trim();
            string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || text[0] == '#')
            {
                _at++;
                continue;
            }
            _at++;
            switch (words[0])
            {
                case "skipif" or "onlyif" when words.Length >= 2:
                    conditions.Add((words[0] == "onlyif", words[1]));
                    continue;
                case "connection" when words.Length == 2:
                    connection = words[1];
                    continue;
                case "endloop" when inLoop:
                    return records;
            }
            records.Add(ReadRecord(line, text, words) with { Conditions = [.. conditions], Connection = connection });
            conditions.Clear();
            connection = "";
        }
        return inLoop ? throw Error(lines.Length, "a loop without endloop") : records;
    }

    private SltRecord ReadRecord(int line, string text, string[] words) => words[0] switch
    {
        "statement" when words.Length >= 2 => ReadStatement(line, text, words),
        "query" when words.Length >= 2 => ReadQuery(line, text, words),
        "hash-threshold" when words.Length == 2 && int.TryParse(words[1], out int threshold) =>
            new HashThresholdRecord(line, threshold),
        "halt" => new HaltRecord(line),
        "require" when words.Length == 2 => new RequireRecord(line, words[1]),
        "loop" when words.Length == 4 && int.TryParse(words[2], out int from) && int.TryParse(words[3], out int to) =>
            new LoopRecord(line, words[1], Enumerable.Range(from, Math.Max(to - from, 0))
                .Select(value => value.ToString(CultureInfo.InvariantCulture)).ToArray(), ReadRecords(inLoop: true)),
        "foreach" when words.Length >= 3 => new LoopRecord(line, words[1], words[2..], ReadRecords(inLoop: true)),
        _ => throw Error(line, $"unknown record \"{text}\""),
    };

    private StatementRecord ReadStatement(int line, string text, string[] words)
    {
        Expectation expected = words[1] switch
        {
            "ok" => new Expectation(Outcome.Ok),
            "count" when words.Length == 3 && long.TryParse(words[2], out long count) => new Expectation(Outcome.Count, count),
            "error" => ReadError(text[(text.IndexOf("error", StringComparison.Ordinal) + "error".Length)..].Trim()),
            _ => throw Error(line, $"unknown expectation \"{text}\""),
        };
        string sql = ReadSql(line, out bool hasResults);
        if (hasResults)
        {
            string pattern = string.Join('\n', ReadResults()).Trim();
            if (expected.Outcome == Outcome.Error)
                expected = expected with { Pattern = Regex.Escape(pattern) };
        }
        return new StatementRecord(line, sql, expected);
    }

    private static Expectation ReadError(string rest)
    {
        Match match = SqlStateFirst().Match(rest);
        return match.Success
            ? new Expectation(Outcome.Error, SqlState: match.Groups[1].Value, Pattern: NullIfEmpty(match.Groups[2].Value))
            : new Expectation(Outcome.Error, Pattern: NullIfEmpty(rest));
    }

    private SltRecord ReadQuery(int line, string text, string[] words)
    {
        if (words[1] == "error")
        {
            Expectation expected = ReadError(text[(text.IndexOf("error", StringComparison.Ordinal) + "error".Length)..].Trim());
            return new StatementRecord(line, ReadSql(line, out _), expected);
        }
        SortMode sort = SortMode.None;
        string? label = null;
        foreach (string word in words.Skip(2))
        {
            switch (word)
            {
                case "nosort":
                    sort = SortMode.None;
                    break;
                case "rowsort":
                    sort = SortMode.Row;
                    break;
                case "valuesort":
                    sort = SortMode.Value;
                    break;
                default:
                    label = word;
                    break;
            }
        }
        string sql = ReadSql(line, out bool hasResults);
        int resultsLine = _at + 1;
        return new QueryRecord(line, sql, words[1], sort, label, hasResults ? ReadResults() : null, resultsLine);
    }

    /// <summary>The statement's lines up to a blank line, or up to <c>----</c>.</summary>
    private string ReadSql(int line, out bool hasResults)
    {
        hasResults = false;
        int start = _at;
        while (_at < lines.Length && lines[_at].Trim().Length > 0)
        {
            if (lines[_at].Trim() == "----")
            {
                hasResults = true;
                break;
            }
            _at++;
        }
        string sql = string.Join('\n', lines[start.._at]);
        if (hasResults)
            _at++;
        return sql.Length > 0 ? sql : throw Error(line, "a record without SQL");
    }

    private string[] ReadResults()
    {
        int start = _at;
        while (_at < lines.Length && lines[_at].Length > 0)
            _at++;
        return lines[start.._at];
    }

    private SltException Error(int line, string message) => new($"{file}:{line}: {message}");

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    [GeneratedRegex(@"^\(?([0-9A-Z]{5})\)?(?:\s+(.*))?$")]
    private static partial Regex SqlStateFirst();
}

/// <summary>A test file cannot be used as it is.</summary>
public sealed class SltException(string message) : Exception(message);
