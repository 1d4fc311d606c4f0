using VecSQL.Catalog.Types;
using VecSQL.Engine.Sessions;

namespace VecSQL.Server.Commands;

/// <summary>Prints a result as psql does: aligned columns, numbers to the right. Long values are cut.</summary>
internal static class TablePrinter
{
    public static void Print(TextResult result, TextWriter output, int widthMax)
    {
        string[][] rows = result.Rows.Select(row => row.Select(value => Cut(value ?? "", widthMax)).ToArray()).ToArray();
        int[] widths = result.Columns
            .Select((column, i) => rows.Select(row => row[i].Length).Append(column.Name.Length).Max()).ToArray();
        output.WriteLine(string.Join('|', result.Columns.Select((column, i) => $" {Center(column.Name, widths[i])} ")));
        output.WriteLine(string.Join('+', widths.Select(width => new string('-', width + 2))));
        foreach (string[] row in rows)
            output.WriteLine(string.Join('|', row.Select((value, i) => $" {Align(value, widths[i], IsNumber(result.Columns[i]))} ")).TrimEnd());
    }

    private static bool IsNumber(ResultColumnInfo column) =>
        BuiltinTypes.TryFind(column.Type.Oid, out TypeEntry? type) && type.Category == 'N';

    private static string Cut(string value, int widthMax) => value.Length <= widthMax ? value : value[..(widthMax - 3)] + "...";

    private static string Center(string value, int width) => value.PadLeft((width + value.Length) / 2).PadRight(width);

    private static string Align(string value, int width, bool toRight) => toRight ? value.PadLeft(width) : value.PadRight(width);
}
