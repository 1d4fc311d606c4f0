using VecSQL.Engine.Sessions;
using VecSQL.Storage;

namespace VecSQL.Engine;

/// <summary>What a node's SQL engine is opened with.</summary>
public sealed record DatabaseOptions
{
    public required StorageOptions Storage { get; init; }

    /// <summary>Memory that all queries together may use.</summary>
    public long QueryMemoryBytes { get; init; } = 2L << 30;

    /// <summary>Sessions at once; one more is refused with 53300.</summary>
    public int ConnectionsMax { get; init; } = 10_000;
}

/// <summary>Who a session is for, and the settings it starts with.</summary>
/// <param name="Settings">Startup options: any setting, names case-insensitive.</param>
public sealed record SessionOptions(
    string User, string Database, IReadOnlyList<KeyValuePair<string, string>> Settings, string? ClientAddress = null);

/// <summary>A database on one node: storage, catalog, sessions.</summary>
/// <remarks>Threads: any.</remarks>
public sealed class Database : IAsyncDisposable
{
    /// <exception cref="StorageException">The data directory cannot be used.</exception>
    public static Database Open(DatabaseOptions options) => throw new NotImplementedException();

    /// <exception cref="Core.Errors.SqlException">53300, 3D000, 22023 …: the session cannot begin as asked.</exception>
    public ISqlSession OpenSession(SessionOptions options) => throw new NotImplementedException();

    /// <summary>CancelRequest: cancels what the session runs, if the key is right; says nothing either way.</summary>
    public void Cancel(int backendId, int secretKey) => throw new NotImplementedException();

    public StorageEngine Storage => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
