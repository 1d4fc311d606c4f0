using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Tests.Expressions;

/// <summary>Short words for expressions and columns in tests.</summary>
internal static class Build
{
    public static readonly EvaluationContext Context = new()
    {
        Format = FormatContext.Default,
        Session = FakeSession.Instance,
    };

    public static InputExpression Input(SqlType type, int ordinal) => new(type, ordinal);

    /// <summary>A literal by its text form; null for NULL.</summary>
    public static ConstantExpression Constant(SqlType type, string? text)
    {
        PhysicalType physical = BuiltinTypes.PhysicalOf(type.Oid);
        if (text is null)
            return ConstantExpression.Null(type, physical);
        return new ConstantExpression(type, Column(type, text).Broadcast(0, 1));
    }

    /// <summary>A column of values by their text forms.</summary>
    public static Column Column(SqlType type, params string?[] texts)
    {
        ColumnBuilder builder = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(type.Oid));
        foreach (string? text in texts)
        {
            if (text is null)
                builder.AppendNull();
            else
                TypeFormats.For(type.Oid).ReadText(Encoding.UTF8.GetBytes(text), type.Modifier, builder,
                    FormatContext.Default);
        }
        return builder.Build();
    }

    public static ColumnBatch Batch(params Column[] columns) => new(columns, columns[0].Length);

    /// <summary>A call of the function with that implementation name; the argument types must be its own.</summary>
    public static CallExpression Call(string implementation, params ScalarExpression[] arguments)
    {
        FunctionEntry entry = FunctionRegistry.Functions.First(function => function.Implementation == implementation);
        return new CallExpression(new SqlType(entry.Result), entry, ValueList.Create<ScalarExpression>(arguments));
    }

    public static FunctionEntry Function(string implementation) =>
        FunctionRegistry.Functions.First(function => function.Implementation == implementation);

    /// <summary>What the expression's rows print as, parted by spaces; a null row is <c>null</c>.</summary>
    public static string Run(ScalarExpression expression, params Column[] columns)
    {
        ColumnBatch batch = columns.Length == 0 ? new ColumnBatch([], 1) : Batch(columns);
        return Print(expression.Type, ExpressionCompiler.Compile(expression).Evaluate(batch, Context));
    }

    public static string Print(SqlType type, Column column)
    {
        var texts = new string[column.Length];
        for (int row = 0; row < texts.Length; row++)
            texts[row] = PrintRow(type, column, row) ?? "null";
        return string.Join(' ', texts);
    }

    public static string? PrintRow(SqlType type, Column column, int row)
    {
        if (column.IsNull(row))
            return null;
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        TypeFormats.For(type.Oid).WriteText(column, row, writer, FormatContext.Default);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }
}
