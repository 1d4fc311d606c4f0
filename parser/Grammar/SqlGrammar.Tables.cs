using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private Statement ParseCreateTable(bool isTemporary, bool isUnlogged)
    {
        Expect(Keyword.Table);
        bool ifNotExists = AcceptIfNotExists();
        QualifiedName name = ParseRelationName();
        if (Is(Keyword.Partition, Keyword.Of))
            throw NotSupported("PARTITION OF is", _token.Position);
        if (Is(Keyword.Of))
            throw NotSupported("a table of a composite type is", _token.Position);
        bool namesOnly = Is(TokenKind.OpenParen) && IsColumnName(Peek())
            && PeekSecond().Kind is TokenKind.Comma or TokenKind.CloseParen;
        if (namesOnly || !Is(TokenKind.OpenParen))
        {
            return ParseCreateTableAs(name) with
            {
                IfNotExists = ifNotExists, IsTemporary = isTemporary, IsUnlogged = isUnlogged,
            };
        }
        Expect(TokenKind.OpenParen);
        ValueList<TableElement> elements = Is(TokenKind.CloseParen) ? [] : ParseList(ParseTableElement);
        Expect(TokenKind.CloseParen);
        ListBuilder<Option> clauses = default;
        ParseInheritance(ref clauses);
        ParseAccessMethod(ref clauses);
        ValueList<Option> options = ParseTableOptions();
        string? onCommit = ParseOnCommit();
        ParseTablespace(ref clauses);
        SplitClause? split = ParseSplit();
        return new CreateTableStatement(name)
        {
            IfNotExists = ifNotExists,
            IsTemporary = isTemporary,
            IsUnlogged = isUnlogged,
            Elements = elements,
            Options = options,
            OnCommit = onCommit,
            Clauses = clauses.ToList(),
            Split = split,
        };
    }

    /// <summary>SPLIT INTO count TABLETS, SPLIT AT VALUES (…): words only where they are looked for.</summary>
    private SplitClause? ParseSplit()
    {
        int position = _token.Position;
        if (!AcceptWord("split"))
            return null;
        if (!Accept(Keyword.Into))
            return new SplitClause(null, ParseSplitPoints()) { Position = position };
        int count = ExpectInteger();
        ExpectWord("tablets");
        return new SplitClause(count, []) { Position = position };
    }

    /// <summary>AT VALUES ((a, b), …), or the points without parentheses around them all.</summary>
    private ValueList<ValueList<Expression>> ParseSplitPoints()
    {
        Expect(Keyword.At);
        Expect(Keyword.Values);
        if (!Is(TokenKind.OpenParen) || Peek().Kind != TokenKind.OpenParen)
            return ParseList(ParseSplitPoint);
        Expect(TokenKind.OpenParen);
        ValueList<ValueList<Expression>> points = ParseList(ParseSplitPoint);
        Expect(TokenKind.CloseParen);
        return points;
    }

    private ValueList<Expression> ParseSplitPoint() => ParseParenthesizedList(ParseExpression);

    private CreateTableAsStatement ParseCreateTableAs(QualifiedName name)
    {
        ValueList<string> columns = ParseOptionalColumnNames();
        RefuseAccessMethod();
        ValueList<Option> options = ParseTableOptions();
        string? onCommit = ParseOnCommit();
        RefuseTablespace();
        Expect(Keyword.As);
        if (!Is(Keyword.Execute) && !IsQueryStartOrGroup)
            throw Unexpected();
        ExecuteStatement? prepared = Is(Keyword.Execute) ? ParseExecute() : null;
        return new CreateTableAsStatement(name, prepared is null ? ParseQuery() : null)
        {
            Prepared = prepared,
            Columns = columns, Options = options, OnCommit = onCommit, WithoutData = ParseWithoutData(),
        };
    }

    private CreateTableAsStatement ParseCreateMaterializedView()
    {
        Expect(Keyword.Materialized, Keyword.View);
        bool ifNotExists = AcceptIfNotExists();
        QualifiedName name = ParseRelationName();
        int position = _token.Position;
        CreateTableAsStatement create = ParseCreateTableAs(name);
        if (create.Prepared is not null)
            throw Error("materialized views may not be defined using prepared statements", position);
        return create with { IfNotExists = ifNotExists, IsMaterializedView = true };
    }

    private void ParseInheritance(ref ListBuilder<Option> clauses)
    {
        int position = _token.Position;
        if (Accept(Keyword.Inherits))
        {
            ValueList<Expression> parents = ParseParenthesizedList<Expression>(ParseRelationWord);
            clauses.Add(new Option("inherits", null, parents) { Position = position });
        }
        position = _token.Position;
        if (!Accept(Keyword.Partition))
            return;
        Expect(Keyword.By);
        ColumnReference strategy = ParseColumnWord();
        ValueList<Expression> keys = ParseParenthesizedList(() => ParseIndexElement().Expression);
        clauses.Add(new Option("partition by", strategy, keys) { Position = position });
    }

    private ColumnReference ParseRelationWord()
    {
        QualifiedName name = ParseRelationName();
        return new ColumnReference(name) { Position = name.Position };
    }

    private void ParseAccessMethod(ref ListBuilder<Option> clauses)
    {
        int position = _token.Position;
        if (Accept(Keyword.Using))
            clauses.Add(new Option("using", ParseColumnWord(), []) { Position = position });
    }

    private void ParseTablespace(ref ListBuilder<Option> clauses)
    {
        int position = _token.Position;
        if (Accept(Keyword.Tablespace))
            clauses.Add(new Option("tablespace", ParseColumnWord(), []) { Position = position });
    }

    private void RefuseAccessMethod()
    {
        if (Is(Keyword.Using))
            throw NotSupported("a table access method is", _token.Position);
    }

    private void RefuseTablespace()
    {
        if (Is(Keyword.Tablespace))
            throw NotSupported("TABLESPACE is", _token.Position);
    }

    private ValueList<Option> ParseTableOptions()
    {
        if (Accept(Keyword.Without))
        {
            Expect(Keyword.Oids);
            return [];
        }
        return Accept(Keyword.With) ? ParseStorageOptions() : [];
    }

    /// <summary>(name = value, prefix.name, …)</summary>
    private ValueList<Option> ParseStorageOptions() => ParseParenthesizedList(ParseStorageOption);

    private Option ParseStorageOption()
    {
        int position = _token.Position;
        string name = ParseLabel();
        if (Accept(TokenKind.Dot))
            name = $"{name}.{ParseLabel()}";
        Option option = Flag(name, position);
        return Accept(TokenKind.Equal) ? option with { Value = ParseStorageValue() } : option;
    }

    /// <summary>A number, a string, TRUE, FALSE, or any word.</summary>
    private Expression ParseStorageValue()
    {
        int position = _token.Position;
        return StartsOptionValue ? ParseOptionValue() : Word(ParseLabel(), position);
    }

    private string? ParseOnCommit()
    {
        if (!Accept(Keyword.On))
            return null;
        Expect(Keyword.Commit);
        if (Accept(Keyword.Drop))
            return "drop";
        return Accept(Keyword.Delete)
            ? Expecting("delete rows", Keyword.Rows)
            : Expecting("preserve rows", Keyword.Preserve, Keyword.Rows);
    }

    private TableElement ParseTableElement()
    {
        if (Is(Keyword.Like))
            return ParseLike();
        if (IsVectorIndex)
            return ParseInlineIndex();
        return IsTableConstraint ? ParseTableConstraint() : ParseColumnDefinition();
    }

    private bool IsTableConstraint => _token.Keyword is Keyword.Constraint or Keyword.Check or Keyword.Unique
        or Keyword.Primary or Keyword.Foreign || (Is(Keyword.Exclude) && Peek().Kind == TokenKind.OpenParen)
        || Is(Keyword.Exclude, Keyword.Using);

    private LikeClause ParseLike()
    {
        int position = _token.Position;
        Expect(Keyword.Like);
        QualifiedName table = ParseRelationName();
        string[] kinds = ["comments", "compression", "constraints", "defaults", "generated", "identity", "indexes",
            "statistics", "storage"];
        List<string> including = [];
        while (Is(Keyword.Including) || Is(Keyword.Excluding))
        {
            bool isIncluding = Is(Keyword.Including);
            Advance();
            string kind = _token.Keyword == Keyword.NoKeyword ? "" : KeywordTable.Word(_token.Keyword);
            if (kind != "all" && !kinds.Contains(kind))
                throw Unexpected();
            Advance();
            if (kind == "all")
                including = isIncluding ? ["all"] : [];
            else if (!isIncluding && including.Remove("all"))
                including = [.. kinds.Where(one => one != kind)];
            else if (!isIncluding)
                including.Remove(kind);
            else if (!including.Contains(kind) && !including.Contains("all"))
                including.Add(kind);
        }
        return new LikeClause(table, new([.. including])) { Position = position };
    }

    private ColumnDefinition ParseColumnDefinition()
    {
        int position = _token.Position;
        string name = ParseColumnName();
        TypeName type = ParseTypeName();
        if (Is(Keyword.Compression))
            throw NotSupported("COMPRESSION is", _token.Position);
        QualifiedName? collation = null;
        ListBuilder<ColumnConstraint> constraints = default;
        RefuseTiming();
        while (true)
        {
            if (Is(Keyword.Collate))
            {
                if (collation is not null)
                    throw Error("multiple COLLATE clauses not allowed", _token.Position);
                Advance();
                collation = ParseAnyName();
            }
            else if (TryParseColumnConstraint() is { } constraint)
            {
                constraints.Add(constraint);
            }
            else
            {
                return new ColumnDefinition(name, type)
                {
                    Position = position, Constraints = constraints.ToList(), Collation = collation,
                };
            }
        }
    }
}
