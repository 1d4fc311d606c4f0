using VecSQL.Catalog.Snapshots;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Introspection;

/// <summary>What the rows of system views are computed from: one session's view of the catalog at one moment.</summary>
internal sealed class ViewContext(SessionState session)
{
    private string[]? _searchPath;

    internal SessionState Session => session;

    internal CatalogSnapshot Catalog { get; } = session.Catalog;

    internal string DatabaseName => session.DatabaseName;

    internal string User => session.User;

    internal IReadOnlyList<string> SearchPath => _searchPath ??= [.. session.Names.SearchPath(Catalog)];

    internal string SchemaName(uint oid) => Catalog.Find(oid)?.Name ?? "";
}
