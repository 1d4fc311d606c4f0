using System.Buffers.Binary;
using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions.Text;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Arrays: shape, comparison, containment, building, searching, text.</summary>
internal static class ArrayFunctions
{
    public static void Define(FunctionTable table)
    {
        DefineShape(table);
        DefineComparisons(table);
        DefineBuilding(table);
        DefineSearch(table);
        DefineText(table);
    }

    private static void DefineShape(FunctionTable table)
    {
        table.Nullable<int>("array_ndims", static (in Row row) =>
            row.Array(0).Dimensions is > 0 and var n ? n : null, isTotal: true);
        table.Nullable<int>("array_length", static (in Row row) =>
            Has(row.Array(0), row.Int4(1)) ? row.Array(0).Length(row.Int4(1) - 1) : null, isTotal: true);
        table.Nullable<int>("array_lower", static (in Row row) =>
            Has(row.Array(0), row.Int4(1)) ? row.Array(0).LowerBound(row.Int4(1) - 1) : null, isTotal: true);
        table.Nullable<int>("array_upper", static (in Row row) => Has(row.Array(0), row.Int4(1))
            ? row.Array(0).LowerBound(row.Int4(1) - 1) + row.Array(0).Length(row.Int4(1) - 1) - 1
            : null, isTotal: true);
        table.Fixed("array_cardinality", static (in Row row) => row.Array(0).Count, isTotal: true);
        table.Binary("array_dims", static (in Row row, BinaryColumnBuilder target) =>
        {
            ArrayValue array = row.Array(0);
            var text = new StringBuilder();
            for (int i = 0; i < array.Dimensions; i++)
                text.Append('[').Append(
                    array.LowerBound(i)).Append(':').Append(array.LowerBound(i) + array.Length(i) - 1).Append(']');
            if (text.Length == 0)
                target.AppendNull();
            else
                target.Append(text.ToString());
        });

        static bool Has(ArrayValue array, int dimension) => dimension >= 1 && dimension <= array.Dimensions;
    }

    private static void DefineComparisons(FunctionTable table)
    {
        foreach ((string suffix, ComparisonKind kind) in ComparisonNames.All)
        {
            table.Bool("array_" + suffix, (in Row row) =>
                kind.Holds(ValueOrder.CompareArrays(row.Bytes(0), row.Bytes(1))), isTotal: true);
            table.Bool("record_" + suffix, (in Row row) =>
                kind.Holds(ValueOrder.CompareRecords(row.Bytes(0), row.Bytes(1))));
        }
        table.Fixed("btarraycmp", static (in Row row) =>
            Math.Sign(ValueOrder.CompareArrays(row.Bytes(0), row.Bytes(1))));
        table.Binary("oidvectortypes", static (in Row row, BinaryColumnBuilder target) => AppendTypeNames(in row, target));
        table.Bool("oidvectoreq", static (in Row row) =>
            ValueOrder.CompareArrays(row.Bytes(0), row.Bytes(1)) == 0, isTotal: true);
        table.Bool("oidvectorne", static (in Row row) =>
            ValueOrder.CompareArrays(row.Bytes(0), row.Bytes(1)) != 0, isTotal: true);
        table.Bool("arrayoverlap", static (in Row row) => CountCommon(row.Array(0), row.Array(1)) > 0);
        table.Bool("arraycontains", static (in Row row) =>
            CountCommon(row.Array(1), row.Array(0)) == row.Array(1).Count);
        table.Bool("arraycontained", static (in Row row) =>
            CountCommon(row.Array(0), row.Array(1)) == row.Array(0).Count);
    }

    private static void AppendTypeNames(in Row row, BinaryColumnBuilder target)
    {
        ArrayValue types = row.Array(0);
        var names = new string[types.Count];
        for (int i = 0; i < names.Length; i++)
            names[i] = row.Context.Session.CatalogFunctions.NameOf("regtype", (uint)BinaryPrimitives.ReadInt64LittleEndian(types[i]));
        target.Append(string.Join(", ", names));
    }

    /// <summary>How many elements of an array are in the other one; a null is in none.</summary>
    private static int CountCommon(ArrayValue left, ArrayValue right)
    {
        if (left.ElementOid != right.ElementOid)
            throw new SqlException(SqlState.DatatypeMismatch, "cannot compare arrays of different element types");
        ValueOrder order = ValueOrder.Of(new SqlType(left.ElementOid));
        Column x = left.ToColumn(), y = right.ToColumn();
        int count = 0;
        for (int i = 0; i < x.Length; i++)
        {
            for (int j = 0; j < y.Length && !x.IsNull(i); j++)
            {
                if (y.IsNull(j) || order.Compare(x, i, y, j) != 0)
                    continue;
                count++;
                break;
            }
        }
        return count;
    }

    private static void DefineBuilding(FunctionTable table)
    {
        table.Site("array_append", static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            Arrays.Extend(in row, 0, 1, isAtEnd: true, site, target)));
        table.Site("array_prepend", static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            Arrays.Extend(in row, 1, 0, isAtEnd: false, site, target)));
        table.Binary("array_cat", static (in Row row, BinaryColumnBuilder target) =>
        {
            if (row.IsNull(0) || row.IsNull(1))
                target.AppendFrom(row.Column(row.IsNull(0) ? 1 : 0), row.Index);
            else
                Arrays.Concatenate(row.Bytes(0), row.Bytes(1), target);
        });
        table.Binary("array_remove", static (in Row row, BinaryColumnBuilder target) =>
            Arrays.Replace(in row, isRemoval: true, target));
        table.Binary("array_replace", static (in Row row, BinaryColumnBuilder target) =>
            Arrays.Replace(in row, isRemoval: false, target));
        table.Binary("trim_array", static (in Row row, BinaryColumnBuilder target) =>
            Arrays.Trim(row.Array(0), row.Int4(1), target));
        table.Site("array_fill", static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            Arrays.Fill(in row, site.Arguments[0], target)));
        table.Site("array_fill_with_lower_bounds", static site =>
            RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            Arrays.Fill(in row, site.Arguments[0], target)));
    }

    private static void DefineSearch(FunctionTable table)
    {
        table.Nullable<int>("array_position", static (in Row row) => Arrays.Position(in row, start: null));
        table.Nullable<int>("array_position_start", static (in Row row) =>
            row.IsNull(2) ? throw new SqlException(SqlState.NullValueNotAllowed, "initial position must not be null")
                : Arrays.Position(in row, row.Int4(2)));
        table.Site("width_bucket_array", static site =>
        {
            ValueOrder order = ValueOrder.Of(site.Arguments[0]);
            return RowFunctions.Fixed((in Row row) => Arrays.WidthBucket(in row, order));
        });
        table.Binary("array_positions", static (in Row row, BinaryColumnBuilder target) =>
            Arrays.Positions(in row, target));
    }

    private static void DefineText(FunctionTable table)
    {
        table.Binary("array_to_text", static (in Row row, BinaryColumnBuilder target) =>
            Join(row.Array(0), row.Text(1), null, row.Context, target));
        table.Binary("array_to_text_null", static (in Row row, BinaryColumnBuilder target) =>
        {
            if (row.IsNull(0) || row.IsNull(1))
                target.AppendNull();
            else
                Join(row.Array(0), row.Text(1), row.IsNull(2) ? null : row.Text(2), row.Context, target);
        });
        table.Binary("text_to_array", static (in Row row, BinaryColumnBuilder target) => SplitToArray(in row, target));
        table.Binary("text_to_array_null", static (in Row row, BinaryColumnBuilder target) =>
            SplitToArray(in row, target));
        table.Binary("regexp_split_to_array_no_flags", static (in Row row, BinaryColumnBuilder target) =>
            AppendTexts(TextSplitting.ByRegex(in row, new RegexCache(), "regexp_split_to_array()"), target));
        table.Site("regexp_split_to_array", static _ =>
        {
            var cache = new RegexCache();
            return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
                AppendTexts(TextSplitting.ByRegex(in row, cache, "regexp_split_to_array()"), target));
        });
        foreach (string name in (string[])["regexp_match_no_flags", "regexp_match"])
        {
            table.Site(name, static _ =>
            {
                var cache = new RegexCache();
                return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
                {
                    CompiledRegex regex = cache.Get(row.Bytes(1), MatchOptions(in row));
                    System.Text.RegularExpressions.Match match = regex.Match(row.Text(0));
                    if (match.Success)
                        AppendTexts(TextSplitting.PartsOf(match), target);
                    else
                        target.AppendNull();
                });
            });
        }
    }

    private static string MatchOptions(in Row row)
    {
        string options = row.Count > 2 ? row.Text(2) : "";
        if (!options.Contains('g'))
            return options;
        throw new SqlException(SqlState.InvalidParameterValue, "regexp_match() does not support the \"global\" option",
            hint: "Use the regexp_matches function instead.");
    }

    private static void SplitToArray(in Row row, BinaryColumnBuilder target)
    {
        if (row.IsNull(0))
            target.AppendNull();
        else
            AppendTexts(TextSplitting.BySeparator(in row), target);
    }

    private static void AppendTexts(IEnumerable<string?> texts, BinaryColumnBuilder target)
    {
        var array = new ArrayBuilder(TypeOid.Text);
        foreach (string? text in texts)
        {
            if (text is null)
                array.Elements.AppendNull();
            else
                ((BinaryColumnBuilder)array.Elements).Append(text);
        }
        array.AppendTo(target);
    }

    private static void Join(
        ArrayValue array, string separator, string? nullText, EvaluationContext context, BinaryColumnBuilder target)
    {
        var text = new StringBuilder();
        Column elements = array.ToColumn();
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        Catalog.Formats.TypeFormat format = Catalog.Formats.TypeFormats.For(array.ElementOid);
        bool isFirst = true;
        for (int i = 0; i < array.Count; i++)
        {
            if (elements.IsNull(i) && nullText is null)
                continue;
            if (!isFirst)
                text.Append(separator);
            isFirst = false;
            if (elements.IsNull(i))
            {
                text.Append(nullText);
                continue;
            }
            output.ResetWrittenCount();
            format.WriteText(elements, i, output, context.Format);
            text.Append(Encoding.UTF8.GetString(output.WrittenSpan));
        }
        target.Append(text.ToString());
    }
}
