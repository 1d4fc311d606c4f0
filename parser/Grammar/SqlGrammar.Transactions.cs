using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private TransactionStatement? ParseTransactionOrNull()
    {
        switch (_token.Keyword)
        {
            case Keyword.Begin:
                Advance();
                SkipTransactionWord();
                return new TransactionStatement(TransactionVerb.Begin) { Modes = ParseOptionalModes() };
            case Keyword.Start:
                Expect(Keyword.Start, Keyword.Transaction);
                return new TransactionStatement(TransactionVerb.StartTransaction) { Modes = ParseOptionalModes() };
            case Keyword.Commit or Keyword.End:
                return ParseCommit();
            case Keyword.Rollback or Keyword.Abort:
                return ParseRollback();
            case Keyword.Savepoint:
                Advance();
                return new TransactionStatement(TransactionVerb.Savepoint) { Name = ParseColumnName() };
            case Keyword.Release:
                Advance();
                if (Peek().Kind is TokenKind.Identifier or TokenKind.Keyword)
                    Accept(Keyword.Savepoint);
                return new TransactionStatement(TransactionVerb.Release) { Name = ParseColumnName() };
            case Keyword.Prepare when Peek().Keyword == Keyword.Transaction && PeekSecond().Kind == TokenKind.String:
                Advance();
                Advance();
                return new TransactionStatement(TransactionVerb.PrepareTransaction) { Name = ExpectString() };
            default:
                return null;
        }
    }

    private void SkipTransactionWord()
    {
        if (!Accept(Keyword.Work))
            Accept(Keyword.Transaction);
    }

    private TransactionStatement ParseCommit()
    {
        bool isCommit = Is(Keyword.Commit);
        Advance();
        if (isCommit && Accept(Keyword.Prepared))
            return new TransactionStatement(TransactionVerb.CommitPrepared) { Name = ExpectString() };
        SkipTransactionWord();
        return new TransactionStatement(TransactionVerb.Commit) { AndChain = ParseChain() };
    }

    private TransactionStatement ParseRollback()
    {
        bool isRollback = Is(Keyword.Rollback);
        Advance();
        if (isRollback && Accept(Keyword.Prepared))
            return new TransactionStatement(TransactionVerb.RollbackPrepared) { Name = ExpectString() };
        SkipTransactionWord();
        if (!isRollback || !Accept(Keyword.To))
            return new TransactionStatement(TransactionVerb.Rollback) { AndChain = ParseChain() };
        Accept(Keyword.Savepoint);
        return new TransactionStatement(TransactionVerb.RollbackTo) { Name = ParseColumnName() };
    }

    /// <summary>[AND [NO] CHAIN]</summary>
    private bool ParseChain()
    {
        if (!Accept(Keyword.And))
            return false;
        bool chains = !Accept(Keyword.No);
        Expect(Keyword.Chain);
        return chains;
    }

    private bool IsTransactionMode => _token.Keyword is Keyword.Isolation or Keyword.Read or Keyword.Deferrable
        || Is(Keyword.Not, Keyword.Deferrable) || IsAsOf;

    private bool IsAsOf => Is(Keyword.As, Keyword.Of) && PeekSecond().Keyword == Keyword.System;

    /// <summary>AS OF SYSTEM TIME value: one for all of a statement.</summary>
    private Expression ParseAsOf()
    {
        int position = _token.Position;
        Expect(Keyword.As, Keyword.Of);
        Expect(Keyword.System, Keyword.Time);
        Expression asOf = ParseExpression();
        if (_asOf is not null && _asOf != asOf)
            throw NotSupported("more than one AS OF SYSTEM TIME in a statement is", position);
        return _asOf = asOf;
    }

    /// <summary>All of a statement sees one moment.</summary>
    private static Statement WithAsOf(Statement statement, Expression asOf) => statement switch
    {
        ExplainStatement explain => explain with { Statement = WithAsOf(explain.Statement, asOf) },
        PrepareStatement prepare => prepare with { Statement = WithAsOf(prepare.Statement, asOf) },
        CopyStatement { Query: { } query } copy => copy with { Query = WithAsOf(query, asOf) },
        QueryStatement or InsertStatement or UpdateStatement or DeleteStatement or MergeStatement => statement with { AsOf = asOf },
        _ => throw NotSupported("AS OF SYSTEM TIME in such a statement is", asOf.Position),
    };

    private TransactionModes ParseOptionalModes() => IsTransactionMode ? ParseModes() : TransactionModes.None;

    /// <summary>ISOLATION LEVEL …, READ ONLY|WRITE, [NOT] DEFERRABLE, AS OF SYSTEM TIME …, with or without commas between.</summary>
    private TransactionModes ParseModes()
    {
        TransactionModes modes = new(null, null, null) { Position = _token.Position };
        while (true)
        {
            if (Accept(Keyword.Isolation))
            {
                Expect(Keyword.Level);
                modes = modes with { Isolation = ParseIsolation() };
            }
            else if (Accept(Keyword.Read))
            {
                bool isReadOnly = Accept(Keyword.Only);
                if (!isReadOnly)
                    Expect(Keyword.Write);
                modes = modes with { IsReadOnly = isReadOnly };
            }
            else if (Accept(Keyword.Deferrable))
            {
                modes = modes with { IsDeferrable = true };
            }
            else if (IsAsOf)
            {
                modes = modes with { AsOf = ParseAsOf() };
                _asOf = null;
            }
            else
            {
                Expect(Keyword.Not, Keyword.Deferrable);
                modes = modes with { IsDeferrable = false };
            }
            if (!Accept(TokenKind.Comma) && !IsTransactionMode)
                return modes;
        }
    }

    private string ParseIsolation()
    {
        if (Accept(Keyword.Serializable))
            return "serializable";
        if (Accept(Keyword.Repeatable))
            return Expecting("repeatable read", Keyword.Read);
        Expect(Keyword.Read);
        return Accept(Keyword.Committed) ? "read committed" : Expecting("read uncommitted", Keyword.Uncommitted);
    }
}
