using System.Globalization;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Questions about catalog objects, asked of the engine by name with the arguments' text.</summary>
internal static class CatalogInformationFunctions
{
    public static void Define(FunctionTable table)
    {
        foreach (FunctionEntry function in FunctionRegistry.CatalogInformation)
            table.Site(function.Implementation, site => new Described(function.Name, site));
        table.Site("format_type", static site => new Described("format_type", site));
    }

    private sealed class Described(string name, CallSite site) : VectorFunction
    {
        public override Column Evaluate(ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
        {
            ColumnBuilder results = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(site.Result.Oid), rowCount);
            TypeFormat format = TypeFormats.For(site.Result.Oid);
            var row = new Row(arguments, context);
            var texts = new string?[arguments.Length];
            for (int i = 0; i < rowCount; i++)
            {
                row.Index = i;
                string? answer = !validity.IsAbsent && !validity[i] ? null : Ask(in row, texts);
                if (answer is null)
                    results.AppendNull();
                else
                    format.ReadText(Encoding.UTF8.GetBytes(answer), -1, results, context.Format);
            }
            return results.Build();
        }

        private string? Ask(in Row row, string?[] texts)
        {
            for (int i = 0; i < texts.Length; i++)
            {
                SqlType type = site.Arguments[i];
                texts[i] = row.IsNull(i)
                    ? null
                    : IsObjectId(type)
                        ? row.Int8(i).ToString(CultureInfo.InvariantCulture)
                        : Encoding.UTF8.GetString(row.Output(i, type));
            }
            return row.Context.Session.CatalogFunctions.Describe(name, texts);
        }

        /// <summary>oid and the reg types go over as numbers, not names.</summary>
        private static bool IsObjectId(SqlType type) =>
            BuiltinTypes.PhysicalOf(type.Oid) == PhysicalType.Int64 && type.Oid != TypeOid.Int8 && BuiltinTypes.Find(type.Oid).Category == 'N';
    }
}
