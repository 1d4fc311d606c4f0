using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Delta;

/// <summary>A column that grows at its end while others read what was there before.</summary>
/// <remarks>
/// Threads: one appends; any number read the first n rows after having seen a row count of at least n. Values below
///          that count
/// never change in place: growing copies them to a new array and then publishes it.
/// </remarks>
internal abstract class DeltaColumn(PhysicalType type)
{
    private ulong[]? _validity; // made at the first null
    private Column? _cached; // a column over the first rows, for readers that come row by row

    public PhysicalType Type { get; } = type;

    public abstract long SizeBytes { get; }

    /// <summary>Bytes of every value when all have the same and lie one after the other, else 0.</summary>
    public virtual int StrideBytes => 0;

    public static DeltaColumn Create(ChunkColumn column) => column.Physical switch
    {
        PhysicalType.Bool => new BoolDeltaColumn(),
        PhysicalType.Int16 => new FixedDeltaColumn<short>(column.Physical),
        PhysicalType.Int32 => new FixedDeltaColumn<int>(column.Physical),
        PhysicalType.Int64 => new FixedDeltaColumn<long>(column.Physical),
        PhysicalType.Float32 => new FixedDeltaColumn<float>(column.Physical),
        PhysicalType.Float64 => new FixedDeltaColumn<double>(column.Physical),
        PhysicalType.Fixed16 => new FixedDeltaColumn<Fixed16>(column.Physical),
        PhysicalType.Binary => new BinaryDeltaColumn(column.StrideBytes),
        _ => throw new ArgumentOutOfRangeException(nameof(column)),
    };

    /// <summary>
    /// Writes rows <paramref name="start"/> to <c>start + count</c> of the source at position <paramref name="at"/> and
    /// on.
    /// </summary>
    public void Append(int at, Column source, int start, int count)
    {
        Invariant(source);
        AppendValues(at, source, start, count);
        AppendValidity(at, source, start, count);
    }

    /// <summary>The first <paramref name="count"/> rows, sharing memory.</summary>
    public abstract Column Read(int count);

    /// <summary>
    /// The first <paramref name="count"/> rows or more: for looking at single rows without making a column each time.
    /// </summary>
    public Column ReadAtLeast(int count)
    {
        Column? cached = Volatile.Read(ref _cached);
        if (cached is null || cached.Length < count)
        {
            cached = Read(count);
            Volatile.Write(ref _cached, cached);
        }
        return cached;
    }

    /// <summary>The values of the first rows as one run.</summary>
    /// <param name="stride"><see cref="StrideBytes"/>, not 0, as the caller read it: a later value may end it for later rows.</param>
    public virtual ColumnBuffer ReadRun(int count, int stride) =>
        throw new InvalidOperationException("values lie at no stride");

    public virtual Bitmap ReadValidity(int count) => Validity(count);

    /// <summary>Forgets rows from <paramref name="count"/> on; nobody may be reading those.</summary>
    public virtual void Truncate(int count) => _cached = null;

    protected abstract void AppendValues(int at, Column source, int start, int count);

    protected Bitmap Validity(int count)
    {
        ulong[]? words = Volatile.Read(ref _validity);
        return words is null ? default : new Bitmap(words, count);
    }

    protected long ValidityBytes => (_validity?.Length ?? 0) * (long)sizeof(ulong);

    protected static T[] Grown<T>(T[] values, int used, int needed)
    {
        if (needed <= values.Length)
            return values;
        T[] grown = GC.AllocateUninitializedArray<T>(Math.Max(needed, (int)Math.Min(values.Length * 2L,
            Array.MaxLength)));
        Array.Copy(values, grown, used);
        return grown;
    }

    private void Invariant(Column source)
    {
        if (source.Type != Type)
            throw new ArgumentException($"a {source.Type} column for a {Type} one", nameof(source));
    }

    private void AppendValidity(int at, Column source, int start, int count)
    {
        ulong[]? words = _validity;
        if (words is null && !source.HasNulls)
            return;
        int needed = Bitmap.WordCount(at + count);
        if (words is null || words.Length < needed)
        {
            ulong[] grown = new ulong[Math.Max(needed, (words?.Length ?? 8) * 2)];
            if (words is null)
                SetRange(grown, 0, at);
            else
                Array.Copy(words, grown, words.Length);
            words = grown;
        }
        // Bits are set and cleared one by one: a rolled-back row may have left its own there.
        for (int i = 0; i < count; i++)
        {
            if (source.IsNull(start + i))
                Bitmap.Clear(words, at + i);
            else
                Bitmap.Set(words, at + i);
        }
        Volatile.Write(ref _validity, words);
    }

    private static void SetRange(ulong[] words, int start, int count)
    {
        for (int i = start; i < start + count; i++)
            Bitmap.Set(words, i);
    }
}

/// <summary>Values of one width.</summary>
internal sealed class FixedDeltaColumn<T>(PhysicalType type) : DeltaColumn(type) where T : unmanaged
{
    private T[] _values = new T[8];

    public override unsafe long SizeBytes => (_values.Length * (long)sizeof(T)) + ValidityBytes;

    public override Column Read(int count) =>
        new FixedColumn<T>(ColumnBuffer.Wrap(Volatile.Read(ref _values), count), count, Validity(count));

    protected override void AppendValues(int at, Column source, int start, int count)
    {
        T[] values = Grown(_values, at, at + count);
        FixedColumn<T> typed = (FixedColumn<T>)source;
        if (source.IsConstant)
            values.AsSpan(at, count).Fill(typed.Values[0]);
        else
            typed.Values.Slice(start, count).CopyTo(values.AsSpan(at));
        Volatile.Write(ref _values, values);
    }
}

/// <summary>Truth values.</summary>
internal sealed class BoolDeltaColumn() : DeltaColumn(PhysicalType.Bool)
{
    private ulong[] _words = new ulong[1];

    public override long SizeBytes => (_words.Length * (long)sizeof(ulong)) + ValidityBytes;

    public override Column Read(int count) =>
        new BoolColumn(new Bitmap(Volatile.Read(ref _words), count), Validity(count));

    protected override void AppendValues(int at, Column source, int start, int count)
    {
        ulong[] words = Grown(_words, Bitmap.WordCount(at), Bitmap.WordCount(at + count));
        BoolColumn typed = (BoolColumn)source;
        for (int i = 0; i < count; i++)
        {
            if (typed[start + i])
                Bitmap.Set(words, at + i);
            else
                Bitmap.Clear(words, at + i);
        }
        Volatile.Write(ref _words, words);
    }
}
