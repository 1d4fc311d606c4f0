using System.Runtime.InteropServices;

namespace VecSQL.Bench.Recall.Data;

/// <summary>The raw formats in which data sets of vectors are handed around. Integers and floats are little-endian.</summary>
/// <remarks>
/// Layout: .fvecs and .ivecs: each row has its length as int32 before its values; .fbin and .ibin: rows and dimensions as int32
/// at the beginning, then all values. Values are float32 or int32.
/// </remarks>
internal static class VectorFiles
{
    public static bool IsKnown(string path) => Path.GetExtension(path) is ".fvecs" or ".fbin";

    /// <param name="countMax">Rows beyond are left.</param>
    /// <exception cref="InvalidDataException">The file is not what its name says.</exception>
    public static VectorSet ReadVectors(string path, int countMax = int.MaxValue)
    {
        (int dimensions, float[] values) = Read<float>(path, Path.GetExtension(path) == ".fbin", countMax);
        return new VectorSet(dimensions, values);
    }

    /// <summary>Numbers of rows: each row of the answer has equally many.</summary>
    /// <exception cref="InvalidDataException">The file is not what its name says.</exception>
    public static int[][] ReadNumbers(string path)
    {
        (int width, int[] values) = Read<int>(path, Path.GetExtension(path) == ".ibin", int.MaxValue);
        return [.. values.Chunk(width)];
    }

    public static void Write(string path, VectorSet vectors) =>
        Write<float>(path, Path.GetExtension(path) == ".fbin", vectors.Dimensions, vectors.Values);

    public static void Write(string path, int[][] rows) =>
        Write<int>(path, Path.GetExtension(path) == ".ibin", rows[0].Length, [.. rows.SelectMany(row => row)]);

    private static (int Width, T[] Values) Read<T>(string path, bool hasHeader, int countMax) where T : unmanaged
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20);
        int[] head = new int[2];
        file.ReadExactly(MemoryMarshal.AsBytes(head.AsSpan(0, hasHeader ? 2 : 1)));
        int width = hasHeader ? head[1] : head[0];
        long rowBytes = (hasHeader ? 0 : 4) + (4L * width), headBytes = hasHeader ? 8 : 0;
        long rows = width > 0 ? (file.Length - headBytes) / rowBytes : 0;
        if (width <= 0 || headBytes + (rows * rowBytes) != file.Length || (hasHeader && rows != head[0]))
            throw new InvalidDataException($"{path}: {file.Length} bytes are not whole rows of {width}");
        T[] values = new T[checked((int)(Math.Min(rows, countMax) * width))];
        file.Position = headBytes;
        for (int row = 0; row < values.Length / width; row++)
        {
            if (!hasHeader)
                file.ReadExactly(MemoryMarshal.AsBytes(head.AsSpan(0, 1)));
            if (!hasHeader && head[0] != width)
                throw new InvalidDataException($"{path}: row {row} has {head[0]} values, the first {width}");
            file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(row * width, width)));
        }
        return (width, values);
    }

    private static void Write<T>(string path, bool hasHeader, int width, T[] values) where T : unmanaged
    {
        using FileStream file = File.Create(path, bufferSize: 1 << 20);
        if (hasHeader)
            file.Write(MemoryMarshal.AsBytes<int>([values.Length / width, width]));
        for (int row = 0; row < values.Length / width; row++)
        {
            if (!hasHeader)
                file.Write(MemoryMarshal.AsBytes<int>([width]));
            file.Write(MemoryMarshal.AsBytes(values.AsSpan(row * width, width)));
        }
    }
}
