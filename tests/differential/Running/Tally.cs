using System.Text;
using System.Text.RegularExpressions;

namespace VecSQL.Differential.Tests.Running;

/// <summary>What a run has come to: counts, and the differences found.</summary>
/// <param name="alikeMax">How many differences of one sort are reduced and shown.</param>
/// <param name="write">Shows a difference as it is found.</param>
internal sealed partial class Tally(int alikeMax, Action<string> write)
{
    private readonly Dictionary<string, int> _found = [];
    private readonly Dictionary<string, int> _reported = [];
    private readonly Dictionary<string, int> _failures = [];
    private int _seeds;

    public int Statements { get; private set; }

    public int Intended { get; private set; }

    /// <summary>Differences that are no intended ones.</summary>
    public int Unexplained => _found.Values.Sum();

    public void AddSeed() => _seeds++;

    public void Add(Exchange exchange)
    {
        Statements++;
        if (exchange.Reference is { SqlState: { } state, Message: { } message })
        {
            string sort = $"{state} {Particulars().Replace(message, "…")}";
            _failures[sort] = _failures.GetValueOrDefault(sort) + 1;
        }
    }

    /// <summary>Counts a difference; true where it should be looked into.</summary>
    public bool IsWanted(Difference difference)
    {
        if (IntendedDifference.Of(difference.Exchange) is not null)
        {
            Intended++;
            return false;
        }
        string sort = Sort(difference);
        _found[sort] = _found.GetValueOrDefault(sort) + 1;
        return _found[sort] <= alikeMax;
    }

    public void Report(Difference difference, string text)
    {
        string sort = Sort(difference);
        if (difference.Statements.Count > 0 && !_found.ContainsKey(sort) && !IsWanted(difference))
            return;
        _reported[sort] = _reported.GetValueOrDefault(sort) + 1;
        if (_reported[sort] <= alikeMax)
            write(text);
    }

    public override string ToString()
    {
        StringBuilder text = new();
        text.AppendLine($"{_seeds} seeds, {Statements} statements ({_failures.Values.Sum()} failed on PostgreSQL), {Unexplained} differences, {Intended} intended ones");
        foreach ((string sort, int count) in _found.OrderByDescending(pair => pair.Value))
            text.AppendLine($"{count,7}  {sort}");
        text.AppendLine("Statements that failed on PostgreSQL:");
        foreach ((string sort, int count) in _failures.OrderByDescending(pair => pair.Value).Take(12))
            text.AppendLine($"{count,7}  {sort}");
        return text.ToString();
    }

    /// <summary>What differences of one cause are likely to have in common.</summary>
    private static string Sort(Difference difference)
    {
        SqlAnswer theirs = difference.Exchange.Reference, ours = difference.Exchange.VecSql;
        return theirs.Failed != ours.Failed || theirs.Failed
            ? $"{difference.Kind}: {Particulars().Replace(ours.Message ?? theirs.Message ?? "", "…")}"
            : difference.Kind;
    }

    [GeneratedRegex("\"[^\"]*\"|[0-9]+")]
    private static partial Regex Particulars();
}
