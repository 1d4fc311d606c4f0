using System.Net;
using Microsoft.Extensions.Logging;
using VecSQL.Core.Errors;
using VecSQL.Engine;
using VecSQL.Engine.Access;
using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Sql;

/// <summary>Finds out whether a client is who it says, by the rule that is for its connection: those of PostgreSQL's port.</summary>
/// <remarks>Whatever is wrong with user or password, the client hears the same; the log says what it was.</remarks>
internal sealed class Authenticator(Database database, FlightOptions options, ILogger log)
{
    /// <summary>Whom a client is that names nobody, where nobody is asked.</summary>
    private const string DefaultName = "vecsql";

    /// <summary>The header that names the database; without it, it is called as the user is.</summary>
    private const string DatabaseHeader = "database";

    /// <exception cref="SqlException">28000, 28P01: the client is not let in.</exception>
    public FlightLogin Require(Credentials credentials, GrpcCall call)
    {
        string user = credentials.User is { Length: > 0 } named ? named : DefaultName;
        return Require(user, DatabaseOf(call) ?? user, call, rule => CheckPassword(rule, call.Peer, user, credentials.Password));
    }

    /// <summary>Who has a token that was not used yet, in the database that the call names: clients name it with or after the handshake.</summary>
    /// <exception cref="SqlException">28000: the rule for that database asks for more than was shown.</exception>
    public FlightLogin Move(FlightLogin login, GrpcCall call)
    {
        if (DatabaseOf(call) is not { } chosen || chosen == login.Database)
            return login;
        return Require(login.User, chosen, call, _ => login.HasPassword ? true : throw NoPassword());
    }

    private static string? DatabaseOf(GrpcCall call) => call.Headers.Find(DatabaseHeader) is { Length: > 0 } chosen ? chosen : null;

    private FlightLogin Require(string user, string databaseName, GrpcCall call, Func<HostRule, bool> checksPassword)
    {
        DoorSecurity security = options.Security();
        GrpcPeer peer = call.Peer;
        HostRule rule = security.Rules.Require(peer.Address?.Address ?? IPAddress.None, peer.Tls is not null, databaseName, user);
        if (rule.NeedsCertificate)
            CheckCertificate(rule, peer, user);
        bool hasPassword = rule.Method is AuthenticationMethod.Scram or AuthenticationMethod.Password && checksPassword(rule);
        ConnectionEncryption? encryption = peer.Tls is { } tls
            ? ConnectionEncryption.Of(tls.Protocol, tls.Cipher, tls.Certificate)
            : null;
        return new FlightLogin(user, databaseName, peer.Address, encryption, security.Rules.AreGiven, hasPassword);
    }

    private void CheckCertificate(HostRule rule, GrpcPeer peer, string user)
    {
        if (peer.Tls?.Certificate is not { } certificate)
            throw new SqlException(SqlState.InvalidAuthorizationSpecification, "connection requires a valid client certificate");
        if (!rule.NamesUser || TlsIdentity.CommonNameOf(certificate) == user)
            return;
        Log.LoginRefused(log, AddressOf(peer), user, rule.Line, $"the certificate is for \"{certificate.Subject}\"");
        throw new SqlException(SqlState.InvalidAuthorizationSpecification, rule.Method == AuthenticationMethod.Certificate
            ? $"certificate authentication failed for user \"{user}\""
            : $"client certificate is not for user \"{user}\"");
    }

    private bool CheckPassword(HostRule rule, GrpcPeer peer, string user, string? given)
    {
        if (given is null)
            throw NoPassword();
        LoginPassword password = database.PasswordOf(user);
        if (password.Verifier.Matches(given) && password.Refusal is null)
            return true;
        Log.LoginRefused(log, AddressOf(peer), user, rule.Line, password.Refusal ?? "the password is wrong");
        throw new SqlException(SqlState.InvalidPassword, $"password authentication failed for user \"{user}\"");
    }

    private static string AddressOf(GrpcPeer peer) => peer.Address?.Address.ToString() ?? "unknown";

    private static SqlException NoPassword() => new(SqlState.InvalidAuthorizationSpecification, "no password supplied",
        hint: "Send user and password by a handshake or in the header authorization: Basic.");
}
