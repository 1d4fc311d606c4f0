using System.Text.RegularExpressions;

namespace VecSQL.SqlLogicTest.Runner;

/// <summary>How a file went.</summary>
/// <param name="Failures">One line each: <c>file:line: what</c>.</param>
internal sealed record SltReport(string File, int Passed, int Skipped, IReadOnlyList<string> Failures);

/// <summary>Runs the records of a file on a target, in order.</summary>
internal sealed class SltRunner(string file, ISqlTarget target, CancellationToken cancellation) : IAsyncDisposable
{
    private readonly Dictionary<string, ISqlClient> _clients = [];
    private readonly Dictionary<string, string> _variables = [];
    private readonly Dictionary<string, string> _labels = [];
    private readonly List<string> _failures = [];
    private readonly List<(int Line, int Count, List<string> Results)> _actual = [];
    private int _passed, _skipped, _hashThreshold;
    private bool _isHalted;

    public static async Task<SltReport> RunFileAsync(string file, ISqlTarget target, CancellationToken cancellation)
    {
        IReadOnlyList<SltRecord> records = SltParser.Parse(file, await File.ReadAllLinesAsync(file, cancellation));
        await using SltRunner runner = new(file, target, cancellation);
        await runner.RunAsync(records);
        return new SltReport(file, runner._passed, runner._skipped, runner._failures);
    }

    /// <summary>Runs the file and puts the results that came into it, where they differ from those it holds.</summary>
    /// <returns>How many records changed.</returns>
    public static async Task<int> RewriteFileAsync(string file, ISqlTarget target, CancellationToken cancellation)
    {
        List<string> lines = [.. await File.ReadAllLinesAsync(file, cancellation)];
        IReadOnlyList<SltRecord> records = SltParser.Parse(file, [.. lines]);
        await using SltRunner runner = new(file, target, cancellation);
        await runner.RunAsync(records);
        foreach ((int line, int count, List<string> results) in runner._actual.DistinctBy(change => change.Line).OrderByDescending(change => change.Line))
        {
            lines.RemoveRange(line - 1, count);
            lines.InsertRange(line - 1, results);
        }
        if (runner._actual.Count > 0)
            await File.WriteAllTextAsync(file, string.Join('\n', lines) + "\n", cancellation);
        return runner._actual.Count;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ISqlClient client in _clients.Values)
            await client.DisposeAsync();
    }

    private async Task RunAsync(IReadOnlyList<SltRecord> records)
    {
        foreach (SltRecord record in records)
        {
            if (_isHalted)
                return;
            if (record.Conditions.Any(condition => condition.IsOnly != target.EngineNames.Contains(condition.Engine)))
            {
                _skipped++;
                continue;
            }
            switch (record)
            {
                case LoopRecord loop:
                    foreach (string value in loop.Values)
                    {
                        _variables[loop.Variable] = value;
                        await RunAsync(loop.Body);
                    }
                    _variables.Remove(loop.Variable);
                    break;
                case StatementRecord statement:
                    await RunStatementAsync(statement);
                    break;
                case QueryRecord query:
                    await RunQueryAsync(query);
                    break;
                case HashThresholdRecord threshold:
                    _hashThreshold = threshold.Threshold;
                    break;
                case RequireRecord require:
                    _isHalted = !target.EngineNames.Contains(require.Engine);
                    break;
                case HaltRecord:
                    _isHalted = true;
                    break;
            }
        }
    }

    private async Task RunStatementAsync(StatementRecord record)
    {
        Expectation expected = record.Expected;
        try
        {
            ISqlClient client = await ClientAsync(record.Connection);
            SqlRows result = await client.RunAsync(Substitute(record.Sql), cancellation);
            if (expected.Outcome == Outcome.Error)
                Fail(record, "succeeded, and should have failed");
            else if (expected.Outcome == Outcome.Count && result.RowsChanged != expected.Count)
                Fail(record, $"changed {result.RowsChanged} rows, expected {expected.Count}");
            else
                _passed++;
        }
        catch (SqlClientException error)
        {
            if (expected.Outcome != Outcome.Error)
                Fail(record, $"failed with {error.SqlState}: {error.Message}");
            else if (expected.SqlState is not null && expected.SqlState != error.SqlState)
                Fail(record, $"failed with {error.SqlState}: {error.Message}; expected {expected.SqlState}");
            else if (expected.Pattern is not null && !Regex.IsMatch(error.Message, Substitute(expected.Pattern)))
                Fail(record, $"failed with \"{error.Message}\"; expected to match \"{expected.Pattern}\"");
            else
                _passed++;
        }
    }

    private async Task RunQueryAsync(QueryRecord record)
    {
        SqlRows result;
        try
        {
            ISqlClient client = await ClientAsync(record.Connection);
            result = await client.RunAsync(Substitute(record.Sql), cancellation);
        }
        catch (SqlClientException error)
        {
            Fail(record, $"failed with {error.SqlState}: {error.Message}");
            return;
        }
        if (result.ColumnCount != record.Types.Length)
        {
            Fail(record, $"has {result.ColumnCount} columns, expected {record.Types.Length}");
            return;
        }
        List<string[]> rows = ResultText.Rows(result, record.Types, record.Sort);
        string[] values = rows.SelectMany(row => row).ToArray();
        string hash = ResultText.Hash(values);
        if (record.Label is not null && !_labels.TryAdd(record.Label, hash) && _labels[record.Label] != hash)
        {
            Fail(record, $"differs from the other result labelled {record.Label}");
            return;
        }
        Compare(record, rows, values, hash);
    }

    private void Compare(QueryRecord record, List<string[]> rows, string[] values, string hash)
    {
        if (record.Results is not { } expected)
        {
            _passed++;
            return;
        }
        expected = expected.Select(Substitute).ToArray();
        bool isHashed = expected is [var only] && only.Contains(" values hashing to ", StringComparison.Ordinal);
        string[] byRow = rows.Select(row => string.Join('\t', row)).ToArray();
        if (isHashed ? expected[0] == hash : expected.SequenceEqual(byRow) || expected.SequenceEqual(values))
        {
            _passed++;
            return;
        }
        List<string> actual = _hashThreshold > 0 && values.Length > _hashThreshold ? [hash] : [.. byRow];
        _actual.Add((record.ResultsLine, record.Results.Count, actual));
        Fail(record, $"gives\n{Indent(actual)}\n  expected\n{Indent(expected)}");
    }

    private async Task<ISqlClient> ClientAsync(string name)
    {
        if (!_clients.TryGetValue(name, out ISqlClient? client))
            _clients[name] = client = await target.ConnectAsync(cancellation);
        return client;
    }

    private string Substitute(string text)
    {
        foreach ((string name, string value) in _variables)
            text = text.Replace($"${{{name}}}", value, StringComparison.Ordinal);
        return text;
    }

    private void Fail(SltRecord record, string what)
    {
        string sql = record switch
        {
            StatementRecord statement => statement.Sql,
            QueryRecord query => query.Sql,
            _ => "",
        };
        _failures.Add($"{file}:{record.Line}: {what}\n  {Substitute(sql).Replace("\n", "\n  ")}");
    }

    private static string Indent(IEnumerable<string> lines)
    {
        string[] shown = lines.Take(20).Select(line => "    " + line).ToArray();
        return string.Join('\n', shown);
    }
}
