using System.Globalization;
using System.Text;
using VecSQL.Parser.Lexing;

namespace VecSQL.Parser;

/// <summary>A statement's text with its constants left out, and a number for all texts that say the same.</summary>
/// <param name="Text">With $n in the place of constants, behind the numbers of the statement's own parameters.</param>
/// <param name="Id">The same for texts that differ in constants, blanks, comments and the case of words; never 0.</param>
/// <remarks>Source: what pg_stat_statements makes of texts.</remarks>
public sealed record StatementText(string Text, long Id)
{
    private const ulong HashStart = 14_695_981_039_346_656_037, HashFactor = 1_099_511_628_211; // FNV-1a

    /// <param name="isConstant">Whether a literal, by number, is a value: a position in the select list and a type's modifier are none.</param>
    public static StatementText Of(StatementShape shape, Func<int, bool> isConstant) =>
        new Reader(shape.Source, isConstant, shape.ParameterMax).Read(shape.Place);

    /// <summary>A text that stays as it is, such as that of a utility statement.</summary>
    public static StatementText Plain(string text)
    {
        string trimmed = text.Trim();
        ulong hash = HashStart;
        foreach (char c in trimmed)
            hash = (hash ^ c) * HashFactor;
        return new StatementText(trimmed, IdOf(hash));
    }

    private static long IdOf(ulong hash) => hash == 0 ? 1 : unchecked((long)hash);

    private sealed class Reader(string source, Func<int, bool> isConstant, int parameterMax)
    {
        private readonly StringBuilder _text = new(source.Length);
        private ulong _hash = HashStart;
        private int _copied, _number = parameterMax;
        private Token _previous, _beforePrevious;

        internal StatementText Read(Range place)
        {
            (int start, int length) = place.GetOffsetAndLength(source.Length);
            _copied = start;
            Lexer lexer = new(source);
            for (Token token = lexer.Read(); token.Kind != TokenKind.End && token.Start < start + length; token = lexer.Read())
            {
                if (IsConstant(token))
                    Replace(IsSigned(token) ? _previous.Start : token.Start, token.End);
                else
                    Add(token);
                (_beforePrevious, _previous) = (_previous, token);
            }
            EndMinus();
            _text.Append(source, _copied, start + length - _copied);
            return new StatementText(_text.ToString(), IdOf(_hash));
        }

        private bool IsConstant(in Token token)
        {
            if (token.Literal > 0)
                return isConstant(token.Literal);
            if (token.Kind is TokenKind.BinaryString or TokenKind.HexString)
                return true;
            if (token.Keyword is Keyword.Null or Keyword.True or Keyword.False)
                return _previous.Keyword is not (Keyword.Is or Keyword.Not);
            // The field of EXTRACT(field FROM …) is a constant that is written as a word.
            return _previous.Kind == TokenKind.OpenParen && _beforePrevious.Keyword == Keyword.Extract;
        }

        /// <summary>A number whose sign belongs to it.</summary>
        private bool IsSigned(in Token token) => _previous.Kind == TokenKind.Minus
            && token.Kind is TokenKind.Integer or TokenKind.LargeInteger or TokenKind.Numeric && !EndsOperand(_beforePrevious);

        private static bool EndsOperand(in Token token) => token.Literal > 0 || token.Kind is TokenKind.Identifier or TokenKind.Parameter
            or TokenKind.CloseParen or TokenKind.CloseBracket or TokenKind.BinaryString or TokenKind.HexString
            || token.Keyword is Keyword.Null or Keyword.True or Keyword.False or Keyword.End;

        private void Replace(int start, int end)
        {
            if (start == _previous.Start && _previous.Kind == TokenKind.Minus)
                _previous = default; // the sign goes with the number
            EndMinus();
            _text.Append(source, _copied, start - _copied).Append('$').Append(
                (++_number).ToString(CultureInfo.InvariantCulture));
            _copied = end;
            Hash("$");
        }

        private void Add(in Token token)
        {
            EndMinus();
            if (token.Kind != TokenKind.Minus)
                Hash(source.AsSpan(token.Start, token.End - token.Start));
        }

        /// <summary>A minus sign counts once it is known not to be a number's.</summary>
        private void EndMinus()
        {
            if (_previous.Kind == TokenKind.Minus)
                Hash("-");
        }

        private void Hash(ReadOnlySpan<char> word)
        {
            bool isFolded = word[0] is not ('"' or '\'' or '$');
            foreach (char c in word)
                _hash = (_hash ^ (isFolded ? NameCache.FoldCharacter(c) : c)) * HashFactor;
            _hash = (_hash ^ ' ') * HashFactor;
        }
    }
}
