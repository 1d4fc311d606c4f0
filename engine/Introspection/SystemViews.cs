using System.Collections.Frozen;
using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Planner;

namespace VecSQL.Engine.Introspection;

/// <summary>The definitions of all system tables and views. Those without a row source are empty: there are no such objects.</summary>
internal sealed class SystemViews : ISystemViews
{
    internal static readonly SystemViews Instance = new();

    private readonly FrozenDictionary<(string Schema, string Name), SystemRelation> _byName;
    private readonly FrozenDictionary<uint, SystemRelation> _byOid;

    private SystemViews()
    {
        All = [.. DataFile.Lines("SystemRelations.txt").Select(SystemRelation.Read)];
        _byName = All.ToFrozenDictionary(relation => (relation.Schema, relation.Name));
        _byOid = All.ToFrozenDictionary(relation => relation.Table.Oid);
    }

    internal ImmutableArray<SystemRelation> All { get; }

    public TableEntry? Find(string schema, string name) => _byName.GetValueOrDefault((schema, name))?.Table;

    public TableEntry? Find(uint oid) => _byOid.GetValueOrDefault(oid)?.Table;

    public bool HasRowVersions(uint oid) => FindRelation(oid) is { Kind: 'r' };

    internal SystemRelation? FindRelation(uint oid) => _byOid.GetValueOrDefault(oid);
}
