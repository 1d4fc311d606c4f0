using System.Text;
using VecSQL.Catalog.Paths;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

/// <summary>jsonpath: kept as PostgreSQL shows it.</summary>
internal sealed class JsonPathFormat() : VersionedTextFormat("unsupported jsonpath version number: ")
{
    protected override void Append(ReadOnlySpan<byte> utf8, BinaryColumnBuilder target) =>
        target.Append(Encoding.UTF8.GetBytes(JsonPath.Parse(Encoding.UTF8.GetString(utf8)).ToString()));
}
