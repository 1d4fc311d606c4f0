using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Explain;

/// <summary>Names that expressions in EXPLAIN use: tables and columns, outer values, subplans.</summary>
/// <param name="cutsConstants">Long constants are cut short, as suits people; programs get them whole.</param>
internal sealed class ExplainNames(PlannerContext context, bool usesPrefix, bool cutsConstants)
{
    private readonly Dictionary<int, string> _outer = [];
    private readonly List<(string Label, bool IsInitial, SubplanExpression Subplan)> _pending = [];
    private int _subplans;

    private const int ConstantCharactersMax = 160;

    internal FormatContext Format => context.Format;

    /// <summary>A constant's text, cut where the plan is for people: an embedding has hundreds of numbers.</summary>
    internal string Shortened(string text) => cutsConstants && text.Length > ConstantCharactersMax
        ? string.Concat(text.AsSpan(0, ConstantCharactersMax / 2), "…")
        : text;

    internal TableEntry? Table(TableId table) =>
        context.Catalog.TryFindTable(table, out TableEntry? entry) ? entry : context.SystemViews.Find(table.Oid);

    internal string TableName(TableId table) => Table(table)?.Name ?? table.ToString();

    internal string ColumnName(TableId table, string alias, short number)
    {
        if (number > 0 && Table(table) is { } entry && entry.Column(number) is { IsHidden: true } hidden)
            return Rules.IndexExpressions.NameOf(entry, hidden, context);
        string name = number == 0 ? "tableoid" : Table(table)?.Column(number).Name ?? $"column{number}";
        string quoted = Parser.Printing.SqlPrinter.QuoteIdentifier(name);
        return usesPrefix ? $"{Parser.Printing.SqlPrinter.QuoteIdentifier(alias)}.{quoted}" : quoted;
    }

    internal string IndexName(TableId table, uint index) =>
        Table(table)?.Indexes.FirstOrDefault(entry => entry.Oid == index)?.Name ?? index.ToString();

    internal string Outer(int slot) => _outer.GetValueOrDefault(slot) ?? $"${slot}";

    internal void SetOuter(int slot, string name) => _outer[slot] = name;

    /// <summary>How an expression mentions a subplan; the subplan itself is shown below the node.</summary>
    internal string Subplan(SubplanExpression subplan)
    {
        _subplans++;
        bool isInitial = subplan.OuterValues.IsEmpty
            && subplan.Kind is SubplanKind.Scalar or SubplanKind.Exists or SubplanKind.Array;
        string label = isInitial ? $"InitPlan {_subplans} (returns ${_subplans - 1})" : $"SubPlan {_subplans}";
        _pending.Add((label, isInitial, subplan));
        return isInitial ? $"${_subplans - 1}" : $"(SubPlan {_subplans})";
    }

    /// <summary>The subplans mentioned since the last call; initial ones are run once, before the node.</summary>
    internal List<(string Label, bool IsInitial, SubplanExpression Subplan)> TakeSubplans()
    {
        List<(string, bool, SubplanExpression)> taken = [.. _pending];
        _pending.Clear();
        return taken;
    }
}
