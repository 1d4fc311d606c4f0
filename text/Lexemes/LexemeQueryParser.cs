using VecSQL.Core.Errors;

namespace VecSQL.Text.Lexemes;

/// <summary>Reads tsquery's text form: ! before &lt;-&gt; before &amp; before |.</summary>
public ref struct LexemeQueryParser
{
    private const int DepthMax = 1000;

    private readonly Func<LexemeOperand, LexemeQuery> _read;
    private LexemeReader _reader;
    private int _depth;

    private LexemeQueryParser(ReadOnlySpan<byte> text, Func<LexemeOperand, LexemeQuery> read)
    {
        _reader = new LexemeReader(text, "tsquery");
        _read = read;
    }

    /// <returns>Null for a text without lexemes.</returns>
    /// <exception cref="SqlException">42601: it is none.</exception>
    public static LexemeQuery? Parse(ReadOnlySpan<byte> text) => Parse(text, static operand => operand);

    /// <param name="read">What a word of the query stands for.</param>
    internal static LexemeQuery? Parse(ReadOnlySpan<byte> text, Func<LexemeOperand, LexemeQuery> read)
    {
        LexemeQueryParser parser = new(text, read);
        parser._reader.SkipSpaces();
        if (parser._reader.IsAtEnd)
            return null;
        LexemeQuery query = parser.ReadOr();
        return parser._reader.IsAtEnd ? query : throw parser._reader.Error();
    }

    private LexemeQuery ReadOr()
    {
        if (++_depth > DepthMax)
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
        LexemeQuery left = ReadAnd();
        while (Take('|'))
            left = new LexemeOperation(LexemeOperator.Or, left, ReadAnd());
        _depth--;
        return left;
    }

    private LexemeQuery ReadAnd()
    {
        LexemeQuery left = ReadPhrase();
        while (Take('&'))
            left = new LexemeOperation(LexemeOperator.And, left, ReadPhrase());
        return left;
    }

    private LexemeQuery ReadPhrase()
    {
        LexemeQuery left = ReadNot();
        while (Take('<'))
        {
            int distance = ReadDistance();
            left = new LexemeOperation(LexemeOperator.Phrase, left, ReadNot(), distance);
        }
        return left;
    }

    private LexemeQuery ReadNot()
    {
        int count = 0;
        while (Take('!'))
        {
            if (++count > DepthMax)
                throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
        }
        LexemeQuery operand = ReadOperand();
        for (; count > 0; count--)
            operand = new LexemeNot(operand);
        return operand;
    }

    private LexemeQuery ReadOperand()
    {
        _reader.SkipSpaces();
        if (_reader.IsAtEnd)
            throw _reader.Error("no operand in tsquery");
        if (Take('('))
        {
            LexemeQuery inner = ReadOr();
            return Take(')') ? inner : throw _reader.Error();
        }
        byte[] word = _reader.ReadWord();
        byte weights = 0;
        bool isPrefix = false;
        if (_reader.Current == ':')
        {
            _reader.Move();
            for (; !_reader.IsAtEnd; _reader.Move())
            {
                int weight = LexemeVectorText.WeightOf(_reader.Current);
                if (weight >= 0)
                    weights |= (byte)(1 << weight);
                else if (_reader.Current == '*')
                    isPrefix = true;
                else
                    break;
            }
        }
        return _read(new LexemeOperand(word, weights, isPrefix));
    }

    private int ReadDistance()
    {
        int distance = 1;
        if (_reader.Current == '-')
        {
            _reader.Move();
        }
        else
        {
            if (!char.IsAsciiDigit((char)_reader.Current))
                throw _reader.Error();
            long number = 0;
            for (; char.IsAsciiDigit((char)_reader.Current); _reader.Move())
                number = Math.Min(int.MaxValue, (number * 10) + _reader.Current - '0');
            if (number > LexemeOperation.DistanceMax)
            {
                throw new SqlException(SqlState.InvalidParameterValue,
                    $"distance in phrase operator must be an integer value between zero and {LexemeOperation.DistanceMax} inclusive");
            }
            distance = (int)number;
        }
        if (_reader.Current != '>')
            throw _reader.Error();
        _reader.Move();
        return distance;
    }

    private bool Take(char symbol)
    {
        _reader.SkipSpaces();
        if (_reader.IsAtEnd || _reader.Current != symbol)
            return false;
        _reader.Move();
        return true;
    }
}
