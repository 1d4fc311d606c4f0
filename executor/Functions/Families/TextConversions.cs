using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Casts among text types, and the length coercions of varchar(n) and char(n).</summary>
internal static class TextConversions
{
    public static void Define(FunctionTable table)
    {
        table.Binary("name_text", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Bytes(0)), isTotal: true);
        table.Binary("name_bpchar", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Bytes(0)), isTotal: true);
        table.Binary("text_name", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(CharacterLengths.FitName(row.Bytes(0))), isTotal: true);
        table.Binary("bpchar_name", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(CharacterLengths.FitName(CharacterLengths.TrimBpChar(row.Bytes(0)))), isTotal: true);
        table.Binary("rtrim1", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(CharacterLengths.TrimBpChar(row.Bytes(0))), isTotal: true);
        table.Binary("bpchar", static (in Row row, BinaryColumnBuilder target) => ToBpChar(in row, target));
        table.Binary("varchar", static (in Row row, BinaryColumnBuilder target) => target.Append(row.Int4(1) < 4
            ? row.Bytes(0)
            : CharacterLengths.FitVarChar(row.Bytes(0), row.Int4(1) - 4, row.Bool(2))));
        table.Fixed("text_char", static (in Row row) =>
            row.Bytes(0) is [var first, ..] ? (short)first : (short)0, isTotal: true);
        table.Binary("char_text", static (in Row row, BinaryColumnBuilder target) =>
            AppendChar(row.Int2(0), target), isTotal: true);
        table.Binary("char_bpchar", static (in Row row, BinaryColumnBuilder target) =>
            AppendChar(row.Int2(0), target), isTotal: true);
        table.Site("textanycat", static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            target.Append([.. row.Bytes(0), .. AsText(in row, 1, site)])));
        table.Site("anytextcat", static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            target.Append([.. AsText(in row, 0, site), .. row.Bytes(1)])));
    }

    /// <summary>What the cast to text gives: the output of every type but boolean, and char(n) without its blanks.</summary>
    private static ReadOnlySpan<byte> AsText(in Row row, int argument, CallSite site) =>
        site.Arguments[argument].Oid switch
        {
            TypeOid.Bool => row.Bool(argument) ? "true"u8 : "false"u8,
            TypeOid.BpChar => CharacterLengths.TrimBpChar(row.Bytes(argument)),
            _ => row.Output(argument, site.Arguments[argument]),
        };

    private static void ToBpChar(in Row row, BinaryColumnBuilder target)
    {
        int modifier = row.Int4(1);
        if (modifier < 4)
            target.Append(row.Bytes(0));
        else
            CharacterLengths.AppendBpChar(row.Bytes(0), modifier - 4, row.Bool(2), target);
    }

    private static void AppendChar(short value, BinaryColumnBuilder target)
    {
        if (value == 0)
            target.Append(ReadOnlySpan<byte>.Empty);
        else
            target.Append([(byte)value]);
    }
}
