using System.Collections.Immutable;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Arrow;

/// <summary>Parameters of a prepared statement out of Arrow's rows.</summary>
public static class ArrowParameters
{
    /// <summary>Of a column of one value, beside the bytes of its text.</summary>
    private const long ValueBytes = 128;

    /// <summary>A row's values, one constant column for each parameter, by their order.</summary>
    /// <exception cref="SqlException">08P01: there are more or fewer fields than parameters. Or a value does not fit its parameter's
    /// type.</exception>
    public static Column[] Read(ArrowBatch batch, int row, ImmutableArray<SqlType> types, FormatContext context)
    {
        if (batch.Columns.Count != types.Length)
        {
            throw new SqlException(SqlState.ProtocolViolation,
                $"{batch.Columns.Count} fields of parameters were given for a statement of {types.Length} parameters");
        }
        Column[] values = new Column[types.Length];
        for (int i = 0; i < values.Length; i++)
        {
            ArrowIntake intake = new(batch.Schema.Fields[i], types[i], $"parameter ${i + 1}", context);
            values[i] = intake.Read(batch.Columns[i], row, 1, rowsBefore: 0).Broadcast(0, 1);
        }
        return values;
    }

    /// <summary>How much memory a row's values take at least, before they are read: its texts may be long where the message is short.</summary>
    public static long BytesOf(ArrowBatch batch, int row) =>
        ArrowChunks.BytesOf(batch.Columns, row, 1) + (batch.Columns.Count * ValueBytes);

    /// <summary>About how much memory values take that were read.</summary>
    public static long BytesOf(Column[] values)
    {
        long bytes = 0;
        foreach (Column value in values)
            bytes += ValueBytes + (value is BinaryColumn binary && !binary.IsNull(0) ? binary[0].Length : 0);
        return bytes;
    }

    /// <summary>The fields that parameters of these types are given as.</summary>
    public static ArrowSchema SchemaOf(ImmutableArray<SqlType> types, FormatContext context)
    {
        ArrowForms forms = new(context);
        return new ArrowSchema(
            [.. types.Select((type, i) => ArrowForms.FieldOf($"${i + 1}", type, forms.Of(type)))], []);
    }
}
