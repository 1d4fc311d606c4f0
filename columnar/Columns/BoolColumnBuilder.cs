namespace VecSQL.Columnar.Columns;

/// <summary>Collects truth values.</summary>
public sealed class BoolColumnBuilder : ColumnBuilder
{
    private ulong[] _words;

    internal BoolColumnBuilder(int capacity) : base(PhysicalType.Bool) =>
        _words = Bitmap.Allocate(Math.Max(capacity, 64));

    public override long SizeBytes => (long)_words.Length * sizeof(ulong);

    public void Append(bool value)
    {
        Room();
        if (value)
            Bitmap.Set(_words, Length);
        MarkValid();
    }

    public override void AppendNull()
    {
        Room();
        MarkNull();
    }

    public override void AppendFrom(Column source, int row)
    {
        if (source.IsNull(row))
            AppendNull();
        else
            Append(((BoolColumn)source)[row]);
    }

    private protected override Column Finish(int length, Bitmap validity)
    {
        ulong[] words = _words;
        _words = Bitmap.Allocate(64);
        return new BoolColumn(new Bitmap(words, length), validity);
    }

    private void Room()
    {
        if (Length >> 6 >= _words.Length)
            Array.Resize(ref _words, _words.Length * 2);
    }
}
