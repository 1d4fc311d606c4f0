using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Executor.Functions.Json;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Functions.Text;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Text made of other values: concat, format, quoting, names taken apart.</summary>
internal static class FormattingFunctions
{
    public static void Define(FunctionTable table)
    {
        table.Binary("quote_ident", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Quoting.Identifier(row.Text(0))));
        table.Binary("quote_literal", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Quoting.Literal(row.Text(0))));
        table.Binary("quote_nullable", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.IsNull(0) ? "NULL" : Quoting.Literal(row.Text(0))));
        table.Site("quote_literal_any", static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            target.Append(Quoting.Literal(OutputText(in row, 0, site)))));
        table.Site("quote_nullable_any", static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            target.Append(row.IsNull(0) ? "NULL" : Quoting.Literal(OutputText(in row, 0, site)))));
        table.Binary("parse_ident", static (in Row row, BinaryColumnBuilder target) => ParseIdentifier(in row, target));
        DefineCounts(table);
        table.Site("text_concat", static site => Concat(site));
        table.Site("text_concat_ws", static site => ConcatWithSeparator(site));
        table.Site("text_format", static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            Format(in row, target, new AnyArguments(site, 1))));
        table.Site("text_format_nv", static site => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            Format(in row, target, new AnyArguments(site, 1))));
    }

    private static string OutputText(in Row row, int argument, CallSite site) =>
        Encoding.UTF8.GetString(row.Output(argument, site.Arguments[argument]));

    private static VectorFunction Concat(CallSite site)
    {
        AnyArguments arguments = new AnyArguments(site, 0);
        return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
        {
            if (site.IsVariadicArray && row.IsNull(0))
            {
                target.AppendNull();
                return;
            }
            var result = new StringBuilder();
            foreach (string? text in arguments.Texts(in row))
                result.Append(text);
            target.Append(result.ToString());
        });
    }

    private static VectorFunction ConcatWithSeparator(CallSite site)
    {
        AnyArguments arguments = new AnyArguments(site, 1);
        return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
        {
            if (row.IsNull(0) || (site.IsVariadicArray && row.IsNull(1)))
                target.AppendNull();
            else
                target.Append(string.Join(row.Text(0), arguments.Texts(in row).Where(static text => text is not null)));
        });
    }

    private static void DefineCounts(FunctionTable table)
    {
        foreach (bool ofNulls in (bool[])[true, false])
        {
            table.Site(ofNulls ? "pg_num_nulls" : "pg_num_nonnulls", site => RowFunctions.Nullable<int>((in Row row) =>
            {
                if (site.IsVariadicArray && row.IsNull(site.Arguments.Count - 1))
                    return null;
                int count = 0;
                foreach (Column column in new AnyArguments(site).Columns(in row, out int at))
                    count += column.IsNull(at) == ofNulls ? 1 : 0;
                return count;
            }));
        }
    }

    private static void ParseIdentifier(in Row row, BinaryColumnBuilder target)
    {
        var names = new ArrayBuilder(TypeOid.Text);
        foreach (string name in Identifiers.Parse(row.Text(0), isStrict: row.Count < 2 || row.Bool(1)))
            ((BinaryColumnBuilder)names.Elements).Append(Encoding.UTF8.GetBytes(name));
        names.AppendTo(target);
    }

    private static void Format(in Row row, BinaryColumnBuilder target, AnyArguments arguments)
    {
        if (row.IsNull(0))
            target.AppendNull();
        else
            target.Append(FormatString.Apply(row.Text(0), arguments.Texts(in row)));
    }
}
