using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Makes constants of literals' text.</summary>
internal static class LiteralReader
{
    /// <summary>The text as a value of the type, by its input function.</summary>
    /// <exception cref="SqlException">The text is not a value of the type; at the literal's place.</exception>
    internal static ScalarExpression Read(string? text, SqlType type, int position, FormatContext format)
    {
        PhysicalType physical = BuiltinTypes.PhysicalOf(type.Oid);
        if (text is null)
            return ConstantExpression.Null(type, physical);
        if (NeedsSession(type.Oid))
            return new TextCastExpression(type, Text(text)) { Form = CallForm.Constant };
        ColumnBuilder builder = ColumnBuilder.Create(physical, 1);
        try
        {
            TypeFormats.For(type.Oid).ReadText(Encoding.UTF8.GetBytes(text), type.Modifier, builder, format);
        }
        catch (SqlException error)
        {
            throw error.At(position);
        }
        return new ConstantExpression(type, builder.Build().Broadcast(0, 1));
    }

    internal static ConstantExpression Text(string text) => Of(SqlType.Text, text);

    internal static ConstantExpression Of(SqlType type, string text) =>
        new(type, BinaryColumn.Constant(Encoding.UTF8.GetBytes(text), 1));

    internal static ConstantExpression Bool(bool value) => new(SqlType.Bool, BoolColumn.Constant(value, 1));

    internal static ConstantExpression Int4(int value) => new(SqlType.Int4, FixedColumn<int>.Constant(value, 1));

    internal static ConstantExpression Int8(long value) => new(SqlType.Int8, FixedColumn<long>.Constant(value, 1));

    /// <summary>An integer literal: int4, int8 or numeric, the first that holds it.</summary>
    internal static ScalarExpression Integer(string digits, int position, FormatContext format)
    {
        if (int.TryParse(digits, out int small))
            return Int4(small);
        return long.TryParse(digits, out long large) ? Int8(large) : Read(digits, SqlType.Numeric, position, format);
    }

    /// <summary>Names of objects are looked up when the statement runs, in the catalog of then.</summary>
    internal static bool NeedsSession(uint type) => type is TypeOid.RegClass or TypeOid.RegType or TypeOid.RegProc
        or TypeOid.RegProcedure or TypeOid.RegOper or TypeOid.RegOperator or TypeOid.RegNamespace or TypeOid.RegRole
        or TypeOid.RegCollation || (BuiltinTypes.ElementOf(type) is var element and not 0 && NeedsSession(element));
}
