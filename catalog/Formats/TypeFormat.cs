using System.Buffers;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

/// <summary>How values of a type are written as text and in PostgreSQL's binary form, and read back.</summary>
/// <remarks>
/// A format appends one value per call to a builder of the type's physical type, and writes one non-null row per call.
/// It checks all that it reads: bad text is 22P02 (22007 and 22008 for dates), out of range 22003, bad binary 22P03.
/// Threads: a format has no state.
/// </remarks>
public abstract class TypeFormat
{
    /// <summary>Reads a value's text form (the type's input function) and applies the type modifier.</summary>
    public abstract void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context);

    /// <summary>Writes a non-null row's text form (the type's output function).</summary>
    public abstract void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context);

    /// <summary>How many bytes <see cref="WriteText"/> writes of a value at most, and not many more than it does: for a fraction of what
    /// writing costs. Null where only writing tells.</summary>
    /// <param name="value">As columns of type Binary and arrays have it. What a type of fixed width says is the same for all values.</param>
    public virtual int? TextBytesMax(ReadOnlySpan<byte> value) => null;

    /// <summary>Reads a value's binary form (the type's receive function) and applies the type modifier.</summary>
    public abstract void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target,
        FormatContext context);

    /// <summary>Writes a non-null row's binary form (the type's send function), without a length.</summary>
    public abstract void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context);
}
