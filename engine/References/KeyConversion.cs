using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Statements;
using VecSQL.Executor.Expressions;
using VecSQL.Parser;
using VecSQL.Planner;

namespace VecSQL.Engine.References;

/// <summary>How keys of the referring columns' types are compared with, and become, keys of the types that they refer to.</summary>
internal static class KeyConversion
{
    /// <summary>The operators that compare a referred-to column with a referring one, and two of each kind.</summary>
    /// <returns>Null where the types do not go together.</returns>
    internal static KeyOperators? Operators(SqlType referenced, SqlType referring)
    {
        if (referenced.Oid != referring.Oid && (UserTypeOid.IsUserMade(referenced.Oid) || UserTypeOid.IsUserMade(referring.Oid)))
            return null;
        uint left = Operand(referenced.Oid), right = Operand(referring.Oid);
        if (Equality(left, left) is not { } own)
            return null;
        if (Equality(left, right) is { } mixed && Equality(right, right) is { } others)
            return new KeyOperators(mixed, own, others);
        bool isImplicit = FunctionRegistry.FindCast(right, left) is { Context: CastContext.Implicit };
        return isImplicit ? new KeyOperators(own, own, own) : null;
    }

    /// <summary>Makes rows of referring values into keys of the other table's types; null where there is nothing to do.</summary>
    /// <remarks>A value that no value of the other type equals becomes null.</remarks>
    internal static Func<ColumnBatch, ColumnBatch>? Between(
        SessionState session, ImmutableArray<SqlType> referring, ImmutableArray<SqlType> referenced)
    {
        if (referring.Zip(referenced).All(static pair => Operand(pair.First.Oid) == Operand(pair.Second.Oid)))
            return null;
        TableEntry row = new(0, 0, "key")
        {
            Columns = [.. referring.Select((type, i) => new ColumnEntry((short)(i + 1), $"k{i + 1}", type))],
        };
        PlannerContext planning = Definitions.Context(session);
        VectorExpression[] values =
        [
            .. referenced.Select((type, i) => ExpressionCompiler.Compile(QueryPlanner.BindOverTable(
                SqlParser.ParseExpression(Conversion($"k{i + 1}", referring[i], type)), row, new SqlType(type.Oid), planning))),
        ];
        EvaluationContext evaluation = new() { Format = session.Format, Session = session.Services };
        return keys => new ColumnBatch([.. values.Select(value => value.Evaluate(keys, evaluation).Expand())], keys.RowCount);
    }

    private static string Conversion(string key, SqlType from, SqlType to)
    {
        string type = BuiltinTypes.FormatType(to.Oid, null);
        string? range = (from.Oid, to.Oid) switch
        {
            (TypeOid.Int4 or TypeOid.Int8, TypeOid.Int2) => "-32768 AND 32767",
            (TypeOid.Int8, TypeOid.Int4) => "-2147483648 AND 2147483647",
            _ => null,
        };
        if (range is not null)
            return $"CASE WHEN {key} BETWEEN {range} THEN CAST({key} AS {type}) END";
        bool isExact = Operand(from.Oid) == Operand(to.Oid)
            || FunctionRegistry.FindCast(from.Oid, to.Oid) is { Context: CastContext.Implicit };
        return isExact ? $"CAST({key} AS {type})" : $"CASE WHEN CAST({key} AS {type}) = {key} THEN CAST({key} AS {type}) END";
    }

    private static uint? Equality(uint left, uint right) => FunctionRegistry.FindOperator("=", left, right)?.Oid;

    /// <summary>The type whose operators compare values of the type.</summary>
    private static uint Operand(uint type) => type switch
    {
        TypeOid.VarChar => TypeOid.Text,
        _ when BuiltinTypes.ElementOf(type) != 0 => TypeOid.AnyArray,
        _ when UserTypeOid.IsEnum(type) => TypeOid.AnyEnum,
        _ => type,
    };
}

/// <summary>Oids of equality operators: between the two sides' types, and within each.</summary>
internal readonly record struct KeyOperators(uint Mixed, uint Referenced, uint Referring);
