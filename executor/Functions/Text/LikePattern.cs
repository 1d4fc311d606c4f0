using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Text;

/// <summary>A LIKE pattern, taken apart once: % matches any run of characters, _ any one character, \ makes the next
/// one plain.</summary>
/// <remarks>
/// The pattern is the literal pieces between its percent signs; pieces without an underscore are found by a
/// vectorised search.
/// Each piece is matched as early as possible, which is right since a later % can take up any difference.
/// </remarks>
internal sealed class LikePattern
{
    private readonly Piece[] _pieces;
    private readonly bool _startsOpen, _endsOpen;
    private readonly SqlException? _error;

    private LikePattern(Piece[] pieces, bool startsOpen, bool endsOpen, SqlException? error)
    {
        _pieces = pieces;
        _startsOpen = startsOpen;
        _endsOpen = endsOpen;
        _error = error;
    }

    /// <param name="isCharacters">_ stands for a UTF-8 character rather than a byte.</param>
    public static LikePattern Parse(ReadOnlySpan<byte> pattern, bool isCharacters = true)
    {
        var pieces = new List<Piece>();
        var piece = new PieceBuilder(isCharacters);
        bool startsOpen = false, isOpen = false;
        SqlException? error = null;
        for (int i = 0; i < pattern.Length; i++)
        {
            byte c = pattern[i];
            if (c == '%')
            {
                if (piece.IsEmpty && pieces.Count == 0)
                    startsOpen = true;
                piece.Finish(pieces);
                isOpen = true;
                continue;
            }
            isOpen = false;
            if (c == '_')
            {
                piece.AddAny();
                continue;
            }
            if (c == '\\')
            {
                if (++i == pattern.Length)
                {
                    error = new SqlException(SqlState.InvalidEscapeSequence,
                        "LIKE pattern must not end with escape character");
                    break;
                }
                c = pattern[i];
            }
            piece.Add(c);
        }
        piece.Finish(pieces);
        return new LikePattern([.. pieces], startsOpen, isOpen, error);
    }

    public bool Matches(ReadOnlySpan<byte> text)
    {
        if (_error is not null)
        {
            // A pattern that breaks off fails only for texts that get that far; others merely do not match.
            int used = MatchPieces(text, _pieces.Length);
            return used >= 0 && used < text.Length ? throw _error : false;
        }
        if (_pieces.Length == 0)
            return _startsOpen || text.IsEmpty;
        if (_endsOpen)
            return MatchPieces(text, _pieces.Length) >= 0;
        if (_pieces.Length == 1 && !_startsOpen)
            return _pieces[0].MatchAt(text) == text.Length;
        int before = MatchPieces(text, _pieces.Length - 1);
        return before >= 0 && _pieces[^1].MatchesEnd(text[before..]);
    }

    /// <summary>Matches the first pieces, each as early as possible; returns where the last ends, −1 for no
    /// match.</summary>
    private int MatchPieces(ReadOnlySpan<byte> text, int count)
    {
        int used = 0;
        for (int i = 0; i < count; i++)
        {
            if (i == 0 && !_startsOpen)
            {
                used = _pieces[0].MatchAt(text);
                if (used < 0)
                    return -1;
                continue;
            }
            (int at, int length) = _pieces[i].Find(text[used..]);
            if (at < 0)
                return -1;
            used += at + length;
        }
        return used;
    }

    /// <summary>Bytes to match one after the other, with places for any one character.</summary>
    private sealed class Piece(byte[] bytes, bool[]? isAny, bool isCharacters)
    {
        /// <summary>How many bytes of the text's start the piece matches; −1 where it does not.</summary>
        public int MatchAt(ReadOnlySpan<byte> text)
        {
            if (isAny is null)
                return text.StartsWith(bytes) ? bytes.Length : -1;
            int at = 0;
            for (int i = 0; i < bytes.Length; i++)
            {
                if (at >= text.Length)
                    return -1;
                if (isAny[i])
                    at += CharacterLength(text[at..]);
                else if (text[at++] != bytes[i])
                    return -1;
            }
            return at;
        }

        public (int At, int Length) Find(ReadOnlySpan<byte> text)
        {
            if (isAny is null)
                return (text.IndexOf(bytes), bytes.Length);
            for (int at = 0; at <= text.Length; at += at < text.Length ? CharacterLength(text[at..]) : 1)
            {
                int length = MatchAt(text[at..]);
                if (length >= 0)
                    return (at, length);
            }
            return (-1, 0);
        }

        public bool MatchesEnd(ReadOnlySpan<byte> text)
        {
            if (isAny is null)
                return text.EndsWith(bytes);
            for (int at = 0; at <= text.Length; at += at < text.Length ? CharacterLength(text[at..]) : 1)
            {
                if (MatchAt(text[at..]) == text.Length - at)
                    return true;
            }
            return false;
        }

        private int CharacterLength(ReadOnlySpan<byte> text)
        {
            if (!isCharacters || text[0] < 0x80)
                return 1;
            Rune.DecodeFromUtf8(text, out _, out int length);
            return length;
        }
    }

    private sealed class PieceBuilder(bool isCharacters)
    {
        private readonly List<byte> _bytes = [];
        private readonly List<bool> _isAny = [];

        public bool IsEmpty => _bytes.Count == 0;

        public void Add(byte c)
        {
            _bytes.Add(c);
            _isAny.Add(false);
        }

        public void AddAny()
        {
            _bytes.Add(0);
            _isAny.Add(true);
        }

        public void Finish(List<Piece> pieces)
        {
            if (_bytes.Count > 0)
                pieces.Add(new Piece([.. _bytes], _isAny.Contains(true) ? [.. _isAny] : null, isCharacters));
            _bytes.Clear();
            _isAny.Clear();
        }
    }
}
