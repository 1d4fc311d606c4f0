using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Storage.Keys;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>The rows that are mined, or that others are mined for: keys, vectors, labels.</summary>
/// <remarks>
/// Memory:  all vectors as float32, held of the query's budget; 53200 where that has not so much.
/// Threads: one while rows are added; any afterwards.
/// </remarks>
internal sealed class MiningRows : IDisposable
{
    private const ulong HashStart = 14_695_981_039_346_656_037, HashFactor = 1_099_511_628_211; // FNV-1a
    private const ulong SplitSalt = 0xA5A5_5A5A_0F0F_F0F0;
    private const long RowBytes = sizeof(int) + sizeof(ulong) + 1;

    private readonly MemoryGrant _grant;
    private readonly ColumnBuilder _keyBuilder;
    private readonly OrderedKeyEncoder _encoder;
    private readonly KeyBuffer _encoded = new();
    private readonly MiningSettings _settings;
    private readonly bool _isHalf;
    private float[] _vectors = [];
    private Column? _keys;

    internal MiningRows(SqlType key, SqlType vector, MiningSettings settings, OperatorContext context)
    {
        _grant = new MemoryGrant(context.Memory);
        _settings = settings;
        _isHalf = vector.Oid == TypeOid.HalfVector;
        _keyBuilder = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(key.Oid), ColumnBatch.RowsMax);
        _encoder = OrderedKeyEncoder.ForEquality([KeyKinds.Of(key)]);
    }

    internal int Count { get; private set; }

    /// <summary>0 while there are no rows.</summary>
    internal int Dimensions { get; private set; }

    /// <summary>In the order of the rows, which is that of the keys.</summary>
    internal Column Keys => _keys ??= _keyBuilder.Build();

    internal ReadOnlyMemory<float> Vectors => _vectors.AsMemory(0, Count * Dimensions);

    /// <summary>A number for each label.</summary>
    internal List<int> Labels { get; } = [];

    /// <summary>Hashes of seed and key: what chance has to do with a row hangs on them alone.</summary>
    internal List<ulong> Hashes { get; } = [];

    /// <summary>Which rows are for validation.</summary>
    internal List<bool> IsValidation { get; } = [];

    internal ReadOnlySpan<float> VectorOf(int row) => _vectors.AsSpan(row * Dimensions, Dimensions);

    /// <param name="batch">Key, vector, label.</param>
    /// <param name="labels">The labels' numbers.</param>
    /// <exception cref="SqlException">22000: the vectors differ in dimensions; 53200, 54000: they are too many.</exception>
    internal void Add(ColumnBatch batch, ReadOnlySpan<int> labels)
    {
        AddVectors((BinaryColumn)batch.Columns[1].Expand());
        _keyBuilder.AppendAll(batch.Columns[0]);
        _encoded.Clear();
        _encoder.Append(batch.Columns.AsSpan(0, 1), batch.RowCount, _encoded);
        for (int row = 0; row < batch.RowCount; row++)
        {
            ulong hash = HashOf(_encoded[row], _settings.Seed);
            Hashes.Add(hash);
            IsValidation.Add(Share(hash ^ SplitSalt) < _settings.Validation);
        }
        Labels.AddRange(labels);
        Count += batch.RowCount;
        _grant.Set((_vectors.LongLength * sizeof(float)) + _keyBuilder.SizeBytes + (Count * RowBytes));
    }

    public void Dispose() => _grant.Dispose();

    private void AddVectors(BinaryColumn vectors)
    {
        for (int row = 0; row < vectors.Length; row++)
        {
            ReadOnlySpan<byte> value = vectors[row];
            int dimensions = value.Length / (_isHalf ? 2 : sizeof(float));
            if (Dimensions == 0)
                Dimensions = dimensions;
            if (dimensions != Dimensions)
                throw new SqlException(SqlState.DataException, $"different vector dimensions {Dimensions} and {dimensions}");
            Span<float> target = Room((long)(Count + row) * Dimensions);
            if (_isHalf)
                Halves.Widen(MemoryMarshal.Cast<byte, Half>(value), target);
            else
                MemoryMarshal.Cast<byte, float>(value).CopyTo(target);
        }
    }

    private Span<float> Room(long start)
    {
        long needed = start + Dimensions;
        if (needed > Array.MaxLength)
        {
            throw new SqlException(SqlState.ProgramLimitExceeded, "there are too many vectors to mine at once",
                hint: "Mine a part of them: filter => '…'.");
        }
        if (needed > _vectors.Length)
        {
            long room = Math.Min(Array.MaxLength, Math.Max(needed, Math.Max(1 << 16, _vectors.LongLength * 3 / 2)));
            _grant.Set((_vectors.LongLength + room) * sizeof(float)); // both while one is copied
            float[] grown = GC.AllocateUninitializedArray<float>((int)room);
            _vectors.AsSpan(0, (int)start).CopyTo(grown);
            _vectors = grown;
        }
        return _vectors.AsSpan((int)start, Dimensions);
    }

    private static ulong HashOf(ReadOnlySpan<byte> key, long seed)
    {
        ulong hash = HashStart;
        foreach (byte value in key)
            hash = (hash ^ value) * HashFactor;
        return new SplitMix(hash ^ new SplitMix((ulong)seed).Next()).Next();
    }

    /// <summary>A number from 0 to below 1.</summary>
    private static double Share(ulong hash) => (new SplitMix(hash).Next() >> 11) * (1.0 / (1UL << 53));
}
