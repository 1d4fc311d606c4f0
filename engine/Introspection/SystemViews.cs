using VecSQL.Catalog.Objects;
using VecSQL.Planner;

namespace VecSQL.Engine.Introspection;

/// <summary>The definitions of all system views.</summary>
internal sealed class SystemViews : ISystemViews
{
    internal static readonly SystemViews Instance = new();

    public TableEntry? Find(string schema, string name) => null;

    public TableEntry? Find(uint oid) => null;
}
