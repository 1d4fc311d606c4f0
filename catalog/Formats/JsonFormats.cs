using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

/// <summary>json: text that is checked and kept as it is.</summary>
internal sealed class JsonFormat : TextFormat
{
    protected override void Append(ReadOnlySpan<byte> text, int modifier, BinaryColumnBuilder target)
    {
        JsonValue.Check(text);
        target.Append(text);
    }
}

/// <summary>jsonb: normalised.</summary>
internal sealed class JsonbFormat() : VersionedTextFormat("unsupported jsonb version number ")
{
    protected override void Append(ReadOnlySpan<byte> utf8, BinaryColumnBuilder target) => JsonValue.AppendNormalized(utf8, target);
}
