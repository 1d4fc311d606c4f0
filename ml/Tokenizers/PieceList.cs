namespace VecSQL.Ml.Tokenizers;

/// <summary>Pieces of a text, in order. Used again from text to text.</summary>
internal sealed class PieceList : IScratch
{
    private readonly TextBuffer _text = new();
    private (int Start, int Length, bool IsFirst)[] _pieces = new (int, int, bool)[256];

    internal int Count { get; private set; }

    internal ReadOnlySpan<char> this[int index] => _text.Span.Slice(_pieces[index].Start, _pieces[index].Length);

    /// <summary>Whether the piece begins where the text did.</summary>
    internal bool IsFirst(int index) => _pieces[index].IsFirst;

    public int Capacity => _text.Capacity + _pieces.Length;

    public void Clear()
    {
        _text.Clear();
        Count = 0;
    }

    /// <summary>Adds a piece; an empty one is none.</summary>
    internal void Add(ReadOnlySpan<char> piece, bool isFirst)
    {
        if (piece.IsEmpty)
            return;
        TextBuffer text = Begin();
        text.Append(piece);
        End(isFirst);
    }

    /// <summary>Where the next piece is to be written; <see cref="End"/> makes it one.</summary>
    internal TextBuffer Begin()
    {
        if (Count == _pieces.Length)
            Array.Resize(ref _pieces, Count * 2);
        _pieces[Count].Start = _text.Count;
        return _text;
    }

    internal void End(bool isFirst)
    {
        ref (int Start, int Length, bool IsFirst) piece = ref _pieces[Count];
        piece.Length = _text.Count - piece.Start;
        piece.IsFirst = isFirst;
        if (piece.Length > 0)
            Count++;
    }
}
