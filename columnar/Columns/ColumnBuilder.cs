namespace VecSQL.Columnar.Columns;

/// <summary>Collects values row by row into a column. Not thread-safe; reusable after <see cref="Build"/>.</summary>
public abstract class ColumnBuilder
{
    private ulong[]? _validity; // made at the first null

    private protected ColumnBuilder(PhysicalType type) => Type = type;

    public PhysicalType Type { get; }

    public int Length { get; private set; }

    public abstract void AppendNull();

    /// <summary>Appends a row of a column of the same physical type, null or not.</summary>
    public abstract void AppendFrom(Column source, int row);

    /// <summary>Appends rows of a column of the same physical type, in the order given.</summary>
    public virtual void AppendFrom(Column source, ReadOnlySpan<int> rows)
    {
        foreach (int row in rows)
            AppendFrom(source, row);
    }

    /// <summary>Appends a whole column of the same physical type.</summary>
    public virtual void AppendAll(Column source)
    {
        for (int row = 0; row < source.Length; row++)
            AppendFrom(source, row);
    }

    /// <summary>The rows so far as a column; the builder is empty afterwards.</summary>
    public Column Build()
    {
        int length = Length;
        Bitmap validity = _validity is null ? default : new Bitmap(_validity, length);
        Length = 0;
        _validity = null;
        return Finish(length, validity);
    }

    /// <summary>About how many bytes the builder holds, for memory budgets.</summary>
    public abstract long SizeBytes { get; }

    public static ColumnBuilder Create(PhysicalType type, int capacity = 16) => type switch
    {
        PhysicalType.Bool => new BoolColumnBuilder(capacity),
        PhysicalType.Int16 => new FixedColumnBuilder<short>(type, capacity),
        PhysicalType.Int32 => new FixedColumnBuilder<int>(type, capacity),
        PhysicalType.Int64 => new FixedColumnBuilder<long>(type, capacity),
        PhysicalType.Float32 => new FixedColumnBuilder<float>(type, capacity),
        PhysicalType.Float64 => new FixedColumnBuilder<double>(type, capacity),
        PhysicalType.Fixed16 => new FixedColumnBuilder<Fixed16>(type, capacity),
        PhysicalType.Binary => new BinaryColumnBuilder(capacity),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private protected abstract Column Finish(int length, Bitmap validity);

    private protected void MarkValid()
    {
        if (_validity is not null)
            Bitmap.Set(WordsFor(Length), Length);
        Length++;
    }

    private protected void MarkValid(int count)
    {
        if (_validity is null)
        {
            Length += count;
            return;
        }
        for (int i = 0; i < count; i++)
            MarkValid();
    }

    private protected void MarkNull()
    {
        if (_validity is null)
        {
            _validity = new ulong[Math.Max(Bitmap.WordCount(Length + 1), 64)];
            for (int row = 0; row < Length; row++)
                Bitmap.Set(_validity, row);
        }
        WordsFor(Length);
        Length++;
    }

    private ulong[] WordsFor(int index)
    {
        ulong[] words = _validity!;
        if (index >> 6 >= words.Length)
        {
            Array.Resize(ref words, words.Length * 2);
            _validity = words;
        }
        return words;
    }
}
