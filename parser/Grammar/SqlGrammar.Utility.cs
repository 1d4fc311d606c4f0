using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private ExplainStatement ParseExplain()
    {
        Expect(Keyword.Explain);
        ListBuilder<Option> options = default;
        if (Is(TokenKind.OpenParen) && !IsQueryBehindParenthesis)
        {
            AddAll(ref options, ParseParenthesizedList(ParseUtilityOption));
        }
        else
        {
            int position = _token.Position;
            if (Accept(Keyword.Analyze) || Accept(Keyword.Analyse))
                options.Add(Flag("analyze", position));
            AcceptFlag(ref options, Keyword.Verbose);
        }
        int start = _token.Start;
        Statement statement = ParseExplained();
        return new ExplainStatement(statement with { Text = TextSince(start) }, options.ToList());
    }

    private static Option Flag(string name, int position) => new(name, null, []) { Position = position };

    private void AcceptFlag(ref ListBuilder<Option> options, Keyword keyword)
    {
        int position = _token.Position;
        if (Accept(keyword))
            options.Add(Flag(KeywordTable.Word(keyword), position));
    }

    private Statement ParseExplained()
    {
        int position = _token.Position;
        return _token.Keyword switch
        {
            Keyword.Execute => ParseExecute() with { Position = position },
            Keyword.Declare => ParseDeclareCursor() with { Position = position },
            Keyword.Create => ParseDefinition() is CreateTableAsStatement create
                ? create with { Position = position }
                : throw NotSupported("EXPLAIN of this statement is", position),
            _ when IsQueryStartOrGroup || IsDataModification(_token.Keyword) => ParsePreparable(),
            _ => throw Unexpected(),
        };
    }

    /// <summary>name [value], in EXPLAIN, VACUUM, ANALYZE and REINDEX.</summary>
    private Option ParseUtilityOption()
    {
        int position = _token.Position;
        string name = Is(Keyword.Analyze) || Is(Keyword.Analyse) ? TakeName() : ParseNonReservedWord();
        Option option = Flag(name == "analyse" ? "analyze" : name, position);
        return StartsOptionValue ? option with { Value = ParseOptionValue() } : option;
    }

    private PrepareStatement ParsePrepare()
    {
        Expect(Keyword.Prepare);
        string name = ParseColumnName();
        ValueList<TypeName> types = Is(TokenKind.OpenParen) ? ParseParenthesizedList(ParseTypeName) : [];
        Expect(Keyword.As);
        int start = _token.Start;
        if (!IsQueryStartOrGroup && !IsDataModification(_token.Keyword))
            throw Unexpected();
        Statement statement = ParsePreparable();
        return new PrepareStatement(name, types, statement with { Text = TextSince(start) });
    }

    private ExecuteStatement ParseExecute()
    {
        Expect(Keyword.Execute);
        return new ExecuteStatement(ParseColumnName(), ParseOptionalExpressions());
    }

    private DeallocateStatement ParseDeallocate()
    {
        Expect(Keyword.Deallocate);
        if (Is(Keyword.Prepare) && Peek().Kind is TokenKind.Identifier or TokenKind.Keyword)
            Advance();
        return new DeallocateStatement(Accept(Keyword.All) ? null : ParseColumnName());
    }

    private DeclareCursorStatement ParseDeclareCursor()
    {
        Expect(Keyword.Declare);
        string name = ParseColumnName();
        bool isBinary = false;
        bool? isScrollable = null;
        while (!Is(Keyword.Cursor))
        {
            if (Accept(Keyword.Binary))
                isBinary = true;
            else if (Accept(Keyword.Scroll))
                isScrollable = true;
            else if (Accept(Keyword.No))
                isScrollable = Expecting(false, Keyword.Scroll);
            else if (!Accept(Keyword.Insensitive) && !Accept(Keyword.Asensitive))
                throw Unexpected();
        }
        Expect(Keyword.Cursor);
        bool withHold = Accept(Keyword.With);
        if (withHold || Accept(Keyword.Without))
            Expect(Keyword.Hold);
        Expect(Keyword.For);
        if (!IsQueryStartOrGroup)
            throw Unexpected();
        return new DeclareCursorStatement(name, ParseQuery())
        {
            IsBinary = isBinary, IsScrollable = isScrollable, WithHold = withHold,
        };
    }

    private FetchStatement ParseFetch()
    {
        bool isMove = Is(Keyword.Move);
        Advance();
        (FetchDirection direction, long count) = ParseFetchDirection();
        if (!Accept(Keyword.From))
            Accept(Keyword.In);
        return new FetchStatement(ParseColumnName(), direction, count, isMove);
    }

    private (FetchDirection Direction, long Count) ParseFetchDirection()
    {
        // A cursor may have the name of any of these words; FROM or a name behind it tells that it is a direction.
        bool isDirection = _token.Kind != TokenKind.Identifier
            && Peek().Kind is not (TokenKind.End or TokenKind.Semicolon);
        if (!isDirection)
            return (FetchDirection.Forward, 1);
        switch (_token.Keyword)
        {
            case Keyword.Next:
                Advance();
                return (FetchDirection.Forward, 1);
            case Keyword.Prior:
                Advance();
                return (FetchDirection.Backward, 1);
            case Keyword.First:
                Advance();
                return (FetchDirection.Absolute, 1);
            case Keyword.Last:
                Advance();
                return (FetchDirection.Absolute, -1);
            case Keyword.Absolute:
                Advance();
                return (FetchDirection.Absolute, ExpectSignedInteger());
            case Keyword.Relative:
                Advance();
                return (FetchDirection.Relative, ExpectSignedInteger());
            case Keyword.Forward:
                Advance();
                return (FetchDirection.Forward, ParseFetchCount());
            case Keyword.Backward:
                Advance();
                return (FetchDirection.Backward, ParseFetchCount());
            default:
                return (FetchDirection.Forward, ParseFetchCount());
        }
    }

    private long ParseFetchCount()
    {
        if (Accept(Keyword.All))
            return long.MaxValue;
        return Is(TokenKind.Integer) || Is(TokenKind.Plus) || Is(TokenKind.Minus) ? ExpectSignedInteger() : 1;
    }

    private long ExpectSignedInteger()
    {
        bool isNegative = Accept(TokenKind.Minus);
        if (!isNegative)
            Accept(TokenKind.Plus);
        int value = ExpectInteger();
        return isNegative ? -value : value;
    }

    private CloseStatement ParseClose()
    {
        Expect(Keyword.Close);
        return new CloseStatement(Accept(Keyword.All) ? null : ParseColumnName());
    }

    private LockTableStatement ParseLock()
    {
        Expect(Keyword.Lock);
        Accept(Keyword.Table);
        ValueList<QualifiedName> tables = ParseList(ParseRelation);
        string mode = "access exclusive";
        if (Accept(Keyword.In))
        {
            mode = ParseLockMode();
            Expect(Keyword.Mode);
        }
        return new LockTableStatement(tables, mode, Accept(Keyword.Nowait));
    }

    private string ParseLockMode()
    {
        if (Accept(Keyword.Access))
            return Accept(Keyword.Share) ? "access share" : Expecting("access exclusive", Keyword.Exclusive);
        if (Accept(Keyword.Row))
            return Accept(Keyword.Share) ? "row share" : Expecting("row exclusive", Keyword.Exclusive);
        if (Accept(Keyword.Exclusive))
            return "exclusive";
        Expect(Keyword.Share);
        if (Accept(Keyword.Update))
            return Expecting("share update exclusive", Keyword.Exclusive);
        return Accept(Keyword.Row) ? Expecting("share row exclusive", Keyword.Exclusive) : "share";
    }

    private DoStatement ParseDo()
    {
        Expect(Keyword.Do);
        string? language = null;
        StringLiteral? body = null;
        while (Is(TokenKind.String) || Is(Keyword.Language))
        {
            int position = _token.Position;
            bool isLanguage = Accept(Keyword.Language);
            if (isLanguage ? language is not null : body is not null)
                throw Error("conflicting or redundant options", position);
            if (isLanguage)
                language = ParseNameOrString();
            else
                body = new StringLiteral(ExpectString()) { Position = position };
        }
        if (body is null && language is null)
            throw Unexpected();
        return new DoStatement(language ?? "plpgsql", body ?? throw Error("no inline code specified", position: 0));
    }

    private string ParseNameOrString() => Is(TokenKind.String) ? ExpectString() : ParseNonReservedWord();

    private CallStatement ParseCall()
    {
        Expect(Keyword.Call);
        int position = _token.Position;
        if (!IsFunctionName(_token) && !IsColumnName(_token))
            throw Unexpected();
        QualifiedName name = ParseNameBehind(TakeName(), position);
        return new CallStatement(ParseApplication(name));
    }
}
