using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Definitions;

/// <summary>Calls: operators, functions, those with words of their own, aggregates and windows.</summary>
internal sealed partial class DefinitionWriter
{
    private void Call(CallExpression call)
    {
        if (call.Form == CallForm.Operator && FunctionRegistry.FindOperatorOf(call.Function.Oid) is { } op)
        {
            Open();
            if (call.Arguments.Count == 2)
            {
                Operand(call.Arguments[0], showsImplicit: true, call);
                Add(" ");
            }
            Add(names.Operator(op)).Add(" ");
            Operand(call.Arguments[^1], showsImplicit: true, call);
            Close();
            return;
        }
        if (call.Form == CallForm.Special && TryWriteSpecial(call))
            return;
        Add(names.Function(call.Function)).Add("(");
        // What a variadic function was given one by one is an array by now.
        bool isVariadic = call.IsVariadicArray || call.Function.VariadicElement is not (0 or TypeOid.Any);
        Arguments(call.Arguments, isVariadic && call.Arguments.Count == call.Function.Arguments.Length);
        Add(")");
    }

    private void Arguments(IReadOnlyList<ScalarExpression> arguments, bool isVariadic)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            Add(i > 0 ? ", " : "").Add(isVariadic && i == arguments.Count - 1 ? "VARIADIC " : "");
            Write(arguments[i], showsImplicit: true);
        }
    }

    private bool TryWriteSpecial(CallExpression call)
    {
        IReadOnlyList<ScalarExpression> given = call.Arguments;
        switch (call.Function.Name)
        {
            case "timezone":
                Add("(");
                Operand(given[1], showsImplicit: false, call);
                Add(" AT TIME ZONE ");
                Operand(given[0], showsImplicit: false, call);
                Add(")");
                return true;
            case "overlaps":
                return Words("((", given[0], ", ", given[1], ") OVERLAPS (", given[2], ", ", given[3], "))");
            case "extract" when given[0] is ConstantExpression field:
                return Words($"EXTRACT({TextOf(field)} FROM ", given[1], ")");
            case "is_normalized":
                return Words("(", given[0], $" IS{NormalForm(given, " ")} NORMALIZED)");
            case "normalize":
                return Words("NORMALIZE(", given[0], $"{NormalForm(given, ", ")})");
            case "pg_collation_for":
                return Words("COLLATION FOR (", given[0], ")");
            case "overlay" when given.Count == 4:
                return Words("OVERLAY(", given[0], " PLACING ", given[1], " FROM ", given[2], " FOR ", given[3], ")");
            case "overlay":
                return Words("OVERLAY(", given[0], " PLACING ", given[1], " FROM ", given[2], ")");
            case "position":
                return Words("POSITION((", given[1], ") IN (", given[0], "))");
            case "substring" when given.Count == 2:
                return Words("SUBSTRING(", given[0], " FROM ", given[1], ")");
            case "substring" when given[1].Type.Oid == TypeOid.Int4:
                return Words("SUBSTRING(", given[0], " FROM ", given[1], " FOR ", given[2], ")");
            case "substring":
                return Words("SUBSTRING(", given[0], " SIMILAR ", given[1], " ESCAPE ", given[2], ")");
            case "btrim" or "ltrim" or "rtrim":
                string side = call.Function.Name switch { "ltrim" => "LEADING", "rtrim" => "TRAILING", _ => "BOTH" };
                return given.Count == 1
                    ? Words($"TRIM({side} FROM ", given[0], ")")
                    : Words($"TRIM({side} ", given[1], " FROM ", given[0], ")");
            default:
                return false;
        }
    }

    private string NormalForm(IReadOnlyList<ScalarExpression> given, string before) =>
        given is [_, ConstantExpression form] ? before + TextOf(form) : "";

    /// <summary>Words and values in turn.</summary>
    private bool Words(params ReadOnlySpan<object> parts)
    {
        foreach (object part in parts)
        {
            if (part is ScalarExpression value)
                Write(value, showsImplicit: false);
            else
                Add((string)part);
        }
        return true;
    }

    private void Aggregate(AggregateCall call)
    {
        bool isOrderedSet = FunctionRegistry.FindAggregate(call.Function.Oid) is { Kind: not 'n' };
        Add(names.Function(call.Function)).Add("(").Add(call.IsDistinct ? "DISTINCT " : "");
        if (isOrderedSet)
        {
            Arguments(call.DirectArguments);
            Add(") WITHIN GROUP (ORDER BY ");
            SortKeys(call.OrderBy);
        }
        else if (call.Arguments.IsEmpty)
        {
            Add("*");
        }
        else
        {
            Arguments(call.Arguments);
            if (!call.OrderBy.IsEmpty)
            {
                Add(" ORDER BY ");
                SortKeys(call.OrderBy);
            }
        }
        Filter(call.Filter);
        Add(")");
    }

    private void Filter(ScalarExpression? filter)
    {
        if (filter is null)
            return;
        Add(") FILTER (WHERE ");
        Write(filter, showsImplicit: false);
    }

    private void WindowCall(WindowCall call, WindowForm window)
    {
        Add(names.Function(call.Function)).Add("(");
        if (call.Arguments.IsEmpty && call.Function.Kind == FunctionKind.Aggregate)
            Add("*");
        Arguments(call.Arguments);
        Filter(call.Filter);
        Add(") OVER ");
        if (window.Name is { } name)
            AddName(name);
        else
            Window(window);
    }

    private void Window(WindowForm window)
    {
        string? basis = window.Syntax.IsCopy ? window.Syntax.BaseName : null;
        Add("(");
        string separator = "";
        if (basis is not null)
        {
            AddName(basis);
            separator = " ";
        }
        else if (!window.Window.PartitionBy.IsEmpty)
        {
            Add("PARTITION BY ");
            AddList(window.Window.PartitionBy, SortExpression);
            separator = " ";
        }
        if (!window.Window.OrderBy.IsEmpty && (basis is null || !window.Syntax.OrderBy.IsEmpty))
        {
            Add(separator).Add("ORDER BY ");
            SortKeys(window.Window.OrderBy);
            separator = " ";
        }
        if (window.Syntax.Frame is { } frame)
        {
            Add(separator);
            Frame(frame, window.Frame);
        }
        Add(")");
    }

    private void Frame(WindowFrame syntax, WindowFramePlan frame)
    {
        bool isBetween = syntax.End.Position.Value != 0; // else it was not written
        Add(syntax.Unit switch { FrameUnit.Rows => "ROWS ", FrameUnit.Range => "RANGE ", _ => "GROUPS " });
        Add(isBetween ? "BETWEEN " : "");
        Bound(syntax.Start.Kind, frame.StartOffset);
        if (isBetween)
        {
            Add(" AND ");
            Bound(syntax.End.Kind, frame.EndOffset);
        }
        Add(syntax.Exclusion switch
        {
            FrameExclusion.CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion.Group => " EXCLUDE GROUP",
            FrameExclusion.Ties => " EXCLUDE TIES",
            _ => "",
        });
    }

    private void Bound(FrameBoundKind kind, ScalarExpression? offset)
    {
        if (offset is not null)
            Write(offset, showsImplicit: false);
        Add(kind switch
        {
            FrameBoundKind.UnboundedPreceding => "UNBOUNDED PRECEDING",
            FrameBoundKind.Preceding => " PRECEDING",
            FrameBoundKind.CurrentRow => "CURRENT ROW",
            FrameBoundKind.Following => " FOLLOWING",
            _ => "UNBOUNDED FOLLOWING",
        });
    }

    private void SortKeys(ImmutableArray<SortKey> keys) => AddList(keys, key =>
    {
        SortExpression(key.Key);
        SortDirection(key);
    });

    private void SortDirection(SortKey key)
    {
        Add(key.IsDescending ? " DESC" : "");
        if (key.NullsFirst != key.IsDescending)
            Add(key.NullsFirst ? " NULLS FIRST" : " NULLS LAST");
    }

    /// <summary>What rows are sorted or grouped by: a bare constant would be a column's number.</summary>
    private void SortExpression(ScalarExpression key)
    {
        bool isCall = key is CallExpression { Form: not CallForm.Operator }
            || (key is ColumnExpression column && (forms.Aggregates.ContainsKey(column.ColumnId)
                || forms.Windows.ContainsKey(column.ColumnId) || forms.SetCalls.ContainsKey(column.ColumnId)));
        bool isColumn = key is ColumnExpression && !isCall;
        bool needsParentheses = isCall || (layout.IsPretty && !isColumn);
        if (key is ConstantExpression constant)
        {
            Constant(constant, forcesType: true);
            return;
        }
        Add(needsParentheses ? "(" : "");
        Write(key, showsImplicit: true);
        Add(needsParentheses ? ")" : "");
    }

    private void Subquery(SubqueryExpression subquery)
    {
        QueryForm query = forms.Queries[subquery.Plan];
        Add(subquery.Kind == SubplanKind.Array ? "ARRAY(" : "(");
        if (subquery.Kind is SubplanKind.Any or SubplanKind.All && subquery.Test is { } test)
        {
            string symbol = Compared(test);
            Add(subquery.Kind == SubplanKind.All ? $" {symbol} ALL (" : symbol == "=" ? " IN (" : $" {symbol} ANY (");
        }
        else if (subquery.Kind == SubplanKind.Exists)
        {
            Add("EXISTS (");
        }
        Query(query, isNamed: false);
        Add(subquery.Kind is SubplanKind.Scalar or SubplanKind.Array ? ")" : "))");
    }

    /// <summary>Writes the left side of a comparison with a query's rows.</summary>
    /// <returns>The operator's name.</returns>
    private string Compared(ScalarExpression test)
    {
        switch (test)
        {
            case CallExpression { Arguments: [var left, _] } call:
                Write(left, showsImplicit: true);
                return SymbolOf(call.Function, call.Function.Name);
            case LogicalOperation { Operands: [CallExpression first, ..] } pairs:
                Add("(");
                Arguments(pairs.Operands.Select(static pair => ((CallExpression)pair).Arguments[0]));
                Add(")");
                return SymbolOf(first.Function, first.Function.Name);
            case RowComparison rows:
                Add("(");
                Arguments(rows.Left);
                Add(")");
                return rows.Operator;
            default:
                throw Unwritable(test);
        }
    }
}
