using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>The errors that several formats raise.</summary>
internal static class FormatErrors
{
    internal static SqlException Syntax(string type, ReadOnlySpan<byte> text, string? detail = null) =>
        new(SqlState.InvalidTextRepresentation, $"invalid input syntax for type {type}: \"{Text(text)}\"")
        {
            Detail = detail,
        };

    internal static SqlException OutOfRange(string type, ReadOnlySpan<byte> text) =>
        new(SqlState.NumericValueOutOfRange, $"value \"{Text(text)}\" is out of range for type {type}");

    internal static SqlException Unreadable(string type) =>
        new(SqlState.FeatureNotSupported, $"cannot accept a value of type {type}");

    internal static SqlException Unprintable(string type) =>
        new(SqlState.FeatureNotSupported, $"cannot display a value of type {type}");

    internal static SqlException BadBinary(string message) => new(SqlState.InvalidBinaryRepresentation, message);

    internal static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
