using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Text.Tokens;

namespace VecSQL.Text.Lexemes;

/// <summary>Reads the text forms of tsvector and the operands of tsquery: words, bare or in quotes.</summary>
internal ref struct LexemeReader(ReadOnlySpan<byte> text, string type)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private readonly bool _isQuery = type == "tsquery";

    internal int At { get; private set; }

    internal readonly bool IsAtEnd => At == _text.Length;

    internal readonly byte Current => At < _text.Length ? _text[At] : (byte)0;

    internal void Move(int count = 1) => At += count;

    internal void SkipSpaces()
    {
        while (IsAtSpace(out int length))
            At += length;
    }

    // Unicode's spaces too.
    private readonly bool IsAtSpace(out int length)
    {
        length = 1;
        if (At == _text.Length || _text[At] < 128)
            return At < _text.Length && _text[At] is (byte)' ' or (>= 9 and <= 13);
        Rune.DecodeFromUtf8(_text[At..], out Rune letter, out length);
        return CharacterKinds.Of(letter) == CharacterKind.Space;
    }

    /// <summary>Reads a word.</summary>
    /// <exception cref="SqlException">42601: there is none. 54000: it is too long.</exception>
    internal byte[] ReadWord()
    {
        List<byte> word = [];
        bool isQuoted = Current == '\'';
        At += isQuoted ? 1 : 0;
        while (true)
        {
            if (IsAtEnd)
            {
                if (isQuoted)
                    throw Error();
                break;
            }
            byte next = _text[At];
            if (next == '\\')
            {
                if (At + 1 == _text.Length)
                    throw new SqlException(SqlState.SyntaxError, $"there is no escaped character: \"{Encoding.UTF8.GetString(_text)}\"");
                word.Add(_text[At + 1]);
                At += 2;
                continue;
            }
            if (isQuoted && next == '\'')
            {
                At++;
                if (Current != '\'' || IsAtEnd)
                    break;
            }
            else if (!isQuoted && Ends(next))
            {
                break;
            }
            word.Add(next);
            At++;
        }
        if (word.Count == 0)
            throw Error();
        if (word.Count > LexemeVector.LexemeBytesMax)
        {
            throw new SqlException(SqlState.ProgramLimitExceeded, _isQuery
                ? $"word is too long in tsquery: \"{Encoding.UTF8.GetString(_text)}\""
                : $"word is too long ({word.Count} bytes, max {LexemeVector.LexemeBytesMax} bytes)");
        }
        return [.. word];
    }

    /// <exception cref="SqlException">42601: something stands right behind the positions.</exception>
    internal readonly void RequireEndOfPositions()
    {
        if (!IsAtEnd && !IsAtSpace(out _))
            throw Error();
    }

    private readonly bool Ends(byte next) => IsAtSpace(out _) || next == ':'
        || (_isQuery ? next is (byte)'!' or (byte)'&' or (byte)'|' or (byte)'(' or (byte)')' or (byte)'<' : next == '\'');

    internal readonly SqlException Error() =>
        new(SqlState.SyntaxError, $"syntax error in {type}: \"{Encoding.UTF8.GetString(_text)}\"");

    internal readonly SqlException Error(string message) =>
        new(SqlState.SyntaxError, $"{message}: \"{Encoding.UTF8.GetString(_text)}\"");
}
