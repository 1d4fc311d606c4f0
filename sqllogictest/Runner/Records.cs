namespace VecSQL.SqlLogicTest.Runner;

/// <summary>A piece of a test file.</summary>
/// <param name="Line">Where it begins, from 1.</param>
internal abstract record SltRecord(int Line)
{
    /// <summary>skipif and onlyif conditions in front of it.</summary>
    public IReadOnlyList<(bool IsOnly, string Engine)> Conditions { get; init; } = [];

    /// <summary>The connection it runs on; empty for the default one.</summary>
    public string Connection { get; init; } = "";
}

/// <summary>A statement and how it is expected to end.</summary>
internal sealed record StatementRecord(int Line, string Sql, Expectation Expected) : SltRecord(Line);

internal enum Outcome : byte { Ok, Error, Count }

/// <param name="Pattern">For errors: a five-character SQLSTATE, a regular expression on the message, or both; null for any error.</param>
internal sealed record Expectation(Outcome Outcome, long Count = 0, string? SqlState = null, string? Pattern = null);

/// <param name="Types">A letter a column: T text, I integer, R real with three decimals.</param>
/// <param name="Results">The expected lines; null where the file gives none (then only the label counts).</param>
/// <param name="ResultsLine">Where the result lines begin, for rewriting; the line behind <c>----</c>.</param>
internal sealed record QueryRecord(
    int Line, string Sql, string Types, SortMode Sort, string? Label, IReadOnlyList<string>? Results, int ResultsLine)
    : SltRecord(Line);

internal enum SortMode : byte { None, Row, Value }

/// <summary>hash-threshold N: longer results are compared by their MD5.</summary>
internal sealed record HashThresholdRecord(int Line, int Threshold) : SltRecord(Line);

/// <summary>halt: the rest of the file is left out.</summary>
internal sealed record HaltRecord(int Line) : SltRecord(Line);

/// <summary>require NAME: the rest of the file is for engines of that name only.</summary>
internal sealed record RequireRecord(int Line, string Engine) : SltRecord(Line);

/// <summary>loop i a b … endloop, foreach i x y z … endloop: the records once for each value of ${i}.</summary>
internal sealed record LoopRecord(int Line, string Variable, IReadOnlyList<string> Values, IReadOnlyList<SltRecord> Body)
    : SltRecord(Line);
