using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void WriteGroup(QueryExpression query)
    {
        Add("(");
        Write(query);
        Add(")");
    }

    private void Write(QueryExpression query)
    {
        GuardStack();
        if (query.With is not null)
        {
            Write(query.With);
            Add(" ");
        }
        Write(query.Body);
        WriteOrder(query.OrderBy);
        if (query.Offset is not null)
        {
            Add(" OFFSET ");
            Write(query.Offset);
        }
        if (query.Limit is not null && query.WithTies)
        {
            Add(" FETCH FIRST (");
            Write(query.Limit);
            Add(") ROWS WITH TIES");
        }
        else if (query.Limit is not null)
        {
            Add(" LIMIT ");
            Write(query.Limit);
        }
        foreach (LockingClause locking in query.Locking)
        {
            Add(" ");
            Write(locking);
        }
    }

    private void Write(LockingClause locking)
    {
        Add(locking.Strength switch
        {
            LockStrength.Update => "FOR UPDATE",
            LockStrength.NoKeyUpdate => "FOR NO KEY UPDATE",
            LockStrength.Share => "FOR SHARE",
            _ => "FOR KEY SHARE",
        });
        if (!locking.Tables.IsEmpty)
            Add(" OF ").WriteList(locking.Tables, Write);
        Add(locking.Wait switch { LockWait.NoWait => " NOWAIT", LockWait.SkipLocked => " SKIP LOCKED", _ => "" });
    }

    private void Write(WithClause with)
    {
        Add(with.IsRecursive ? "WITH RECURSIVE " : "WITH ").WriteList(with.Tables, Write);
    }

    private void Write(CommonTable table)
    {
        WriteName(table.Name).WriteOptionalNames(table.Columns);
        Add(" AS ").Add(table.IsMaterialized switch
        {
            true => "MATERIALIZED ", false => "NOT MATERIALIZED ", null => "",
        });
        Add("(");
        Write(table.Statement);
        Add(")");
        if (table.Search is { } search)
        {
            Add(search.IsBreadthFirst ? " SEARCH BREADTH FIRST BY " : " SEARCH DEPTH FIRST BY ");
            WriteList(search.Columns, name => WriteName(name)).Add(" SET ").WriteName(search.SequenceName);
        }
        if (table.Cycle is not { } cycle)
            return;
        Add(" CYCLE ").WriteList(cycle.Columns, name => WriteName(name)).Add(" SET ").WriteName(cycle.MarkName);
        if (cycle is { MarkValue: { } value, MarkDefault: { } otherwise })
        {
            Add(" TO ");
            Write(value);
            Add(" DEFAULT ");
            Write(otherwise);
        }
        Add(" USING ").WriteName(cycle.PathName);
    }

    /// <summary>A space and ORDER BY …, or nothing.</summary>
    private void WriteOrder(ValueList<OrderItem> order)
    {
        if (!order.IsEmpty)
            Add(" ORDER BY ").WriteList(order, Write);
    }

    private void Write(OrderItem item)
    {
        Write(item.Expression);
        if (item.UsingOperator is not null)
        {
            Add(" USING ");
            Write(item.UsingOperator);
        }
        WriteIf(item.IsDescending, " DESC");
        WriteNullsOrder(item.NullsFirst);
    }

    private void WriteNullsOrder(bool? nullsFirst) =>
        Add(nullsFirst switch { true => " NULLS FIRST", false => " NULLS LAST", null => "" });

    private void Write(QueryBody body)
    {
        GuardStack();
        switch (body)
        {
            case SelectBody select:
                Write(select);
                break;
            case ValuesBody values:
                Add("VALUES ").WriteList(values.Rows, row => WriteParenthesized(row, Write));
                break;
            case TableBody table:
                Add("TABLE ");
                Write(table.Name);
                break;
            case NestedBody nested:
                WriteGroup(nested.Query);
                break;
            case SetOperationBody operation:
                Write(operation);
                break;
            default:
                Invariant.Holds(false, $"no way to print a {body.GetType().Name}");
                break;
        }
    }

    private void Write(SetOperationBody operation)
    {
        bool isTight = operation.Operator == SetOperator.Intersect;
        bool isLooser = isTight && operation.Left is SetOperationBody { Operator: not SetOperator.Intersect };
        WriteOperand(operation.Left, isLooser);
        Add(operation.Operator switch
        {
            SetOperator.Union => " UNION ", SetOperator.Intersect => " INTERSECT ", _ => " EXCEPT ",
        });
        WriteIf(operation.IsAll, "ALL ");
        bool isTighter = !isTight && operation.Right is SetOperationBody { Operator: SetOperator.Intersect };
        WriteOperand(operation.Right, operation.Right is SetOperationBody && !isTighter);
    }

    private void WriteOperand(QueryBody body, bool needsParentheses)
    {
        WriteIf(needsParentheses, "(");
        Write(body);
        WriteIf(needsParentheses, ")");
    }

    private void Write(SelectBody select)
    {
        Add("SELECT");
        WriteIf(select.IsDistinct, " DISTINCT");
        if (!select.DistinctOn.IsEmpty)
            Add(" ON ").WriteParenthesized(select.DistinctOn, Write);
        if (!select.Items.IsEmpty)
            Add(" ").WriteList(select.Items, Write);
        if (select.Into is not null)
        {
            Add(select.IntoIsTemporary ? " INTO TEMPORARY TABLE " : " INTO TABLE ");
            Write(select.Into);
        }
        if (!select.From.IsEmpty)
            Add(" FROM ").WriteList(select.From, Write);
        WriteAsOf(select.AsOf);
        WriteWhere(select.Where);
        if (!select.GroupBy.IsEmpty)
            Add(select.GroupByIsDistinct ? " GROUP BY DISTINCT " : " GROUP BY ").WriteList(select.GroupBy, Write);
        if (select.Having is not null)
        {
            Add(" HAVING ");
            Write(select.Having);
        }
        if (!select.Windows.IsEmpty)
            Add(" WINDOW ").WriteList(select.Windows, Write);
    }

    private void WriteAsOf(Expression? asOf)
    {
        if (asOf is null)
            return;
        Add(" AS OF SYSTEM TIME ");
        Write(asOf);
    }

    private void WriteWhere(Expression? condition)
    {
        if (condition is null)
            return;
        Add(" WHERE ");
        Write(condition);
    }

    private void Write(SelectItem item)
    {
        Write(item.Expression);
        if (item.Alias is not null)
            Add(" AS ").WriteName(item.Alias);
    }

    private void Write(NamedWindow window)
    {
        WriteName(window.Name).Add(" AS ");
        WriteDefinition(window.Window);
    }

    private void Write(GroupingElement element)
    {
        GuardStack();
        switch (element)
        {
            case EmptyGroupingElement:
                Add("()");
                break;
            case GroupingExpressionElement single:
                Write(single.Expression);
                break;
            case GroupingListElement list:
                WriteParenthesized(list.Expressions, Write);
                break;
            case GroupingSetElement set:
                Add(set.Kind switch
                {
                    GroupingSetKind.Rollup => "ROLLUP ", GroupingSetKind.Cube => "CUBE ", _ => "GROUPING SETS ",
                });
                WriteParenthesized(set.Items, Write);
                break;
            default:
                Invariant.Holds(false, $"no way to print a {element.GetType().Name}");
                break;
        }
    }
}
