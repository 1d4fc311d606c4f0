using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>Columns whose vectors come behind the statements, by embed_mode = async.</summary>
internal static class DeferredColumns
{
    /// <exception cref="SqlException">The column's values cannot come later.</exception>
    internal static void Check(TableEntry table, ColumnEntry column)
    {
        if (!table.IsDeferred(column))
            return;
        if (column.IsNotNull)
        {
            throw new SqlException(SqlState.InvalidTableDefinition,
                $"column \"{column.Name}\" of relation \"{table.Name}\" cannot be NOT NULL, since with embed_mode = async it is null until it is computed");
        }
        if (InputOf(column) is null)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"column \"{column.Name}\" of relation \"{table.Name}\" is not computed by one call of embed(), as embed_mode = async needs");
        }
    }

    /// <summary>The text that is embedded, as SQL over the table; null where the column is not made by one call.</summary>
    internal static string? InputOf(ColumnEntry column)
    {
        FunctionCall[] calls = [.. SyntaxWalk.All(SqlParser.ParseExpression(column.DefaultSql ?? "NULL"))
            .OfType<FunctionCall>().Where(static call => call.Name.Name == "embed")];
        return calls is [{ Arguments: [_, var input, ..] }] ? SqlPrinter.Print(input.Value) : null;
    }
}
