using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Json;

namespace VecSQL.Executor.Functions.Families;

/// <summary>json[b]_to_record, json[b]_populate_record, and those of sets.</summary>
/// <remarks>A column definition list comes as a row of nulls behind the arguments.</remarks>
internal static class JsonRecordFunctions
{
    public static void Define(FunctionTable table)
    {
        foreach (string type in (string[])["json", "jsonb"])
        {
            table.Site(type + "_to_record", site => RowFunctions.Binary(Make(Arguments.Of(type + "_to_record", site))));
            string populate = type + "_populate_record";
            table.Site(populate, site => RowFunctions.Binary(Make(Arguments.Of(populate, site))));
        }
    }

    private static BinaryRowFunction Make(Arguments arguments) => (in Row row, BinaryColumnBuilder target) =>
    {
        ReadOnlySpan<byte> given = arguments.Given is { } at && !row.IsNull(at) ? row.Bytes(at) : default;
        ReadOnlySpan<byte> wanted = arguments.Wanted is { } last ? row.Bytes(last) : default;
        if (row.IsNull(arguments.Json))
        {
            if (given.IsEmpty)
                target.AppendNull();
            else
                target.Append(given);
            return;
        }
        arguments.Records.Append(row.Bytes(arguments.Json), given, wanted, target, row.Context);
    };

    /// <summary>Which argument is what.</summary>
    /// <param name="Given">The row that lends its type and values; null where there is none.</param>
    /// <param name="Wanted">The column definition list; null where there is none.</param>
    internal sealed record Arguments(JsonRecords Records, int Json, int? Given, int? Wanted)
    {
        /// <exception cref="SqlException">42804: not a row.</exception>
        internal static Arguments Of(string function, CallSite site)
        {
            bool populates = function.Contains("populate", StringComparison.Ordinal);
            int? wanted = site.Arguments.Count > (populates ? 2 : 1) && site.Arguments[^1].Oid == TypeOid.Record ? site.Arguments.Count - 1 : null;
            if (populates && site.Arguments[0].Oid != TypeOid.Record)
                throw new SqlException(SqlState.DatatypeMismatch, $"first argument of {function} must be a row type");
            return new Arguments(new JsonRecords(function), populates ? 1 : 0, populates ? 0 : null, wanted);
        }
    }
}
