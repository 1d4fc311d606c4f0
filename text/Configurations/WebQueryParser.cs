using System.Text;
using VecSQL.Text.Lexemes;
using VecSQL.Text.Tokens;

namespace VecSQL.Text.Configurations;

/// <summary>Reads what people type into search fields: <c>"fat rat" or cat -dog</c>.</summary>
/// <remarks>Between words is an and; or binds less, and what is neither is passed over.</remarks>
internal ref struct WebQueryParser(ReadOnlySpan<byte> text, Func<byte[], LexemeQuery> read)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;

    internal LexemeQuery Parse()
    {
        LexemeQuery? any = null, all = null;
        while (true)
        {
            LexemeQuery operand = ReadOperand();
            all = all is null ? operand : new LexemeOperation(LexemeOperator.And, all, operand);
            SkipSigns();
            bool isOr = TakeOr();
            if (!isOr && _at < _text.Length)
                continue;
            any = any is null ? all : new LexemeOperation(LexemeOperator.Or, any, all);
            all = null;
            if (!isOr)
                return any;
        }
    }

    private LexemeQuery ReadOperand()
    {
        int notCount = 0;
        for (SkipSigns(); _at < _text.Length && _text[_at] == '-'; SkipSigns())
        {
            notCount++;
            _at++;
        }
        LexemeQuery operand = _at < _text.Length ? read(ReadWord()) : StopWord.Instance;
        for (; notCount > 0; notCount--)
            operand = new LexemeNot(operand);
        return operand;
    }

    private byte[] ReadWord()
    {
        int start = _at, end = start + 1;
        if (_text[start] == '"')
        {
            int length = _text[end..].IndexOf((byte)'"');
            _at = length < 0 ? _text.Length : end + length + 1;
            return _text[end..(length < 0 ? _text.Length : end + length)].ToArray();
        }
        while (end < _text.Length && !EndsWord(end))
            end++;
        _at = end;
        return _text[start..end].ToArray();
    }

    private readonly bool EndsWord(int at) => _text[at] is (byte)'"' or (byte)':' || IsSign(_text[at]) || IsSpace(at);

    private static bool IsSign(byte letter) => letter is (byte)'!' or (byte)'&' or (byte)'|' or (byte)'(' or (byte)')' or (byte)'<';

    private readonly bool IsSpace(int at) => KindAt(at) == CharacterKind.Space;

    private readonly CharacterKind KindAt(int at)
    {
        Rune.DecodeFromUtf8(_text[at..], out Rune letter, out _);
        return CharacterKinds.Of(letter);
    }

    private void Move()
    {
        Rune.DecodeFromUtf8(_text[_at..], out _, out int length);
        _at += length;
    }

    private void SkipSigns()
    {
        while (_at < _text.Length && (IsSpace(_at) || IsSign(_text[_at])))
            Move();
    }

    // A word of its own, with something behind it.
    private bool TakeOr()
    {
        int at = _at + 2;
        if (at >= _text.Length || (_text[_at] | 0x20) != 'o' || (_text[_at + 1] | 0x20) != 'r')
            return false;
        if (_text[at] is (byte)'-' or (byte)'_' || KindAt(at) >= CharacterKind.Letter)
            return false;
        do
        {
            Rune.DecodeFromUtf8(_text[at..], out _, out int length);
            at += length;
            if (at == _text.Length)
                return false;
        }
        while (IsSpace(at));
        _at += 2;
        return true;
    }
}
