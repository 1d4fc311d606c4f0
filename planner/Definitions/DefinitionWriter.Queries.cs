using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Definitions;

/// <summary>Queries: their clauses, each on a line of its own where lines are indented.</summary>
internal sealed partial class DefinitionWriter
{
    private NameLevel? _level;

    /// <param name="isNamed">Columns without a name of their own are seen by somebody, and get one.</param>
    /// <param name="columns">What the result's columns are called, where it is decided around the query.</param>
    internal void Query(QueryForm query, bool isNamed, IReadOnlyList<string>? columns = null, IReadOnlyList<string>? reserved = null)
    {
        int outside = _indent;
        NameLevel? outer = _level;
        _level = new NameLevel(outer, reserved ?? []);
        if (query.Body is SelectForm select)
            NameItems(select.From);
        if (query.With is { } with)
            With(with);
        switch (query.Body)
        {
            case SelectForm body:
                Select(body, isNamed, columns);
                break;
            case ValuesForm values:
                Values(values, columns);
                break;
            case SetForm set:
                SetOperation(set, isNamed, columns);
                break;
            default:
                throw Unwritable(query.Body);
        }
        OrderAndLimit(query);
        _level = outer;
        _indent = outside;
    }

    private void With(WithForm with)
    {
        StepIn();
        Add(with.IsRecursive ? "WITH RECURSIVE " : "WITH ");
        if (with.IsRecursive)
            _level?.CommonTables.UnionWith(with.Tables.Select(static table => table.Syntax.Name));
        AddList(with.Tables, table =>
        {
            AddName(table.Syntax.Name);
            if (!table.Syntax.Columns.IsEmpty)
                AddNames(table.Syntax.Columns);
            Add(" AS ").Add(table.Syntax.IsMaterialized switch { true => "MATERIALIZED ", false => "NOT MATERIALIZED ", null => "" }).Add("(");
            Line();
            Query(table.Query, isNamed: true);
            Line();
            Add(")");
            Marks(table.Syntax);
            _level?.CommonTables.Add(table.Syntax.Name);
        });
        if (layout.IsIndented)
        {
            _indent -= IndentStep;
            Clause("", 0, 0, 0);
        }
        else
        {
            Add(" ");
        }
    }

    private void Marks(CommonTable table)
    {
        if (table.Search is { } search)
        {
            Add($" SEARCH {(search.IsBreadthFirst ? "BREADTH" : "DEPTH")} FIRST BY ");
            AddList(search.Columns, name => AddName(name));
            Add(" SET ").AddName(search.SequenceName);
        }
        if (table.Cycle is not { } cycle)
            return;
        Add(" CYCLE ");
        AddList(cycle.Columns, name => AddName(name));
        Add(" SET ").AddName(cycle.MarkName);
        if (cycle is { MarkValue: { } value, MarkDefault: { } otherwise })
            Add(" TO ").Add(SqlPrinter.Print(value)).Add(" DEFAULT ").Add(SqlPrinter.Print(otherwise));
        Add(" USING ").AddName(cycle.PathName);
    }

    private void Line()
    {
        if (layout.IsIndented)
            Clause("", 0, 0, 0);
    }

    /// <summary>A query's own lines are further in than those around it.</summary>
    private void StepIn()
    {
        if (!layout.IsIndented)
            return;
        _indent += IndentStep;
        Add(" ");
    }

    private void Select(SelectForm select, bool isNamed, IReadOnlyList<string>? columns)
    {
        StepIn();
        Add("SELECT");
        if (!select.DistinctOn.IsEmpty)
        {
            Add(" DISTINCT ON (");
            AddList(select.DistinctOn, SortExpression);
            Add(")");
        }
        else if (select.IsDistinct)
        {
            Add(" DISTINCT");
        }
        Targets(select, isNamed, columns);
        From(select);
        if (select.Where is { } where)
        {
            Clause(" WHERE ", -IndentStep, IndentStep, 1);
            Write(where, showsImplicit: false);
        }
        if (!select.GroupBy.IsEmpty)
        {
            Clause(" GROUP BY ", -IndentStep, IndentStep, 1);
            Add(select.GroupByIsDistinct ? "DISTINCT " : "");
            bool hasSets = select.GroupBy.Any(static element => element is GroupingSetElement or EmptyGroupingElement);
            // An empty set beside others adds nothing to them.
            IEnumerable<GroupingElement> elements = select.GroupBy.Count == 1
                ? select.GroupBy
                : select.GroupBy.Where(static element => element is not EmptyGroupingElement);
            AddList(elements, element => Group(element, select, isAlone: true, hasSets));
        }
        if (select.Having is { } having)
        {
            Clause(" HAVING ", -IndentStep, IndentStep, 0);
            Write(having, showsImplicit: false);
        }
        if (select.Windows.IsEmpty)
            return;
        Clause(" WINDOW ", -IndentStep, IndentStep, 1);
        AddList(select.Windows, window =>
        {
            AddName(window.Name ?? "").Add(" AS ");
            Window(window);
        });
    }

    private void Targets(SelectForm select, bool isNamed, IReadOnlyList<string>? columns)
    {
        bool wasLong = false;
        for (int i = 0; i < select.Targets.Length; i++)
        {
            TargetForm target = select.Targets[i];
            Add(i == 0 ? " " : ", ");
            string name = columns is not null && i < columns.Count ? columns[i] : target.Name;
            string text = Apart(() => Target(target, isNamed, name));
            Wrap(text, i > 0, ref wasLong);
            Add(text);
        }
    }

    private void Target(TargetForm target, bool isNamed, string name)
    {
        string? own = forms.SystemColumns.TryGetValue(target.Value, out var system) ? system.Name
            : (target.Value is ColumnExpression column ? NameOf(column) : null) ?? (isNamed ? null : "?column?");
        Write(target.Value, showsImplicit: true);
        if (own != name)
            Add(" AS ").AddName(name);
    }

    /// <summary>Goes on to the next line before what would not fit this one.</summary>
    private void Wrap(string text, bool isLater, ref bool wasLong)
    {
        if (!layout.IsIndented || layout.WrapColumn < 0)
            return;
        bool begins = text.StartsWith('\n');
        if (begins)
            TrimBlanks();
        else if (isLater && (LineLength() + text.Length > layout.WrapColumn || wasLong))
            Clause("", -IndentStep, IndentStep, 4);
        wasLong = text.IndexOf('\n', begins ? 1 : 0) >= 0;
    }

    /// <param name="isAlone">One key needs no parentheses.</param>
    /// <param name="isSet">Several keys need them: they are one set.</param>
    private void Group(GroupingElement element, SelectForm select, bool isAlone, bool isSet)
    {
        switch (element)
        {
            case EmptyGroupingElement:
                Add("()");
                break;
            case GroupingExpressionElement { Expression: RowExpression { IsExplicit: false } row }:
                GroupList(row.Items, select, isAlone, isSet);
                break;
            case GroupingExpressionElement single:
                GroupList([single.Expression], select, isAlone, isSet);
                break;
            case GroupingListElement list:
                GroupList(list.Expressions, select, isAlone, isSet);
                break;
            case GroupingSetElement set:
                Add(set.Kind switch { GroupingSetKind.Rollup => "ROLLUP(", GroupingSetKind.Cube => "CUBE(", _ => "GROUPING SETS (" });
                AddList(set.Items, item => Group(item, select, isAlone: set.Kind != GroupingSetKind.Sets, isSet: true));
                Add(")");
                break;
            default:
                throw Unwritable(element);
        }
    }

    private void GroupList(IReadOnlyCollection<Expression> keys, SelectForm select, bool isAlone, bool isSet)
    {
        bool needsParentheses = keys.Count == 1 ? !isAlone : isSet;
        Add(needsParentheses ? "(" : "");
        AddList(keys, key => SortExpression(select.Keys[key]));
        Add(needsParentheses ? ")" : "");
    }

    private void Values(ValuesForm values, IReadOnlyList<string>? columns)
    {
        bool isRenamed = !layout.IsStored && columns is not null && columns.Where(static (name, i) => name != $"column{i + 1}").Any();
        StepIn();
        if (!isRenamed)
        {
            Rows(values);
            return;
        }
        bool wasLong = false;
        Add("SELECT");
        for (int i = 0; i < columns?.Count; i++)
        {
            string text = $"\"*VALUES*\".column{i + 1}" + (columns[i] == $"column{i + 1}" ? "" : $" AS {SqlPrinter.QuoteIdentifier(columns[i])}");
            Add(i == 0 ? " " : ", ");
            Wrap(text, i > 0, ref wasLong);
            Add(text);
        }
        Clause(" FROM ", -IndentStep, IndentStep, 2);
        Add("(");
        Rows(values);
        Add(") \"*VALUES*\"");
    }

    private void Rows(ValuesForm values)
    {
        Add("VALUES ");
        AddList(values.Rows, row =>
        {
            Add("(");
            AddList(row, value => Write(value, showsImplicit: false), ",");
            Add(")");
        });
    }

    private void SetOperation(SetForm set, bool isNamed, IReadOnlyList<string>? columns)
    {
        // One of the same kind on the left reads back the same without parentheses.
        SetForm? left = SetOf(set.Left);
        bool needsParentheses = left is not null && (left.Operator != set.Operator || left.IsAll != set.IsAll);
        int step = needsParentheses ? IndentStep : 0;
        if (needsParentheses)
        {
            Add("(");
            Clause("", step, 0, 0);
        }
        SetOperand(set.Left, isNamed, columns);
        if (needsParentheses)
            Clause(") ", -step, 0, 0);
        else if (layout.IsIndented)
            Clause("", -step, 0, 0);
        else
            Add(" ");
        Add(set.Operator switch { SetOperator.Union => "UNION ", SetOperator.Intersect => "INTERSECT ", _ => "EXCEPT " });
        Add(set.IsAll ? "ALL " : "");
        needsParentheses = SetOf(set.Right) is not null;
        step = needsParentheses ? IndentStep : 0;
        Add(needsParentheses ? "(" : "");
        Clause("", step, 0, 0);
        SetOperand(set.Right, isNamed: false, columns);
        _indent -= layout.IsIndented ? step : 0;
        if (needsParentheses)
            Clause(")", 0, 0, 0);
    }

    /// <summary>A set operation without clauses of its own, which belongs to the one around it.</summary>
    private static SetForm? SetOf(QueryForm query) => query.IsPlain ? query.Body as SetForm : null;

    private void SetOperand(QueryForm query, bool isNamed, IReadOnlyList<string>? columns)
    {
        if (SetOf(query) is { } set)
        {
            SetOperation(set, isNamed, columns);
            return;
        }
        Add(query.IsPlain ? "" : "(");
        Query(query, isNamed, columns);
        Add(query.IsPlain ? "" : ")");
    }

    private void OrderAndLimit(QueryForm query)
    {
        if (!query.Order.IsEmpty)
        {
            Clause(" ORDER BY ", -IndentStep, IndentStep, 1);
            AddList(query.Order, item =>
            {
                if (query.Body is SetForm)
                    Add(item.Ordinal.ToString(System.Globalization.CultureInfo.InvariantCulture));
                else if (query.Body is ValuesForm)
                    Add($"\"*VALUES*\".column{item.Ordinal}");
                else
                    SortExpression(item.Key.Key);
                SortDirection(item.Key);
            });
        }
        if (query.Limit?.Offset is { } offset)
        {
            Clause(" OFFSET ", -IndentStep, IndentStep, 0);
            Write(offset, showsImplicit: false);
        }
        if (query.Limit is { Limit: { } limit } given)
        {
            Clause(given.WithTies ? " FETCH FIRST (" : " LIMIT ", -IndentStep, IndentStep, 0);
            Write(limit, showsImplicit: false);
            Add(given.WithTies ? ") ROWS WITH TIES" : "");
        }
        else if (query.Limit is { IsAll: true })
        {
            Clause(layout.IsStored ? " LIMIT NULL" : " LIMIT ALL", -IndentStep, IndentStep, 0);
        }
        foreach (LockingClause clause in query.Locking)
            Lock(clause);
    }

    /// <summary>A clause for each item whose rows are locked.</summary>
    private void Lock(LockingClause clause)
    {
        IEnumerable<NamespaceItem> items = clause.Tables.IsEmpty
            ? Level.Items.Where(static item => item.LocksRows)
            : clause.Tables.Select(table => Level.Items.First(item => item.Name == table.Name));
        foreach (NamespaceItem item in items)
        {
            Clause($" {SelectBuilder.Spell(clause.Strength)} OF ", -IndentStep, IndentStep, 0);
            AddName(_items[item].Name);
            Add(clause.Wait switch { LockWait.NoWait => " NOWAIT", LockWait.SkipLocked => " SKIP LOCKED", _ => "" });
        }
    }
}
