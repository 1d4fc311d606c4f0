using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    /// <summary>No key word of PostgreSQL's, and so none here: a name like others where no model is spoken of.</summary>
    private bool IsModel => IsWord("model");

    /// <summary>CREATE MODEL [IF NOT EXISTS] name [USING onnx] FROM 'file' [WITH (options)]</summary>
    private CreateModelStatement ParseCreateModel()
    {
        ExpectWord("model");
        bool ifNotExists = AcceptIfNotExists();
        string name = ParseColumnName();
        SkipModelFormat();
        string source = ParseModelSource();
        SkipModelFormat();
        return new CreateModelStatement(name, source, ParseModelOptions()) { IfNotExists = ifNotExists };
    }

    /// <summary>ALTER MODEL name: ADD VERSION, DROP VERSION, SET DEFAULT, WARM, RENAME TO, OWNER TO</summary>
    private AlterModelStatement ParseAlterModel()
    {
        ExpectWord("model");
        string name = ParseColumnName();
        int position = _token.Position;
        return new AlterModelStatement(name, ParseModelAction() with { Position = position });
    }

    private AlterAction ParseModelAction()
    {
        if (Accept(Keyword.Add))
        {
            Expect(Keyword.Version);
            int? number = Is(TokenKind.Integer) ? ExpectInteger() : null;
            return new AddModelVersionAction(number, ParseModelSource(), ParseModelOptions());
        }
        if (Accept(Keyword.Drop))
        {
            Expect(Keyword.Version);
            return new DropModelVersionAction(ExpectInteger());
        }
        if (Accept(Keyword.Set))
        {
            Expect(Keyword.Default);
            return new SetDefaultModelAction(Accept(Keyword.Version) ? ExpectInteger() : null);
        }
        if (AcceptWord("warm"))
            return new WarmModelAction();
        if (Is(Keyword.Owner))
            return ParseOwner();
        Expect(Keyword.Rename, Keyword.To);
        return new RenameAction(ParseColumnName());
    }

    /// <summary>DROP MODEL [IF EXISTS] name, … [CASCADE|RESTRICT]</summary>
    private DropStatement ParseDropModel()
    {
        ExpectWord("model");
        bool ifExists = AcceptIfExists();
        ValueList<QualifiedName> names = ParseList(ParseModelName);
        return new DropStatement("model", names, ifExists, ParseCascade());
    }

    private QualifiedName ParseModelName()
    {
        int position = _token.Position;
        return new QualifiedName([ParseColumnName()]) { Position = position };
    }

    private string ParseModelSource()
    {
        Expect(Keyword.From);
        return ExpectString();
    }

    private ValueList<Option> ParseModelOptions() => Accept(Keyword.With) ? ParseStorageOptions() : [];

    /// <summary>USING onnx says what goes without saying: there is one format.</summary>
    private void SkipModelFormat()
    {
        if (!Accept(Keyword.Using))
            return;
        int position = _token.Position;
        string format = ParseColumnName();
        if (format != "onnx")
        {
            throw new SqlException(SqlState.FeatureNotSupported, $"model format \"{format}\" is not supported", position,
                "Models are ONNX files.");
        }
    }
}
