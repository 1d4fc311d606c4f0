using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using VecSQL.Core.Errors;
using VecSQL.Engine;
using VecSQL.Engine.Access;
using VecSQL.Wire.Messages;
using VecSQL.Wire.Sessions;

namespace VecSQL.Wire.Authentication;

/// <summary>Finds out whether a client is who it says, by the rule that is for its connection.</summary>
/// <remarks>Whatever is wrong with user or password, the client hears the same; the log says what it was.</remarks>
internal sealed class Authenticator(Database database, DoorSecurity security, ClientChannel channel, ILogger log)
{
    /// <exception cref="SqlException">28000, 28P01: the client is not let in.</exception>
    /// <exception cref="ProtocolException">The client does not keep to the protocol.</exception>
    public async ValueTask RunAsync(IPAddress address, string user, string databaseName, CancellationToken cancellation)
    {
        HostRule rule = security.Rules.Require(address, channel.Encryption is not null, databaseName, user);
        if (rule.NeedsCertificate)
            CheckCertificate(rule, address, user);
        switch (rule.Method)
        {
            case AuthenticationMethod.Scram:
                await CheckScramAsync(rule, address, user, cancellation).ConfigureAwait(false);
                break;
            case AuthenticationMethod.Password:
                await CheckPasswordAsync(rule, address, user, cancellation).ConfigureAwait(false);
                break;
        }
    }

    private void CheckCertificate(HostRule rule, IPAddress address, string user)
    {
        if (channel.ClientCertificate is not { } certificate)
        {
            throw new SqlException(
                SqlState.InvalidAuthorizationSpecification, "connection requires a valid client certificate");
        }
        if (!rule.NamesUser || TlsIdentity.CommonNameOf(certificate) == user)
            return;
        Log.LoginRefused(log, address.ToString(), user, rule.Line, $"the certificate is for \"{certificate.Subject}\"");
        throw new SqlException(SqlState.InvalidAuthorizationSpecification, rule.Method == AuthenticationMethod.Certificate
            ? $"certificate authentication failed for user \"{user}\""
            : $"client certificate is not for user \"{user}\"");
    }

    private async ValueTask CheckScramAsync(HostRule rule, IPAddress address, string user, CancellationToken cancellation)
    {
        LoginPassword password = database.PasswordOf(user);
        ScramExchange exchange = new(password.Verifier, channel.Encryption is null ? default : security.Tls?.EndPoint ?? default);
        channel.Reply.AuthenticationSasl(exchange.Mechanisms);
        await channel.Reply.FlushAsync(cancellation).ConfigureAwait(false);
        await NextAsync("SASL", cancellation).ConfigureAwait(false);
        channel.Reply.AuthenticationData(Replies.SaslContinue, Begin(exchange, channel.Frames.Body.Span));
        await channel.Reply.FlushAsync(cancellation).ConfigureAwait(false);
        await NextAsync("SASL", cancellation).ConfigureAwait(false);
        string? final = exchange.Finish(channel.Frames.Body.Span);
        if (final is null || password.Refusal is not null)
            throw WrongPassword(rule, address, user, password.Refusal);
        channel.Reply.AuthenticationData(Replies.SaslFinal, final);
    }

    private static string Begin(ScramExchange exchange, ReadOnlySpan<byte> message)
    {
        MessageReader body = new(message);
        string mechanism = body.ReadCString();
        int length = body.ReadInt32();
        ReadOnlySpan<byte> first = length < 0 ? throw new ProtocolException("invalid SASL response") : body.ReadBytes(length);
        body.ExpectEnd();
        return exchange.Begin(mechanism, first);
    }

    private async ValueTask CheckPasswordAsync(HostRule rule, IPAddress address, string user, CancellationToken cancellation)
    {
        LoginPassword password = database.PasswordOf(user);
        channel.Reply.AuthenticationCleartextPassword();
        await channel.Reply.FlushAsync(cancellation).ConfigureAwait(false);
        await NextAsync("password", cancellation).ConfigureAwait(false);
        if (!Matches(password.Verifier, channel.Frames.Body.Span) || password.Refusal is not null)
            throw WrongPassword(rule, address, user, password.Refusal);
    }

    private static bool Matches(ScramVerifier verifier, ReadOnlySpan<byte> message)
    {
        MessageReader body = new(message);
        string password = body.ReadCString();
        body.ExpectEnd();
        return verifier.Matches(password);
    }

    /// <exception cref="OperationCanceledException">The client has gone: it will ask its user for a password first.</exception>
    private async ValueTask NextAsync(string what, CancellationToken cancellation)
    {
        if (!await channel.Frames.NextPasswordAsync(what, cancellation).ConfigureAwait(false))
            throw new OperationCanceledException("the client left before it had shown who it is");
    }

    private SqlException WrongPassword(HostRule rule, IPAddress address, string user, string? reason)
    {
        Log.LoginRefused(log, address.ToString(), user, rule.Line, reason ?? "the password is wrong");
        return new SqlException(SqlState.InvalidPassword, $"password authentication failed for user \"{user}\"");
    }
}
