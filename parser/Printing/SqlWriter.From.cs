using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void Write(TableReference table)
    {
        GuardStack();
        switch (table)
        {
            case NamedTable named:
                Write(named);
                break;
            case DerivedTable derived:
                WriteIf(derived.IsLateral, "LATERAL ");
                WriteGroup(derived.Query);
                WriteAlias(derived.Alias);
                break;
            case FunctionTable function:
                Write(function);
                break;
            case JoinedTable join:
                Write(join);
                break;
            default:
                Invariant.Holds(false, $"no way to print a {table.GetType().Name}");
                break;
        }
    }

    private void WriteAlias(TableAlias? alias)
    {
        if (alias is null)
            return;
        Add(" AS ");
        WriteAlias(alias.Name, alias.Columns);
    }

    private void WriteAlias(string name, ValueList<string> columns) => WriteName(name).WriteOptionalNames(columns);

    private void Write(NamedTable table)
    {
        WriteIf(table.IsOnly, "ONLY ");
        Write(table.Name);
        WriteAlias(table.Alias);
        if (table.Sample is null)
            return;
        Add(" ");
        Write(table.Sample);
    }

    private void Write(TableSample sample)
    {
        Add("TABLESAMPLE ").WriteName(sample.Method).WriteParenthesized(sample.Arguments, Write);
        if (sample.Seed is null)
            return;
        Add(" REPEATABLE (");
        Write(sample.Seed);
        Add(")");
    }

    private void Write(FunctionTable table)
    {
        WriteIf(table.IsLateral, "LATERAL ");
        if (table.IsRowsFrom)
        {
            Add("ROWS FROM ").WriteParenthesized(table.Functions, Write);
            WriteIf(table.WithOrdinality, " WITH ORDINALITY");
            WriteAlias(table.Alias);
            return;
        }
        TableFunction function = table.Functions[0];
        WriteCall(function.Call);
        WriteIf(table.WithOrdinality, " WITH ORDINALITY");
        if (function.ColumnDefinitions.IsEmpty)
        {
            WriteAlias(table.Alias);
            return;
        }
        Add(" AS ");
        if (table.Alias is not null)
            WriteName(table.Alias.Name);
        WriteParenthesized(function.ColumnDefinitions, Write);
    }

    private void Write(TableFunction function)
    {
        WriteCall(function.Call);
        if (!function.ColumnDefinitions.IsEmpty)
            Add(" AS ").WriteParenthesized(function.ColumnDefinitions, Write);
    }

    /// <summary>An expression that must look like a call.</summary>
    private void WriteCall(Expression call)
    {
        if (call is not CastExpression cast)
        {
            Write(call);
            return;
        }
        Add("CAST(");
        Write(cast.Operand);
        Add(" AS ");
        Write(cast.Type);
        Add(")");
    }

    private void Write(FunctionColumn column)
    {
        WriteName(column.Name).Add(" ");
        Write(column.Type);
    }

    private void Write(JoinedTable join)
    {
        WriteIf(join.Alias is not null, "(");
        Write(join.Left);
        WriteIf(join.IsNatural, " NATURAL");
        Add(join.Kind switch
        {
            JoinKind.Left => " LEFT JOIN ",
            JoinKind.Right => " RIGHT JOIN ",
            JoinKind.Full => " FULL JOIN ",
            JoinKind.Cross => " CROSS JOIN ",
            _ => " JOIN ",
        });
        bool isNested = join.Right is JoinedTable { Alias: null };
        WriteIf(isNested, "(");
        Write(join.Right);
        WriteIf(isNested, ")");
        if (join.On is not null)
        {
            Add(" ON ");
            Write(join.On);
        }
        if (!join.Using.IsEmpty)
            Add(" USING ").WriteNames(join.Using);
        if (join.UsingAlias is not null)
            Add(" AS ").WriteName(join.UsingAlias);
        WriteIf(join.Alias is not null, ")");
        WriteAlias(join.Alias);
    }
}
