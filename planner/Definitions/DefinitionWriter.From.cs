using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Definitions;

/// <summary>FROM, and what its items and their columns are called.</summary>
internal sealed partial class DefinitionWriter
{
    private readonly Dictionary<NamespaceItem, ItemNames> _items = [];

    /// <summary>What columns are called that joins compute of both sides.</summary>
    private readonly Dictionary<int, string> _merged = [];

    private readonly Dictionary<JoinForm, IReadOnlyList<string>> _using = new(ReferenceEqualityComparer.Instance);

    private readonly HashSet<FromForm> _marked = new(ReferenceEqualityComparer.Instance);

    private NameLevel Level => _level ?? throw Unwritable(this);

    private IReadOnlyDictionary<string, string> _spelled = new Dictionary<string, string>();

    /// <summary>A table that is alone, as expressions stored with it know it.</summary>
    /// <param name="spelled">What stands for columns instead of their names.</param>
    internal void Name(NamespaceItem item, TableEntry table, IReadOnlyDictionary<string, string> spelled)
    {
        _items[item] = new ItemNames(table.Name, [.. table.LiveColumns.Select(static column => column.Name)], PrintsColumns: false);
        _spelled = spelled;
    }

    private void NameItems(ImmutableArray<FromForm> from)
    {
        var naming = new ColumnNaming(from, forms, names.Current);
        foreach ((JoinForm join, IReadOnlyList<string> used) in naming.Using)
            _using[join] = used;
        foreach (FromForm form in from)
            Mark(form, isMerged: false);
        foreach ((int column, string name) in naming.Merged)
            _merged[column] = name;
        foreach ((FromForm form, ItemColumns columns) in naming.Items)
        {
            switch (form)
            {
                case JoinForm { Item: { } item, Syntax.Alias: { } alias }:
                    NameItem(item, alias.Name, columns, columns.IsChanged);
                    break;
                case TableForm table:
                    NameItem(table.Item, table.Alias?.Name ?? names.Current(table.Table).Name, columns, columns.IsChanged);
                    break;
                case NamedForm named:
                    NameItem(named.Item, named.Item.Name ?? "", columns,
                        columns.IsChanged || named is FunctionForm || named.Alias is { Columns.IsEmpty: false });
                    break;
            }
        }
    }

    /// <summary>What is kept must say which columns tables had where others than those would change what a join says.</summary>
    private void Mark(FromForm form, bool isMerged)
    {
        if (form is TableForm table && isMerged && layout.IsStored)
            _marked.Add(table);
        if (form is not JoinForm join)
            return;
        isMerged |= join.Names.Count > 0 || join.Item is not null;
        Mark(join.Left, isMerged);
        Mark(join.Right, isMerged);
    }

    private void NameItem(NamespaceItem item, string name, ItemColumns columns, bool isWritten)
    {
        Level.Items.Add(item);
        _items[item] = new ItemNames(Level.Take(name), columns.Names, isWritten) { Shown = columns.Shown, Told = columns.Told };
    }

    /// <summary>What a column is called alone; null for what is not a column of an item.</summary>
    private string? NameOf(ColumnExpression column)
    {
        if (forms.Columns.TryGetValue(column.ColumnId, out var place))
            return _items[place.Item].Columns[place.Index];
        return _merged.GetValueOrDefault(column.ColumnId);
    }

    private void Column(ColumnExpression column, bool showsImplicit)
    {
        if (forms.Columns.TryGetValue(column.ColumnId, out var place))
            Qualified(place.Item, _items[place.Item].Columns[place.Index]);
        else if (_merged.TryGetValue(column.ColumnId, out string? name))
            AddName(name);
        else if (forms.Aggregates.TryGetValue(column.ColumnId, out AggregateCall? aggregate))
            Aggregate(aggregate);
        else if (forms.Windows.TryGetValue(column.ColumnId, out var window))
            WindowCall(window.Call, window.Window);
        else if (forms.SetCalls.TryGetValue(column.ColumnId, out ScalarExpression? call))
            Write(call, showsImplicit);
        else if (forms.Groupings.TryGetValue(column.ColumnId, out ImmutableArray<ScalarExpression> keys))
            Listed("GROUPING", keys);
        else
            throw Unwritable(column);
    }

    private void Qualified(NamespaceItem item, string column)
    {
        if (usesPrefix)
            AddName(_items[item].Name).Add(".");
        if (_spelled.TryGetValue(column, out string? spelled))
            Add(spelled);
        else
            AddName(column);
    }

    private void From(SelectForm select)
    {
        bool isFirst = true, wasLong = false;
        foreach (FromForm form in select.From)
        {
            if (isFirst)
            {
                Clause(" FROM ", -IndentStep, IndentStep, 2);
                Item(form);
            }
            else
            {
                Add(", ");
                string text = Apart(() => Item(form));
                wasLong = false; // an item of several lines does not push the next one to a line of its own
                Wrap(text, isLater: true, ref wasLong);
                Add(text);
            }
            isFirst = false;
        }
    }

    private void Item(FromForm form)
    {
        switch (form)
        {
            case JoinForm join:
                Join(join);
                return;
            case TableForm table:
                TableEntry current = names.Current(table.Table);
                Add(table.IsOnly ? "ONLY " : "").Add(names.Relation(current, Level.IsCommonTable));
                Alias(table, current.Name, isAlways: false, _marked.Contains(table) ? KnownColumns.MarkOf(table.LastColumn) : null);
                Sample(table);
                return;
            case CommonReferenceForm common:
                AddName(common.Name);
                Alias(common, common.Name, isAlways: false);
                return;
            case DerivedForm derived:
                Add(derived.IsLateral ? "LATERAL (" : "(");
                Query(derived.Query, isNamed: true);
                Add(")");
                Alias(derived, null, isAlways: true);
                return;
            case FunctionForm function:
                Function(function);
                return;
        }
    }

    /// <param name="own">What it is called without being told.</param>
    /// <param name="known">The mark that says which columns are known.</param>
    private void Alias(NamedForm form, string? own, bool isAlways, string? known = null)
    {
        ItemNames item = _items[form.Item];
        if (isAlways || form.Alias is not null || item.PrintsColumns || item.Name != own || known is not null)
            Add(" ").AddName(item.Name);
        if (known is not null)
            AddNames([.. item.Told, known]);
        else if (item.PrintsColumns)
            AddNames(layout.IsStored ? item.Told : item.Shown);
    }

    private void Sample(TableForm table)
    {
        if (table is not { Sample: { } sample, Percent: { } percent })
            return;
        Add($" TABLESAMPLE {SqlPrinter.QuoteIdentifier(sample.Method)} (");
        Write(percent, showsImplicit: false);
        Add(")");
        if (table.Seed is not { } seed)
            return;
        Add(" REPEATABLE (");
        Write(seed, showsImplicit: false);
        Add(")");
    }

    private void Function(FunctionForm form)
    {
        FunctionTable syntax = form.Syntax;
        bool usesOuter = form.Calls.Any(call => ColumnSet.UsedBy(call).Any(
            id => forms.Columns.TryGetValue(id, out var place) && Level.Items.Contains(place.Item)));
        Add(syntax.IsLateral || usesOuter ? "LATERAL " : "");
        bool isUnnest = form.Calls.Length > 1 && form.Calls.All(static call =>
            call is CallExpression { Function.Name: "unnest" }) && syntax.Functions.All(static function => function.ColumnDefinitions.IsEmpty);
        if (form.Calls.IsEmpty)
            Add(SqlPrinter.Print(syntax.Functions[0].Call));
        else if (isUnnest)
            Listed("UNNEST", form.Calls.Select(static call => ((CallExpression)call).Arguments[0]));
        else if (form.Calls.Length > 1)
            FunctionList(form);
        else
            Write(form.Calls[0], showsImplicit: true);
        Add(syntax.WithOrdinality ? " WITH ORDINALITY" : "");
        ItemNames item = _items[form.Item];
        Add(" ").AddName(item.Name);
        if (syntax.Functions is [{ ColumnDefinitions: { IsEmpty: false } definitions }])
            Definitions(definitions, form.Item);
        else
            AddNames(item.Columns);
    }

    private void FunctionList(FunctionForm form)
    {
        Add("ROWS FROM(");
        for (int i = 0; i < form.Calls.Length; i++)
        {
            Add(i > 0 ? ", " : "");
            Write(form.Calls[i], showsImplicit: true);
            if (i < form.Syntax.Functions.Count && form.Syntax.Functions[i].ColumnDefinitions is { IsEmpty: false } definitions)
            {
                Add(" AS ");
                Definitions(definitions, form.Item);
            }
        }
        Add(")");
    }

    private void Definitions(IReadOnlyList<FunctionColumn> definitions, NamespaceItem item)
    {
        Add("(");
        AddList(definitions, column => AddName(column.Name).Add(" ").Add(names.Type(
            item.Columns.First(named => named.Name == column.Name).Value.Type)));
        Add(")");
    }

    private void Join(JoinForm join)
    {
        JoinedTable syntax = join.Syntax;
        bool isNamed = join.Item is not null;
        Add(!layout.IsPretty || isNamed ? "(" : "");
        Item(join.Left);
        bool isInner = syntax.Kind is JoinKind.Inner or JoinKind.Cross;
        bool isBare = join.Condition is null;
        string words = syntax.Kind switch
        {
            JoinKind.Left => " LEFT JOIN ",
            JoinKind.Right => " RIGHT JOIN ",
            JoinKind.Full => " FULL JOIN ",
            _ => isBare ? " CROSS JOIN " : " JOIN ",
        };
        Clause(words, -IndentStep, IndentStep, 4);
        bool isNested = layout.IsPretty && join.Right is JoinForm { Item: null };
        Add(isNested ? "(" : "");
        Item(join.Right);
        Add(isNested ? ")" : "");
        if (join.Names.Count > 0)
        {
            Add(" USING ");
            AddNames(_using[join]);
            if (syntax.UsingAlias is { } alias)
                Add(" AS ").AddName(alias);
        }
        else if (join.Condition is { } condition)
        {
            Add(layout.IsPretty ? " ON " : " ON (");
            Write(condition, showsImplicit: false);
            Add(layout.IsPretty ? "" : ")");
        }
        else if (!isInner)
        {
            Add(" ON TRUE");
        }
        Add(!layout.IsPretty || isNamed ? ")" : "");
        if (join.Item is not { } item)
            return;
        Add(" ").AddName(_items[item].Name);
        if (_items[item].PrintsColumns)
            AddNames(layout.IsStored ? _items[item].Told : _items[item].Shown);
    }
}
