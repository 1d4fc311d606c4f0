using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Text.Lexemes;
using VecSQL.Text.Tokens;

namespace VecSQL.Executor.Functions.Sets;

/// <summary>unnest(tsvector): lexemes with the arrays of their positions and weights; null arrays where there are none.</summary>
internal sealed class LexemeRows : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        BinaryColumnBuilder lexemes = new(), places = new(), weights = new();
        LexemeVector vector = LexemeVector.Read(((BinaryColumn)arguments[0])[0]);
        foreach (Lexeme lexeme in vector.Lexemes)
        {
            lexemes.Append(lexeme.Text);
            if (lexeme.Positions.Length == 0)
            {
                places.AppendNull();
                weights.AppendNull();
                continue;
            }
            ArrayBuilder placeArray = new(TypeOid.Int2), weightArray = new(TypeOid.Text);
            foreach (LexemePosition position in lexeme.Positions)
            {
                ((FixedColumnBuilder<short>)placeArray.Elements).Append((short)position.Place);
                ((BinaryColumnBuilder)weightArray.Elements).Append([(byte)('D' - position.Weight)]);
            }
            placeArray.AppendTo(places);
            weightArray.AppendTo(weights);
        }
        return SetBatches.Split([lexemes.Build(), places.Build(), weights.Build()], vector.Lexemes.Count);
    }
}

/// <summary>ts_token_type: the kinds of tokens.</summary>
internal sealed class TokenKindRows : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        TextParsers.Check(arguments[0]);
        BinaryColumnBuilder aliases = new(), descriptions = new();
        int[] numbers = [.. Enumerable.Range(1, (int)TokenKinds.Last)];
        foreach (int number in numbers)
        {
            aliases.Append(TokenKinds.Alias((TokenKind)number));
            descriptions.Append(TokenKinds.Description((TokenKind)number));
        }
        return SetBatches.Split([new FixedColumn<int>(numbers), aliases.Build(), descriptions.Build()], numbers.Length);
    }
}

/// <summary>ts_parse: the tokens of a text.</summary>
internal sealed class TokenRows : SetFunction
{
    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        TextParsers.Check(arguments[0]);
        List<int> kinds = [];
        BinaryColumnBuilder tokens = new();
        TokenReader reader = new(((BinaryColumn)arguments[1])[0]);
        while (reader.MoveNext())
        {
            kinds.Add((int)reader.Kind);
            tokens.Append(reader.Token);
        }
        return SetBatches.Split([new FixedColumn<int>([.. kinds]), tokens.Build()], kinds.Count);
    }
}

/// <summary>The one text search parser.</summary>
internal static class TextParsers
{
    private const uint DefaultOid = 3722;

    /// <exception cref="SqlException">42704: the argument, a name or an object id, is not that of the default parser.</exception>
    internal static void Check(Column argument)
    {
        if (argument is FixedColumn<long> oids)
        {
            if (oids[0] != DefaultOid)
                throw new SqlException(SqlState.InternalError, $"cache lookup failed for text search parser {oids[0]}");
            return;
        }
        string name = System.Text.Encoding.UTF8.GetString(((BinaryColumn)argument)[0]);
        if (name is not ("default" or "pg_catalog.default"))
            throw new SqlException(SqlState.UndefinedObject, $"text search parser \"{name}\" does not exist");
    }
}
