using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Vectors;
using VecSQL.Planner.Physical;
using VecSQL.Vectors.Codes;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>A vector to which distances are measured, and the kernel that measures them.</summary>
/// <remarks>Every distance is bit for bit what the SQL operator gives for the pair. Threads: any.</remarks>
internal sealed class VectorQuery
{
    private readonly byte[] _bytes; // of bit strings without the length before them
    private readonly VectorMetric _metric;
    private readonly uint _typeOid;
    private readonly int _bitCount;
    private readonly MaxSimQuery? _multiple;

    /// <param name="value">A constant column of one row, not null.</param>
    internal VectorQuery(Column value, SqlType type, VectorMetric metric)
    {
        _metric = metric;
        _typeOid = type.Oid;
        ReadOnlySpan<byte> bytes = ((BinaryColumn)value)[0];
        _multiple = _typeOid switch
        {
            TypeOid.VectorArray => MultiVectors.Query<FloatElements>(bytes),
            TypeOid.HalfVectorArray => MultiVectors.Query<HalfElements>(bytes),
            _ => null,
        };
        if (IsBits)
        {
            _bitCount = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            bytes = bytes[4..];
        }
        _bytes = bytes.ToArray();
    }

    /// <summary>The query in codes, for rows that are coded; null where codes do not help.</summary>
    internal CodeQuery? Code() =>
        _typeOid == TypeOid.Vector ? CodeQuery.Create(Metric, MemoryMarshal.Cast<byte, float>(_bytes)) : null;

    /// <summary>Whether all coordinates are zero, so that there is no angle to anything.</summary>
    internal bool IsZero => ToSingles() is { Length: > 0 } values && !values.AsSpan().ContainsAnyExcept(0f);

    /// <summary>The query as float32, for indexes; empty for types that have none.</summary>
    internal float[] ToSingles()
    {
        switch (_typeOid)
        {
            case TypeOid.Vector:
                return MemoryMarshal.Cast<byte, float>(_bytes).ToArray();
            case TypeOid.HalfVector:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(_bytes);
                float[] wide = new float[halves.Length];
                Halves.Widen(halves, wide);
                return wide;
            default:
                return [];
        }
    }

    /// <summary>The metric, where several queries can be held against rows at once; null otherwise.</summary>
    internal DistanceMetric? PanelMetric =>
        _typeOid is TypeOid.Vector or TypeOid.HalfVector && QueryPanels.Handles(Metric) ? Metric : null;

    /// <summary>The distances to vectors that lie one after the other; null where these have other dimensions.</summary>
    internal double[]? DistancesTo(ReadOnlySpan<float> vectors, int count)
    {
        float[] query = ToSingles();
        if (query.Length * count != vectors.Length)
            return null;
        double[] distances = new double[count];
        Distances.Scan(Metric, query, vectors, query.Length, count, distances);
        return distances;
    }

    /// <summary>Rows as float32.</summary>
    /// <param name="rows">Of the query's type.</param>
    internal void Widen(ReadOnlySpan<byte> rows, Span<float> target)
    {
        if (_typeOid == TypeOid.HalfVector)
            Halves.Widen(MemoryMarshal.Cast<byte, Half>(rows), target);
        else
            MemoryMarshal.Cast<byte, float>(rows).CopyTo(target);
    }

    /// <summary>Bytes of the query as float32.</summary>
    internal int SinglesBytes => Math.Max(1, _typeOid == TypeOid.HalfVector ? _bytes.Length * 2 : _bytes.Length);

    internal bool HasLengthOf(VectorQuery other) => _bytes.Length == other._bytes.Length;

    internal bool IsSingle => _typeOid == TypeOid.Vector;

    /// <summary>The query's vectors, where it has several; null for a query of one.</summary>
    internal MaxSimQuery? Multiple => _multiple;

    private bool IsBits => _typeOid is TypeOid.Bit or TypeOid.VarBit;

    private DistanceMetric Metric => _metric switch
    {
        VectorMetric.L2 => DistanceMetric.L2,
        VectorMetric.NegativeInnerProduct => DistanceMetric.NegativeInnerProduct,
        VectorMetric.Cosine => DistanceMetric.Cosine,
        VectorMetric.L1 => DistanceMetric.L1,
        _ => throw new InvalidOperationException($"{_metric} does not measure vectors"),
    };

    private BitMetric BitMetric => _metric switch
    {
        VectorMetric.Hamming => BitMetric.Hamming,
        VectorMetric.Jaccard => BitMetric.Jaccard,
        _ => throw new InvalidOperationException($"{_metric} does not measure bit strings"),
    };

    /// <summary>The distances of consecutive rows as they lie in memory.</summary>
    /// <param name="live">Bit i set: row i is wanted. Empty for all.</param>
    internal void Scan(ReadOnlySpan<byte> rows, int strideBytes, int count, Span<double> distances, ReadOnlySpan<ulong> live)
    {
        switch (_typeOid)
        {
            case TypeOid.Vector:
                Distances.Scan(Metric, MemoryMarshal.Cast<byte, float>(_bytes), MemoryMarshal.Cast<byte, float>(rows),
                    strideBytes / sizeof(float), count, distances, live);
                break;
            case TypeOid.HalfVector:
                Distances.Scan(Metric, MemoryMarshal.Cast<byte, Half>(_bytes), MemoryMarshal.Cast<byte, Half>(rows),
                    strideBytes / 2, count, distances, live);
                break;
            case TypeOid.Bit or TypeOid.VarBit:
                BitDistances.Scan(BitMetric, _bytes, rows, strideBytes, count, distances, live);
                break;
            default:
                throw new InvalidOperationException($"vectors of type {_typeOid} do not lie one after the other");
        }
    }

    /// <summary>The distance of one value of a column.</summary>
    internal double Between(ReadOnlySpan<byte> value)
    {
        switch (_typeOid)
        {
            case TypeOid.Vector:
                CheckStride(value.Length);
                return Distances.Between(
                    Metric, MemoryMarshal.Cast<byte, float>(value), MemoryMarshal.Cast<byte, float>(_bytes));
            case TypeOid.HalfVector:
                CheckStride(value.Length);
                return Distances.Between(
                    Metric, MemoryMarshal.Cast<byte, Half>(value), MemoryMarshal.Cast<byte, Half>(_bytes));
            case TypeOid.SparseVector:
                return BetweenSparse(value);
            case TypeOid.VectorArray when _multiple is not null:
                return MultiVectors.Distance<FloatElements>(_multiple, value);
            case TypeOid.HalfVectorArray when _multiple is not null:
                return MultiVectors.Distance<HalfElements>(_multiple, value);
            default:
                CheckBitCount(BinaryPrimitives.ReadInt32LittleEndian(value));
                return BitDistances.Between(BitMetric, value[4..], _bytes);
        }
    }

    /// <summary>Makes sure that rows of this many bytes can be measured.</summary>
    /// <exception cref="SqlException">22000: the dimensions differ.</exception>
    internal void CheckStride(int strideBytes)
    {
        if (strideBytes == _bytes.Length)
            return;
        if (IsBits)
            CheckBitCount(strideBytes * 8);
        int width = _typeOid == TypeOid.HalfVector ? 2 : sizeof(float);
        throw Different(strideBytes / width, _bytes.Length / width);
    }

    /// <exception cref="SqlException">22000: the lengths differ.</exception>
    internal void CheckBitCount(int bitCount)
    {
        if (IsBits && bitCount != _bitCount)
            throw new SqlException(SqlState.DataException, $"different bit lengths {bitCount} and {_bitCount}");
    }

    private double BetweenSparse(ReadOnlySpan<byte> value)
    {
        int dimensions = BinaryPrimitives.ReadInt32LittleEndian(value);
        int wanted = BinaryPrimitives.ReadInt32LittleEndian(_bytes);
        if (dimensions != wanted)
            throw Different(dimensions, wanted);
        return SparseDistances.Between(Metric, SparseView.Of(value), SparseView.Of(_bytes));
    }

    /// <summary>The query as a sparse vector.</summary>
    internal SparseView ToSparse(out int dimensions)
    {
        dimensions = BinaryPrimitives.ReadInt32LittleEndian(_bytes);
        return SparseView.Of(_bytes);
    }

    private SqlException Different(int left, int right)
    {
        string type = _typeOid switch
        {
            TypeOid.HalfVector => "halfvec",
            TypeOid.SparseVector => "sparsevec",
            _ => "vector",
        };
        return new SqlException(SqlState.DataException, $"different {type} dimensions {left} and {right}");
    }
}
