using VecSQL.Engine.Sessions;
using VecSQL.Executor.Expressions;

namespace VecSQL.Engine.Introspection;

/// <summary>Names and definitions of objects, for system functions.</summary>
internal sealed class CatalogFunctions(SessionState session) : ICatalogFunctions
{
    public uint? ResolveName(string kind, string name) => null;

    public string NameOf(string kind, uint oid) => oid.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public string? Describe(string function, IReadOnlyList<string?> arguments) => null;

    internal SessionState Session => session;
}
