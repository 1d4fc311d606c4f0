using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private Statement ParseStatement()
    {
        int position = _token.Position;
        _asOf = null;
        Statement statement = IsQueryStartOrGroup || IsDataModification(_token.Keyword)
            ? ParsePreparable()
            : ParseTransactionOrNull() ?? ParseSessionOrNull() ?? ParseUtilityOrNull() ?? ParseDefinition();
        if (_asOf is { } asOf)
            statement = WithAsOf(statement, asOf);
        return statement with { Position = position };
    }

    private static bool IsDataModification(Keyword keyword) =>
        keyword is Keyword.Insert or Keyword.Update or Keyword.Delete or Keyword.Merge;

    /// <summary>A statement that PREPARE, EXPLAIN, COPY and WITH can hold: a query or a modification of data.</summary>
    private Statement ParsePreparable()
    {
        int position = _token.Position;
        if (!Is(Keyword.With))
            return ParsePreparableBehind(with: null) with { Position = position };
        Enter();
        int outer = BeginHeight();
        WithClause with = ParseWith();
        Statement statement = ParsePreparableBehind(with) with { Position = position };
        EndHeight(outer, levels: 0);
        Leave();
        return statement;
    }

    private Statement ParsePreparableBehind(WithClause? with)
    {
        switch (_token.Keyword)
        {
            case Keyword.Insert:
                return ParseInsert(with);
            case Keyword.Update:
                return ParseUpdate(with);
            case Keyword.Delete:
                return ParseDelete(with);
            case Keyword.Merge:
                return ParseMerge(with);
        }
        if (with is null)
            return new QueryStatement(ParseQuery());
        if (!IsQueryStartOrGroup || Is(Keyword.With))
            throw Unexpected();
        int position = _token.Position;
        int outer = BeginHeight();
        QueryExpression first = Is(TokenKind.OpenParen)
            ? ParseQueryInParentheses()
            : new QueryExpression(ParseQueryPrimary()) { Position = position };
        QueryExpression query = ParseQueryBehind(first, with);
        EndHeight(outer, QueryHeight);
        return new QueryStatement(query with { Position = with.Position });
    }

    private Statement? ParseUtilityOrNull()
    {
        switch (_token.Keyword)
        {
            case Keyword.Copy:
                return ParseCopy();
            case Keyword.Explain:
                return ParseExplain();
            case Keyword.Prepare:
                return ParsePrepare();
            case Keyword.Execute:
                return ParseExecute();
            case Keyword.Deallocate:
                return ParseDeallocate();
            case Keyword.Declare:
                return ParseDeclareCursor();
            case Keyword.Fetch or Keyword.Move:
                return ParseFetch();
            case Keyword.Close:
                return ParseClose();
            case Keyword.Truncate:
                return ParseTruncate();
            case Keyword.Lock:
                return ParseLock();
            case Keyword.Vacuum or Keyword.Analyze or Keyword.Analyse or Keyword.Checkpoint or Keyword.Reindex
                or Keyword.Cluster:
                return ParseMaintenance();
            case Keyword.Do:
                return ParseDo();
            case Keyword.Call:
                return ParseCall();
            case Keyword.Comment:
                return ParseComment();
            case Keyword.Grant or Keyword.Revoke:
                return ParseGrantOrRevoke();
            default:
                return ParseClusterWorkOrNull();
        }
    }
}
