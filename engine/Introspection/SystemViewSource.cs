using System.Collections.Frozen;
using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Engine.Introspection.Families;
using VecSQL.Engine.Sessions;
using VecSQL.Executor;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Introspection;

/// <summary>Computes the rows of system views for a session.</summary>
internal sealed class SystemViewSource(SessionState session) : ISystemViewSource
{
    internal static readonly FrozenDictionary<string, RowSource> Sources = ((RowSource[])
    [
        .. RelationFamily.Sources,
        .. TypeFamily.Sources,
        .. FunctionFamily.Sources,
        .. OperatorFamily.Sources,
        .. TextSearchFamily.Sources,
        .. ConstraintFamily.Sources,
        .. DependencyFamily.Sources,
        .. RoleFamily.Sources,
        .. SettingFamily.Sources,
        .. ActivityFamily.Sources,
        .. ListingFamily.Sources,
        .. StorageFamily.Sources,
        .. ClusterFamily.Sources,
        .. VectorIndexFamily.Sources,
        .. ModelFamily.Sources,
        .. InformationSchemaFamily.Sources,
        .. InformationSchemaConstraints.Sources,
    ]).ToFrozenDictionary(source => source.Relation);

    public IEnumerable<ColumnBatch> Rows(
        uint viewOid, ReadOnlyMemory<short> columns, IReadOnlyList<ZoneBound> bounds)
    {
        if (session.Catalog.Find(viewOid) is SequenceEntry sequence)
            return ListingFamily.PositionOf(sequence).Rows(sequence.AsTable(), new ViewContext(session), columns, new RowFilter(bounds));
        SystemRelation relation = SystemViews.Instance.FindRelation(viewOid)
            ?? throw new InvariantException($"there is no system view {viewOid}");
        if (!session.IsSuperuser && IsForSuperusers(relation.FullName))
        {
            string kind = relation.FullName == "pg_authid" ? "table" : "view";
            throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied for {kind} {relation.FullName}");
        }
        return Sources.TryGetValue(relation.FullName, out RowSource? source)
            ? source.Rows(relation.Table, new ViewContext(session), columns, new RowFilter(bounds))
            : [];
    }

    /// <summary>Passwords, even hashed, and the rules of who may connect are not for everybody.</summary>
    private static bool IsForSuperusers(string relation) => relation is "pg_authid" or "pg_shadow" or "pg_hba_file_rules";
}
