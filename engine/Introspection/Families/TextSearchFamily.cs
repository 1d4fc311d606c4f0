using VecSQL.Catalog.Snapshots;
using VecSQL.Engine.Statements;
using VecSQL.Text.Configurations;
using VecSQL.Text.Tokens;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>pg_ts_config, pg_ts_config_map, pg_ts_dict, pg_ts_parser.</summary>
internal static class TextSearchFamily
{
    private const uint ParserOid = 3722;

    internal static readonly RowSource[] Sources =
    [
        new RowSource<TextConfiguration>("pg_ts_config", _ => TextConfiguration.All)
            .With("oid", configuration => configuration.Oid)
            .With("cfgname", configuration => configuration.Name)
            .WithAll("cfgnamespace", CatalogSnapshot.PgCatalogOid)
            .WithAll("cfgowner", Roles.OwnerOid)
            .WithAll("cfgparser", ParserOid),

        new RowSource<(TextConfiguration Configuration, TokenKind Kind, TextDictionary Dictionary)>("pg_ts_config_map", _ => Mappings())
            .With("mapcfg", entry => entry.Configuration.Oid)
            .With("maptokentype", entry => (int)entry.Kind)
            .WithAll("mapseqno", 1)
            .With("mapdict", entry => entry.Dictionary.Oid),

        new RowSource<TextDictionary>("pg_ts_dict", _ => TextDictionary.All)
            .With("oid", dictionary => dictionary.Oid)
            .With("dictname", dictionary => dictionary.Name)
            .WithAll("dictnamespace", CatalogSnapshot.PgCatalogOid)
            .WithAll("dictowner", Roles.OwnerOid),

        new RowSource<string>("pg_ts_parser", _ => ["default"])
            .WithAll("oid", ParserOid)
            .With("prsname", name => name)
            .WithAll("prsnamespace", CatalogSnapshot.PgCatalogOid),
    ];

    private static IEnumerable<(TextConfiguration Configuration, TokenKind Kind, TextDictionary Dictionary)> Mappings()
    {
        foreach (TextConfiguration configuration in TextConfiguration.All)
        {
            for (TokenKind kind = TokenKind.AsciiWord; kind <= TokenKinds.Last; kind++)
            {
                if (configuration.DictionaryOf(kind) is { } dictionary)
                    yield return (configuration, kind, dictionary);
            }
        }
    }
}
