using System.Net;
using VecSQL.Engine.Access;

namespace VecSQL.Flight.Sql;

/// <summary>Who a call is for, after that was shown.</summary>
/// <param name="HasPassword">Whether it was shown by a password.</param>
internal sealed record FlightLogin(
    string User, string Database, IPEndPoint? Client, ConnectionEncryption? Encryption, bool HoldsToRoles, bool HasPassword);
