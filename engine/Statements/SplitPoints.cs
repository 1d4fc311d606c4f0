using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Introspection;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Shards;

namespace VecSQL.Engine.Statements;

/// <summary>Where the shards of a table begin that is divided by range: as SPLIT AT VALUES and the option split_at say, and as they are kept.</summary>
internal static class SplitPoints
{
    /// <summary>The points as an option lists them; null where it cannot be read.</summary>
    internal static ValueList<ValueList<Expression>>? Parse(string text)
    {
        if (text.Length == 0)
            return [];
        try
        {
            return SqlParser.Parse("VALUES " + text) is [QueryStatement { Query: { Body: ValuesBody body, OrderBy.IsEmpty: true, Limit: null, Offset: null, With: null } }]
                ? body.Rows : null;
        }
        catch (SqlException)
        {
            return null;
        }
    }

    /// <summary>The points as an option lists them.</summary>
    internal static string TextOf(ImmutableArray<RangeBound> bounds) => string.Join(", ", bounds.Select(static bound => bound.Text));

    /// <summary>A point as SQL.</summary>
    /// <param name="texts">Of the values of the first columns.</param>
    internal static string TextOf(SqlType[] types, string[] texts) => $"({string.Join(", ", texts.Select((text, i) => Literal(types[i], text)))})";

    /// <summary>The bounds that the points are for a key.</summary>
    /// <exception cref="SqlException">42P17, 42804 and what computing a value says: they are none.</exception>
    internal static ImmutableArray<RangeBound> Bounds(SessionState session, TableEntry table, ImmutableArray<short> key, ValueList<ValueList<Expression>> points)
    {
        var bounds = ImmutableArray.CreateBuilder<RangeBound>(points.Count);
        foreach (ValueList<Expression> point in points)
        {
            if (point.Count > key.Length)
            {
                throw new SqlException(SqlState.InvalidObjectDefinition,
                    $"split point of table \"{table.Name}\" has {point.Count} values, and the shard key has {key.Length} {(key.Length == 1 ? "column" : "columns")}",
                    point[key.Length].Position);
            }
            RangeBound bound = Bound(session, table, key, point);
            if (bounds.Count > 0 && bounds[^1].Key.AsSpan().SequenceCompareTo(bound.Key) is var order && order >= 0)
            {
                throw new SqlException(SqlState.InvalidObjectDefinition,
                    order == 0 ? $"split point {bound.Text} is given twice" : $"split point {bound.Text} is before the one that precedes it", point[0].Position)
                { Detail = $"It follows {bounds[^1].Text}.", Hint = "List split points in the order of the shard key." };
            }
            bounds.Add(bound);
        }
        return bounds.ToImmutable();
    }

    private static RangeBound Bound(SessionState session, TableEntry table, ImmutableArray<short> key, ValueList<Expression> point)
    {
        var values = new Column[point.Count];
        string[] texts = new string[point.Count];
        for (int i = 0; i < values.Length; i++)
        {
            ColumnEntry column = table.Column(key[i]);
            values[i] = Value(session, column, point[i]);
            if (values[i].IsNull(0))
                throw new SqlException(SqlState.InvalidObjectDefinition, "cannot specify NULL in a split point", point[i].Position);
            texts[i] = TextRows.Text(values[i], 0, column.Type, FormatContext.Default) ?? "";
        }
        SqlType[] types = [.. key.Select(number => table.Column(number).Type)];
        return new RangeBound(RowRouter.RangeKey(types, values), TextOf(types, texts));
    }

    private static Column Value(SessionState session, ColumnEntry column, Expression expression)
    {
        StoredExpressions.RefuseKinds(expression, "split points", "split point", allowsColumns: false);
        try
        {
            ScalarExpression value = QueryPlanner.BindConstant(expression, column.Type, Definitions.Context(session));
            return SessionExpressions.Evaluate(session, value).Expand();
        }
        catch (SqlException error) when (error.State == SqlState.DatatypeMismatch || error.State == SqlState.CannotCoerce)
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                $"specified value cannot be cast to type {BuiltinTypes.FormatType(column.Type)} for column \"{column.Name}\"", expression.Position);
        }
    }

    /// <summary>A value as a literal that means the same to every session.</summary>
    private static string Literal(SqlType type, string text) =>
        type.Oid is TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Numeric && decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out _)
            ? text : SqlPrinter.QuoteLiteral(text);
}
