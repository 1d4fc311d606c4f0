using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private CopyStatement ParseCopy()
    {
        Expect(Keyword.Copy);
        ListBuilder<Option> options = default;
        CopyStatement copy = new();
        if (Accept(TokenKind.OpenParen))
        {
            int start = _token.Start;
            Statement query = ParsePreparable();
            copy = copy with { Query = query with { Text = TextSince(start) } };
            Expect(TokenKind.CloseParen);
            Expect(Keyword.To);
        }
        else
        {
            if (Is(Keyword.Binary))
                options.Add(WordOption("format", "binary"));
            QualifiedName table = ParseRelationName();
            ValueList<string> columns = ParseOptionalColumnNames();
            bool isFrom = Accept(Keyword.From);
            if (!isFrom)
                Expect(Keyword.To);
            copy = copy with { Table = table, Columns = columns, IsFrom = isFrom };
        }
        copy = ParseCopyFile(copy);
        if (copy.Query is null && (Is(Keyword.Using) || Is(Keyword.Delimiters)))
        {
            int position = _token.Position;
            Accept(Keyword.Using);
            Expect(Keyword.Delimiters);
            options.Add(StringOption("delimiter", ExpectString(), position));
        }
        Accept(Keyword.With);
        if (Is(TokenKind.OpenParen))
            AddAll(ref options, ParseParenthesizedList(ParseCopyOption));
        else
            ParseOldCopyOptions(ref options);
        if (Is(Keyword.Where) && !copy.IsFrom && copy.Query is null)
        {
            throw Error("WHERE clause not allowed with COPY TO", _token.Position);
        }
        return copy with
        {
            Options = options.ToList(),
            Where = copy.Query is null ? ParseOptionalWhere() : null,
        };
    }

    private static void AddAll<T>(ref ListBuilder<T> list, ValueList<T> items)
    {
        foreach (T item in items)
            list.Add(item);
    }

    private CopyStatement ParseCopyFile(CopyStatement copy)
    {
        bool isProgram = Accept(Keyword.Program);
        if (!Accept(Keyword.Stdin) && !Accept(Keyword.Stdout))
            return copy with { File = ExpectString(), IsProgram = isProgram };
        if (isProgram)
            throw Error("STDIN/STDOUT not allowed with PROGRAM", position: 0);
        return copy;
    }

    private Option WordOption(string name, string value)
    {
        int position = _token.Position;
        Advance();
        return new Option(name, Word(value, position), []) { Position = position };
    }

    private static ColumnReference Word(string value, int position) =>
        new(new QualifiedName([value]) { Position = position }) { Position = position };

    private static Option StringOption(string name, string value, int position) =>
        new(name, new StringLiteral(value) { Position = position }, []) { Position = position };

    /// <summary>CSV HEADER DELIMITER ',' FORCE NOT NULL a, b …: each is brought to its new spelling.</summary>
    private void ParseOldCopyOptions(ref ListBuilder<Option> options)
    {
        while (true)
        {
            int position = _token.Position;
            switch (_token.Keyword)
            {
                case Keyword.Binary:
                    options.Add(WordOption("format", "binary"));
                    continue;
                case Keyword.Csv:
                    options.Add(WordOption("format", "csv"));
                    continue;
                case Keyword.Freeze or Keyword.Header:
                    BooleanLiteral yes = new(true) { Position = position };
                    options.Add(new Option(TakeName(), yes, []) { Position = position });
                    continue;
                case Keyword.Delimiter or Keyword.Null or Keyword.Quote or Keyword.Escape:
                    string name = TakeName();
                    Accept(Keyword.As);
                    options.Add(StringOption(name, ExpectString(), position));
                    continue;
                case Keyword.Encoding:
                    Advance();
                    options.Add(StringOption("encoding", ExpectString(), position));
                    continue;
                case Keyword.Force:
                    options.Add(ParseForce());
                    continue;
                default:
                    return;
            }
        }
    }

    private Option ParseForce()
    {
        int position = _token.Position;
        Expect(Keyword.Force);
        string name;
        if (Accept(Keyword.Quote))
            name = "force_quote";
        else if (Accept(Keyword.Null))
            name = "force_null";
        else
            name = Expecting("force_not_null", Keyword.Not, Keyword.Null);
        if (name == "force_quote" && Is(TokenKind.Star))
        {
            StarExpression star = new(null) { Position = _token.Position };
            Advance();
            return new Option(name, null, [star]) { Position = position };
        }
        return new Option(name, null, ParseList<Expression>(ParseColumnWord)) { Position = position };
    }

    private ColumnReference ParseColumnWord()
    {
        int position = _token.Position;
        return Word(ParseColumnName(), position);
    }

    /// <summary>name [value | * | (item, …)]</summary>
    private Option ParseCopyOption()
    {
        int position = _token.Position;
        string name = ParseLabel();
        Option option = new(name, null, []) { Position = position };
        if (Is(TokenKind.Star))
        {
            StarExpression star = new(null) { Position = _token.Position };
            Advance();
            return option with { Items = [star] };
        }
        if (Is(TokenKind.OpenParen))
            return option with { Items = ParseParenthesizedList(ParseOptionValue) };
        return StartsOptionValue ? option with { Value = ParseOptionValue() } : option;
    }

    private bool StartsOptionValue => IsNonReservedWord || IsNumber || _token.Kind is TokenKind.String or TokenKind.Plus
        or TokenKind.Minus || _token.Keyword is Keyword.True or Keyword.False or Keyword.On;

    /// <summary>An option's value: a number, a string, a word, TRUE, FALSE or ON.</summary>
    private Expression ParseOptionValue()
    {
        int position = _token.Position;
        if (IsNumber || Is(TokenKind.Plus) || Is(TokenKind.Minus))
            return ParseSignedNumber();
        if (Is(TokenKind.String))
            return new StringLiteral(ExpectString()) { Position = position };
        if (Is(Keyword.True) || Is(Keyword.False))
        {
            bool value = Is(Keyword.True);
            Advance();
            return new BooleanLiteral(value) { Position = position };
        }
        return IsNonReservedWord || Is(Keyword.On) ? Word(TakeName(), position) : throw Unexpected();
    }
}
