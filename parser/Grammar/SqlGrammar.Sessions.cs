using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private Statement? ParseSessionOrNull()
    {
        switch (_token.Keyword)
        {
            case Keyword.Set:
                return ParseSet();
            case Keyword.Reset:
                Advance();
                return new ResetStatement(Accept(Keyword.All) ? null : ParseSettingName());
            case Keyword.Show:
                Advance();
                ShowStatement show = new(Accept(Keyword.All) ? "all" : ParseSettingName());
                if (show.Name is not ("shards" or "ranges") || !Accept(Keyword.From))
                    return show;
                Expect(Keyword.Table);
                return new ShowStatement("shards") { Table = ParseAnyName() };
            case Keyword.Discard:
                return ParseDiscard();
            case Keyword.Listen:
                Advance();
                return new ListenStatement(ParseColumnName());
            case Keyword.Unlisten:
                Advance();
                return new UnlistenStatement(Accept(TokenKind.Star) ? null : ParseColumnName());
            case Keyword.Notify:
                Advance();
                string channel = ParseColumnName();
                return new NotifyStatement(channel, Accept(TokenKind.Comma) ? ExpectString() : null);
            default:
                return null;
        }
    }

    private DiscardStatement ParseDiscard()
    {
        Expect(Keyword.Discard);
        string what = _token.Keyword switch
        {
            Keyword.All or Keyword.Plans or Keyword.Sequences or Keyword.Temp => KeywordTable.Word(_token.Keyword),
            Keyword.Temporary => "temp",
            _ => throw Unexpected(),
        };
        Advance();
        return new DiscardStatement(what);
    }

    private Statement ParseSet()
    {
        Expect(Keyword.Set);
        if (Is(Keyword.Constraints) && !IsSettingOperator(Peek()))
            return ParseSetConstraints();
        bool isLocal = Is(Keyword.Local) && !IsSettingOperator(Peek());
        bool isSession = Is(Keyword.Session) && Peek().Keyword != Keyword.Authorization && !IsSettingOperator(Peek());
        if (isLocal || isSession)
            Advance();
        if (isSession && Is(Keyword.Characteristics))
        {
            Advance();
            Expect(Keyword.As, Keyword.Transaction);
            return new TransactionStatement(TransactionVerb.SetSessionCharacteristics) { Modes = ParseModes() };
        }
        if (Is(Keyword.Transaction) && !IsSettingOperator(Peek()))
            return ParseSetTransaction();
        return ParseSetting(isLocal);
    }

    private static bool IsSettingOperator(in Token token) =>
        token.Kind is TokenKind.Equal or TokenKind.Dot || token.Keyword == Keyword.To;

    private TransactionStatement ParseSetTransaction()
    {
        Expect(Keyword.Transaction);
        int position = _token.Position;
        TransactionModes modes = Accept(Keyword.Snapshot)
            ? TransactionModes.None with { Snapshot = ExpectString(), Position = position }
            : ParseModes();
        return new TransactionStatement(TransactionVerb.SetTransaction) { Modes = modes };
    }

    private SetStatement ParseSetting(bool isLocal)
    {
        bool isAssignment = IsSettingOperator(Peek());
        switch (_token.Keyword)
        {
            case Keyword.Time when !isAssignment:
                Expect(Keyword.Time, Keyword.Zone);
                return new SetStatement("timezone", ParseZone(), isLocal);
            case Keyword.Names when !isAssignment:
                Advance();
                ValueList<Expression> encoding = Is(TokenKind.String) ? [ParseSettingValue()] : [];
                if (encoding.IsEmpty)
                    Accept(Keyword.Default);
                return new SetStatement("client_encoding", encoding, isLocal);
            case Keyword.Schema when !isAssignment:
                Advance();
                return new SetStatement("search_path", [ExpectStringLiteral()], isLocal);
            case Keyword.Role when !isAssignment:
                Advance();
                return new SetStatement("role", [ParseWordOrString()], isLocal);
            case Keyword.Session when !isAssignment:
                Expect(Keyword.Session, Keyword.Authorization);
                return new SetStatement(
                    "session_authorization", Accept(Keyword.Default) ? [] : [ParseWordOrString()], isLocal);
            case Keyword.Catalog when !isAssignment:
                throw NotSupported("SET CATALOG is", _token.Position);
            case Keyword.Xml when !isAssignment:
                throw NotSupported("XML is", _token.Position);
        }
        string name = ParseDottedSetting();
        if (Is(Keyword.From, Keyword.Current))
            throw NotSupported("SET … FROM CURRENT is", _token.Position);
        if (!Accept(TokenKind.Equal))
            Expect(Keyword.To);
        return new SetStatement(name, Accept(Keyword.Default) ? [] : ParseList(ParseSettingValue), isLocal);
    }

    private string ParseDottedSetting()
    {
        string name = ParseColumnName();
        while (Accept(TokenKind.Dot))
            name = $"{name}.{ParseColumnName()}";
        return name;
    }

    /// <summary>A setting's name in RESET and SHOW, where some have a spelling of several words.</summary>
    private string ParseSettingName()
    {
        if (Accept(Keyword.Time, Keyword.Zone))
            return "timezone";
        if (Accept(Keyword.Session, Keyword.Authorization))
            return "session_authorization";
        if (!Is(Keyword.Transaction, Keyword.Isolation))
            return ParseDottedSetting();
        Advance();
        return Expecting("transaction_isolation", Keyword.Isolation, Keyword.Level);
    }

    private StringLiteral ExpectStringLiteral()
    {
        int position = _token.Position;
        return new StringLiteral(ExpectString()) { Position = position };
    }

    /// <summary>A word stands for the string of its letters.</summary>
    private StringLiteral ParseWordOrString()
    {
        int position = _token.Position;
        return Is(TokenKind.String)
            ? ExpectStringLiteral()
            : new StringLiteral(ParseNonReservedWord()) { Position = position };
    }

    private Expression ParseSettingValue()
    {
        int position = _token.Position;
        if (IsNumber || Is(TokenKind.Plus) || Is(TokenKind.Minus))
            return ParseSignedNumber();
        if (_token.Keyword is Keyword.True or Keyword.False or Keyword.On)
            return new StringLiteral(TakeName()) { Position = position };
        return ParseWordOrString();
    }

    /// <summary>A time zone: a string, a name, a number of hours or an interval; empty for LOCAL and DEFAULT.</summary>
    private ValueList<Expression> ParseZone()
    {
        if (Accept(Keyword.Local) || Accept(Keyword.Default))
            return [];
        if (Is(Keyword.Interval))
            return [ParseIntervalConstant()];
        if (Is(TokenKind.Identifier) || Is(TokenKind.String))
            return [ParseWordOrString()];
        return [ParseSignedNumber()];
    }

    private SetConstraintsStatement ParseSetConstraints()
    {
        Expect(Keyword.Constraints);
        ValueList<QualifiedName> names = Accept(Keyword.All) ? [] : ParseList(ParseRelationName);
        bool isDeferred = Accept(Keyword.Deferred);
        if (!isDeferred)
            Expect(Keyword.Immediate);
        return new SetConstraintsStatement(names, isDeferred);
    }
}
