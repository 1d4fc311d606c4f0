using System.Collections;
using System.Globalization;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Engine.Introspection;

/// <summary>Builds batches from values of ordinary .NET types, by the column's SQL type.</summary>
internal sealed class SystemRowBuilder
{
    private readonly TypeEntry[] _types;
    private readonly BatchBuilder _batch;

    private readonly IObjectNames? _names;

    /// <param name="names">Put into texts in the places of their marks; null where there are none.</param>
    internal SystemRowBuilder(IEnumerable<uint> types, IObjectNames? names = null)
    {
        _names = names;
        _types = [.. types.Select(BuiltinTypes.Find)];
        _batch = new BatchBuilder([.. _types.Select(type => type.Physical)]);
    }

    internal void Append(int ordinal, object? value)
    {
        ColumnBuilder column = _batch.Columns[ordinal];
        TypeEntry type = _types[ordinal];
        switch (column)
        {
            case var _ when value is null:
                column.AppendNull();
                break;
            case BoolColumnBuilder bools:
                bools.Append((bool)value);
                break;
            case FixedColumnBuilder<short> shorts:
                shorts.Append(value is char c ? (short)c : Convert.ToInt16(value, CultureInfo.InvariantCulture));
                break;
            case FixedColumnBuilder<int> ints:
                ints.Append(Convert.ToInt32(value, CultureInfo.InvariantCulture));
                break;
            case FixedColumnBuilder<long> longs:
                longs.Append(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case FixedColumnBuilder<float> floats:
                floats.Append(Convert.ToSingle(value, CultureInfo.InvariantCulture));
                break;
            case FixedColumnBuilder<double> doubles:
                doubles.Append(Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case BinaryColumnBuilder binary when IsPlainText(type.Oid):
                binary.Append(Encoding.UTF8.GetBytes(Named(Text(value))));
                break;
            default:
                TypeFormats.For(type.Oid).ReadText(Encoding.UTF8.GetBytes(Named(Text(value))), -1, column, FormatContext.Default);
                break;
        }
    }

    /// <returns>A full batch; null while there is room.</returns>
    internal ColumnBatch? EndRow()
    {
        _batch.EndRow();
        return _batch.RowCount >= ColumnBatch.RowsMax ? _batch.Build() : null;
    }

    internal ColumnBatch? Finish() => _batch.RowCount > 0 ? _batch.Build() : null;

    /// <summary>What a NOT NULL column holds where nothing is known: zero, false, an empty text or array.</summary>
    internal static object EmptyOf(uint typeOid)
    {
        TypeEntry type = BuiltinTypes.Find(typeOid);
        if (type.IsArray)
            return "{}";
        return type.Physical switch
        {
            PhysicalType.Bool => false,
            PhysicalType.Binary => "",
            PhysicalType.Fixed16 => "0",
            _ => 0,
        };
    }

    private static bool IsPlainText(uint typeOid) => typeOid is TypeOid.Text or TypeOid.Name or TypeOid.VarChar
        or TypeOid.PgNodeTree or TypeOid.AclItem or TypeOid.BpChar;

    private string Named(string text) => _names is null ? text : CatalogMark.Resolve(text, _names);

    private static string Text(object value) => value switch
    {
        string text => text,
        IEnumerable list => "{" + string.Join(',', list.Cast<object?>().Select(Element)) + "}",
        _ => RowFilter.Number(value),
    };

    private static string Element(object? value) => value switch
    {
        null => "NULL",
        string text => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"",
        char c => c.ToString(),
        _ => RowFilter.Number(value),
    };

    /// <summary>Numbers as int2vector and oidvector write them.</summary>
    internal static string Vector<T>(IEnumerable<T> numbers) where T : notnull =>
        string.Join(' ', numbers.Select(number => RowFilter.Number(number)));
}
