using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace VecSQL.Bench.EndToEnd;

/// <summary>Rows of (id bigint, v vector(128)) in COPY's formats, made once and sent to every server.</summary>
internal static class VectorRows
{
    public const int Dimensions = 128;
    private const int RowsPerPiece = 500;
    private static readonly Dictionary<(int Rows, bool IsBinary), List<byte[]>> Made = [];

    /// <summary>The rows in pieces of some hundred kilobytes, with COPY's header and trailer in binary.</summary>
    public static List<byte[]> Get(int rows, bool isBinary)
    {
        if (!Made.TryGetValue((rows, isBinary), out List<byte[]>? pieces))
        {
            Made.Clear(); // one set at a time: they are large
            Made[(rows, isBinary)] = pieces = isBinary ? Binary(rows) : Text(rows);
        }
        return pieces;
    }

    /// <summary>A query vector as text, a different one for each number.</summary>
    public static string Query(int number)
    {
        Random random = new(1_000_000 + number);
        return "[" + string.Join(',', Enumerable.Range(0, Dimensions)
            .Select(_ => Next(random).ToString(CultureInfo.InvariantCulture))) + "]";
    }

    private static float Next(Random random) => (float)((random.NextDouble() * 2) - 1);

    private static List<byte[]> Text(int rows)
    {
        Random random = new(42);
        List<byte[]> pieces = [];
        StringBuilder text = new();
        for (int id = 0; id < rows; id++)
        {
            text.Append(id).Append("\t[");
            for (int i = 0; i < Dimensions; i++)
            {
                if (i > 0)
                    text.Append(',');
                text.Append(Next(random).ToString(CultureInfo.InvariantCulture));
            }
            text.Append("]\n");
            if ((id + 1) % RowsPerPiece == 0 || id == rows - 1)
            {
                pieces.Add(Encoding.ASCII.GetBytes(text.ToString()));
                text.Clear();
            }
        }
        return pieces;
    }

    private static List<byte[]> Binary(int rows)
    {
        const int VectorBytes = 4 + (Dimensions * sizeof(float)), RowBytes = 2 + 4 + 8 + 4 + VectorBytes;
        Random random = new(42);
        List<byte[]> pieces = [[.. "PGCOPY\n"u8, 0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0]];
        for (int start = 0; start < rows; start += RowsPerPiece)
        {
            int count = Math.Min(RowsPerPiece, rows - start);
            byte[] piece = new byte[count * RowBytes];
            for (int row = 0; row < count; row++)
            {
                Span<byte> at = piece.AsSpan(row * RowBytes, RowBytes);
                BinaryPrimitives.WriteInt16BigEndian(at, 2);
                BinaryPrimitives.WriteInt32BigEndian(at[2..], 8);
                BinaryPrimitives.WriteInt64BigEndian(at[6..], start + row);
                BinaryPrimitives.WriteInt32BigEndian(at[14..], VectorBytes);
                BinaryPrimitives.WriteInt16BigEndian(at[18..], Dimensions);
                for (int i = 0; i < Dimensions; i++)
                    BinaryPrimitives.WriteSingleBigEndian(at[(22 + (i * 4))..], Next(random));
            }
            pieces.Add(piece);
        }
        pieces.Add([0xff, 0xff]);
        return pieces;
    }
}
