using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Enumerated types. Their values compare as the numbers that stand for them.</summary>
internal static class EnumFunctions
{
    public static void Define(FunctionTable table)
    {
        IntegerFunctions.Compare<long>(table, "enum_");
        table.Fixed("enum_cmp", static (in Row row) => row.Int8(0).CompareTo(row.Int8(1)), isTotal: true);
        table.Fixed("enum_smaller", static (in Row row) => Math.Min(row.Int8(0), row.Int8(1)), isTotal: true);
        table.Fixed("enum_larger", static (in Row row) => Math.Max(row.Int8(0), row.Int8(1)), isTotal: true);
        table.Site("enum_first", static site => RowFunctions.Fixed((in Row row) => End(in row, site.Result.Oid, isFirst: true)));
        table.Site("enum_last", static site => RowFunctions.Fixed((in Row row) => End(in row, site.Result.Oid, isFirst: false)));
        table.Site("enum_range_all", static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            Range(in row, site.Result.Oid, null, null, target)));
        table.Site("enum_range_bounds", static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            Range(in row, site.Result.Oid, row.IsNull(0) ? null : row.Int8(0), row.IsNull(1) ? null : row.Int8(1), target)));
    }

    private static long End(in Row row, uint typeOid, bool isFirst)
    {
        EnumTypeEntry type = TypeOf(in row, typeOid);
        return type.Labels.Length > 0
            ? Usable(in row, type, type.Labels[isFirst ? 0 : ^1])
            : throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
                $"enum {CatalogMark.OfType(typeOid)} contains no values");
    }

    private static void Range(in Row row, uint arrayType, long? first, long? last, BinaryColumnBuilder target)
    {
        EnumTypeEntry type = TypeOf(in row, BuiltinTypes.ElementOf(arrayType));
        var array = new ArrayBuilder(type.Oid);
        foreach (EnumLabel label in type.Labels)
        {
            if (label.Key >= (first ?? label.Key) && label.Key <= (last ?? label.Key))
                ((FixedColumnBuilder<long>)array.Elements).Append(Usable(in row, type, label));
        }
        array.AppendTo(target);
    }

    private static EnumTypeEntry TypeOf(in Row row, uint oid) => row.Context.Format.Names?.FindType(oid) as EnumTypeEntry
        ?? throw new SqlException(SqlState.UndefinedObject, $"type with OID {oid} does not exist");

    private static long Usable(in Row row, EnumTypeEntry type, EnumLabel label) =>
        row.Context.Format.Names?.MayUse(type, label) == false ? throw EnumTypeEntry.UnsafeUse(type, label) : label.Key;
}
