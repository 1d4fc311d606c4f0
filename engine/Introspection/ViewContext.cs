using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Statements;
using VecSQL.Planner;

namespace VecSQL.Engine.Introspection;

/// <summary>What the rows of system views are computed from: one session's view of the catalog at one moment.</summary>
internal sealed class ViewContext(SessionState session)
{
    private readonly Dictionary<uint, (bool, ImmutableArray<bool>)> _views = [];
    private string[]? _searchPath;

    internal SessionState Session => session;

    /// <summary>What names mean to the session.</summary>
    internal PlannerContext Planning => field ??= session.PlanningContext(Catalog);

    internal CatalogSnapshot Catalog { get; } = session.Catalog;

    internal DatabaseEntry Database => (DatabaseEntry?)Catalog.Find(session.DatabaseOid) ?? new DatabaseEntry(session.DatabaseOid, DatabaseName);

    internal string DatabaseName => session.DatabaseName;

    internal string User => session.User;

    /// <summary>Who owns all that there is.</summary>
    internal string OwnerName => Roles.OwnerName(session);

    /// <summary>All roles; the session's user under the name by which it connected.</summary>
    internal IEnumerable<RoleEntry> AllRoles => Catalog.Roles.OrderBy(role => role.Oid).Select(
        role => role.Oid == session.LoginOid ? role with { Name = session.LoginUser } : role);

    internal IReadOnlyList<string> SearchPath => _searchPath ??= [.. session.Names.SearchPath(Catalog)];

    /// <summary>Built-in schemas have one id in all databases, but for public, which each has its own of.</summary>
    internal uint SchemaHere(uint builtinOid) => builtinOid == CatalogSnapshot.PublicOid
        ? Catalog.FindSchema("public")?.Oid ?? builtinOid
        : builtinOid;

    /// <summary>Which columns of a view may be assigned to; none where rows cannot be changed through it.</summary>
    internal (bool IsUpdatable, ImmutableArray<bool> Columns) UpdatesOf(TableEntry view)
    {
        if (!_views.TryGetValue(view.Oid, out (bool, ImmutableArray<bool>) known))
        {
            (string? problem, ImmutableArray<bool> columns) = QueryPlanner.DescribeView(view, Planning);
            _views[view.Oid] = known = (problem is null, columns);
        }
        return known;
    }

    internal string SchemaName(uint oid) => Catalog.Find(oid)?.Name ?? "";
}
