using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Text.Configurations;
using VecSQL.Text.Lexemes;

namespace VecSQL.Executor.Functions.Families;

/// <summary>tsvectors and tsqueries of texts, by a text search configuration.</summary>
internal static class TextReadingFunctions
{
    private const string ConfigurationSetting = "default_text_search_config";

    [ThreadStatic]
    private static VectorMaker? s_maker;

    private delegate LexemeQuery? QueryReader(TextConfiguration configuration, ReadOnlySpan<byte> text);

    private static VectorMaker Maker => s_maker ??= new VectorMaker();

    public static void Define(FunctionTable table)
    {
        table.Binary("to_tsvector", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Maker.Make(Default(row.Context), row.Bytes(0))));
        table.Binary("to_tsvector_byid", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Maker.Make(Given(row), row.Bytes(1))));
        foreach (string type in (string[])["json", "jsonb"])
        {
            table.Binary(type + "_string_to_tsvector", static (in Row row, BinaryColumnBuilder target) =>
                target.Append(OfJson(Default(row.Context), row.Bytes(0))));
            table.Binary(type + "_string_to_tsvector_byid", static (in Row row, BinaryColumnBuilder target) =>
                target.Append(OfJson(Given(row), row.Bytes(1))));
        }
        DefineQuery(table, "to_tsquery", QueryMaker.Structured);
        DefineQuery(table, "plainto_tsquery", QueryMaker.Plain);
        DefineQuery(table, "phraseto_tsquery", QueryMaker.Phrase);
        DefineQuery(table, "websearch_to_tsquery", QueryMaker.Web);
        table.Bool("ts_match_tt", static (in Row row) =>
        {
            TextConfiguration configuration = Default(row.Context);
            return LexemeMatch.IsMet(Maker.Make(configuration, row.Bytes(0)), QueryMaker.Plain(configuration, row.Bytes(1)));
        });
        table.Bool("ts_match_tq", static (in Row row) =>
            LexemeMatch.IsMet(Maker.Make(Default(row.Context), row.Bytes(0)), LexemeQuery.Read(row.Bytes(1))));
        table.Binary("ts_headline_byid_opt", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Headline.Make(Given(row), row.Bytes(1), LexemeQuery.Read(row.Bytes(2)), HeadlineOptions.Parse(row.Text(3)))));
        table.Binary("ts_headline_byid", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Headline.Make(Given(row), row.Bytes(1), LexemeQuery.Read(row.Bytes(2)), HeadlineOptions.Default)));
        table.Binary("ts_headline_opt", static (in Row row, BinaryColumnBuilder target) => target.Append(
            Headline.Make(Default(row.Context), row.Bytes(0), LexemeQuery.Read(row.Bytes(1)), HeadlineOptions.Parse(row.Text(2)))));
        table.Binary("ts_headline", static (in Row row, BinaryColumnBuilder target) => target.Append(
            Headline.Make(Default(row.Context), row.Bytes(0), LexemeQuery.Read(row.Bytes(1)), HeadlineOptions.Default)));
        table.Fixed("get_current_ts_config", static (in Row row) => (long)Default(row.Context).Oid);
        table.Binary("ts_lexize", static (in Row row, BinaryColumnBuilder target) =>
        {
            ArrayBuilder array = new(TypeOid.Text);
            byte[] lexeme = TextDictionary.Find((uint)row.Int8(0)).Lexize(row.Bytes(1));
            if (lexeme.Length > 0)
                ((BinaryColumnBuilder)array.Elements).Append(lexeme);
            array.AppendTo(target);
        });
    }

    private static void DefineQuery(FunctionTable table, string name, QueryReader read)
    {
        // A query is nearly always the same for every row.
        table.Site(name, _ =>
        {
            LastUsed<Made> last = new(static _ => new Made());
            return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
                target.Append(last.Get(row.Bytes(0)).Of(read, Default(row.Context), row.Bytes(0))));
        });
        table.Site(name + "_byid", _ =>
        {
            LastUsed<Made> last = new(static _ => new Made());
            return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
                target.Append(last.Get(row.Bytes(1)).Of(read, Given(row), row.Bytes(1))));
        });
    }

    private static TextConfiguration Given(in Row row) => TextConfiguration.Find((uint)row.Int8(0));

    private static TextConfiguration Default(EvaluationContext context) =>
        TextConfiguration.FindQualified(context.Session.Setting(ConfigurationSetting) ?? "") ?? TextConfiguration.Simple;

    private static byte[] OfJson(TextConfiguration configuration, ReadOnlySpan<byte> json)
    {
        VectorMaker maker = Maker;
        maker.Begin();
        AddStrings(maker, configuration, json);
        return maker.Finish();
    }

    private static void AddStrings(VectorMaker maker, TextConfiguration configuration, ReadOnlySpan<byte> json)
    {
        switch (JsonValue.KindOf(json))
        {
            case JsonKind.String:
                BinaryColumnBuilder text = new();
                JsonValue.AppendAsText(json, text);
                if (maker.Add(configuration, ((BinaryColumn)text.Build())[0]))
                    maker.Skip();
                break;
            case JsonKind.Array:
                foreach (ReadOnlySpan<byte> element in new JsonElements(json))
                    AddStrings(maker, configuration, element);
                break;
            case JsonKind.Object:
                foreach (JsonMember member in new JsonMembers(json))
                    AddStrings(maker, configuration, member.Value);
                break;
        }
    }

    /// <summary>What was made of a text by the configuration that was asked for last.</summary>
    private sealed class Made
    {
        private sealed record Entry(TextConfiguration Configuration, byte[] Query);

        private Entry? _last;

        internal byte[] Of(QueryReader read, TextConfiguration configuration, ReadOnlySpan<byte> text)
        {
            Entry? last = _last;
            if (last is null || last.Configuration != configuration)
                _last = last = new Entry(configuration, LexemeQuery.ToBytes(read(configuration, text)));
            return last.Query;
        }
    }
}
