using System.Security.Cryptography;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Access;

/// <summary>Who may begin a session.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class Logins(Database database)
{
    private const int DecoySecretBytes = 32;

    // While no role has a password there is nothing that unknown users could be told from.
    private readonly byte[] _momentarySecret = RandomNumberGenerator.GetBytes(DecoySecretBytes);

    /// <summary>What a user's password is tested by.</summary>
    internal LoginPassword PasswordOf(string user)
    {
        CatalogSnapshot catalog = database.Storage.Catalog;
        RoleEntry? role = catalog.FindRole(user);
        if (role is null)
            return new LoginPassword(Decoy(catalog, user), $"role \"{user}\" does not exist");
        if (role.Verifier is null || !ScramVerifier.TryParse(role.Verifier, out ScramVerifier? verifier))
            return new LoginPassword(Decoy(catalog, user), $"user \"{user}\" has no password assigned");
        bool isExpired = role.ValidUntil is { } end && end < Now;
        return new LoginPassword(verifier, isExpired ? $"user \"{user}\" has an expired password" : null);
    }

    /// <summary>The role that a session is for.</summary>
    /// <exception cref="SqlException">28000 or 53300: it may not begin one.</exception>
    internal RoleEntry Begin(SessionOptions options, IEnumerable<SqlSession> sessions)
    {
        CatalogSnapshot catalog = database.Storage.Catalog;
        RoleEntry? role = catalog.FindRole(options.User);
        if (!options.HoldsToRoles)
        {
            return role ?? catalog.Find(RoleEntry.BootstrapOid) as RoleEntry
                ?? throw new InvariantException("the first role is missing");
        }
        if (role is null)
        {
            throw new SqlException(
                SqlState.InvalidAuthorizationSpecification, $"role \"{options.User}\" does not exist");
        }
        if (!role.LogsIn)
        {
            throw new SqlException(
                SqlState.InvalidAuthorizationSpecification, $"role \"{options.User}\" is not permitted to log in");
        }
        bool isFull = role is { ConnectionsMax: >= 0, IsSuperuser: false }
            && sessions.Count(session => session.State.LoginOid == role.Oid) >= role.ConnectionsMax;
        return isFull
            ? throw new SqlException(SqlState.TooManyConnections, $"too many connections for role \"{options.User}\"")
            : role;
    }

    /// <summary>The database that a session is in.</summary>
    /// <exception cref="SqlException">3D000: there is none of that name; 55000 or 53300: it takes no sessions, or no more.</exception>
    internal DatabaseEntry DatabaseOf(SessionOptions options, RoleEntry login, IEnumerable<SqlSession> sessions)
    {
        DatabaseEntry entry = database.Storage.Catalog.FindDatabase(options.Database)
            ?? throw new SqlException(SqlState.InvalidCatalogName, $"database \"{options.Database}\" does not exist");
        if (!entry.AllowsConnections)
        {
            throw new SqlException(
                SqlState.ObjectNotInPrerequisiteState, $"database \"{entry.Name}\" is not currently accepting connections");
        }
        bool isFull = entry.ConnectionsMax >= 0 && !login.IsSuperuser
            && sessions.Count(session => session.State.DatabaseOid == entry.Oid) >= entry.ConnectionsMax;
        return isFull
            ? throw new SqlException(SqlState.TooManyConnections, $"too many connections for database \"{entry.Name}\"")
            : entry;
    }

    private long Now => (database.Time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private ScramVerifier Decoy(CatalogSnapshot catalog, string user)
    {
        string? secret = (catalog.Find(RoleEntry.BootstrapOid) as RoleEntry)?.DecoySecret;
        return ScramVerifier.Decoy(secret is null ? _momentarySecret : Convert.FromBase64String(secret), user);
    }
}
