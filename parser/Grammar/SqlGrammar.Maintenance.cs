using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private MaintenanceStatement ParseMaintenance()
    {
        Keyword verb = _token.Keyword;
        Advance();
        return verb switch
        {
            Keyword.Vacuum => ParseVacuum(),
            Keyword.Analyze or Keyword.Analyse => ParseAnalyze(),
            Keyword.Reindex => ParseReindex(),
            Keyword.Cluster => ParseCluster(),
            _ => new MaintenanceStatement("checkpoint", [], []),
        };
    }

    private MaintenanceStatement ParseVacuum()
    {
        ListBuilder<Option> options = default;
        if (Is(TokenKind.OpenParen))
        {
            AddAll(ref options, ParseParenthesizedList(ParseUtilityOption));
        }
        else
        {
            AcceptFlag(ref options, Keyword.Full);
            AcceptFlag(ref options, Keyword.Freeze);
            AcceptFlag(ref options, Keyword.Verbose);
            int position = _token.Position;
            if (Accept(Keyword.Analyze) || Accept(Keyword.Analyse))
                options.Add(Flag("analyze", position));
        }
        return new MaintenanceStatement("vacuum", options.ToList(), ParseOptionalTables());
    }

    private MaintenanceStatement ParseAnalyze()
    {
        ListBuilder<Option> options = default;
        if (Is(TokenKind.OpenParen))
            AddAll(ref options, ParseParenthesizedList(ParseUtilityOption));
        else
            AcceptFlag(ref options, Keyword.Verbose);
        return new MaintenanceStatement("analyze", options.ToList(), ParseOptionalTables());
    }

    private ValueList<QualifiedName> ParseOptionalTables() =>
        IsColumnName(_token) || Is(Keyword.Only) ? ParseList(ParseWholeTable) : [];

    private QualifiedName ParseWholeTable()
    {
        QualifiedName table = ParseRelation();
        return Is(TokenKind.OpenParen) ? throw NotSupported("a list of columns is", _token.Position) : table;
    }

    /// <summary>REINDEX [(…)] kind [CONCURRENTLY] name: what it works on is told as an option.</summary>
    private MaintenanceStatement ParseReindex()
    {
        ListBuilder<Option> options = default;
        if (Is(TokenKind.OpenParen))
            AddAll(ref options, ParseParenthesizedList(ParseUtilityOption));
        if (_token.Keyword is not (Keyword.Index or Keyword.Table or Keyword.Schema or Keyword.System
            or Keyword.Database))
            throw Unexpected();
        int position = _token.Position;
        options.Add(Flag(TakeName(), position));
        AcceptFlag(ref options, Keyword.Concurrently);
        return new MaintenanceStatement("reindex", options.ToList(), [ParseRelationName()]);
    }

    private MaintenanceStatement ParseCluster()
    {
        ListBuilder<Option> options = default;
        if (Is(TokenKind.OpenParen))
            AddAll(ref options, ParseParenthesizedList(ParseUtilityOption));
        else
            AcceptFlag(ref options, Keyword.Verbose);
        if (!IsColumnName(_token))
            return new MaintenanceStatement("cluster", options.ToList(), []);
        QualifiedName table = ParseRelationName();
        int position = _token.Position;
        if (Accept(Keyword.Using))
            options.Add(new Option("using", ParseColumnWord(), []) { Position = position });
        return new MaintenanceStatement("cluster", options.ToList(), [table]);
    }

    /// <summary>COMMENT ON kind name IS 'text'|NULL</summary>
    private CommentStatement ParseComment()
    {
        Expect(Keyword.Comment, Keyword.On);
        if (AcceptWord("model"))
        {
            QualifiedName model = ParseModelName();
            Expect(Keyword.Is);
            return new CommentStatement("model", model, null, Accept(Keyword.Null) ? null : ExpectString());
        }
        bool isKnown = _token.Keyword is Keyword.Table or Keyword.Column or Keyword.View or Keyword.Materialized
            or Keyword.Index or Keyword.Sequence or Keyword.Schema or Keyword.Database or Keyword.Extension
            or Keyword.Type or Keyword.Domain or Keyword.Constraint or Keyword.Function or Keyword.Procedure
            or Keyword.Routine or Keyword.Aggregate or Keyword.Trigger or Keyword.Rule or Keyword.Policy
            or Keyword.Role or Keyword.Tablespace or Keyword.Collation or Keyword.Conversion or Keyword.Foreign
            or Keyword.Statistics or Keyword.Language or Keyword.Procedural or Keyword.Access or Keyword.Event
            or Keyword.Publication or Keyword.Subscription or Keyword.Server;
        if (!isKnown && _token.Keyword is Keyword.Operator or Keyword.Cast or Keyword.Large or Keyword.Text
            or Keyword.Transform)
            throw NotSupported($"COMMENT ON {TokenText.ToString().ToUpperInvariant()} is", _token.Position);
        if (!isKnown)
            throw Unexpected();
        string kind = ParseObjectKind();
        if (kind == "function")
        {
            FunctionSignature function = ParseFunctionSignature();
            Expect(Keyword.Is);
            return new CommentStatement(kind, function.Name, null, Accept(Keyword.Null) ? null : ExpectString()) { Function = function };
        }
        int position = _token.Position;
        QualifiedName name = kind is "type" or "domain"
            ? ParseNameBehind(ParseFunctionName(), position)
            : ParseAnyName();
        if (Is(TokenKind.OpenParen))
            SkipParentheses(); // the types of a function's arguments
        QualifiedName? on = null;
        if (kind is "constraint" or "policy" or "rule" or "trigger")
        {
            Expect(Keyword.On);
            Accept(Keyword.Domain);
            on = ParseAnyName();
        }
        Expect(Keyword.Is);
        string? comment = Accept(Keyword.Null) ? null : ExpectString();
        return new CommentStatement(kind, name, on, comment);
    }

    /// <summary>The kind of an object in COMMENT, DROP and the like, in lower case: "materialized view".</summary>
    private string ParseObjectKind()
    {
        if (_token.Keyword == Keyword.NoKeyword || (KeywordTable.Class(_token.Keyword) == KeywordClass.Reserved
            && _token.Keyword is not (Keyword.Table or Keyword.Column or Keyword.Constraint or Keyword.User
            or Keyword.Foreign or Keyword.Cast or Keyword.Group)))
        {
            throw Unexpected();
        }
        Keyword first = _token.Keyword;
        string kind = TakeName();
        switch (first)
        {
            case Keyword.Materialized:
                return Expecting("materialized view", Keyword.View);
            case Keyword.Access:
                return Expecting("access method", Keyword.Method);
            case Keyword.Event:
                return Expecting("event trigger", Keyword.Trigger);
            case Keyword.Large:
                return Expecting("large object", Keyword.Object);
            case Keyword.Procedural:
                return Expecting("language", Keyword.Language);
            case Keyword.Foreign when Accept(Keyword.Table):
                return "foreign table";
            case Keyword.Foreign:
                return Expecting("foreign data wrapper", Keyword.Data, Keyword.Wrapper);
            case Keyword.Operator when _token.Keyword is Keyword.Class or Keyword.Family:
                return $"operator {TakeName()}";
            case Keyword.Text:
                Expect(Keyword.Search);
                return _token.Keyword is Keyword.Parser or Keyword.Dictionary or Keyword.Template
                    or Keyword.Configuration
                    ? $"text search {TakeName()}"
                    : throw Unexpected();
            default:
                return kind;
        }
    }

    /// <summary>Everything up to the parenthesis that closes the one here.</summary>
    private void SkipParentheses()
    {
        int depth = 0;
        do
        {
            if (Is(TokenKind.OpenParen))
                depth++;
            else if (Is(TokenKind.CloseParen))
                depth--;
            else if (Is(TokenKind.End))
                throw Unexpected();
            Advance();
        }
        while (depth > 0);
    }
}
