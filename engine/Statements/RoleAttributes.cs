using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Access;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>The options of CREATE and ALTER ROLE, put into a role.</summary>
internal static class RoleAttributes
{
    /// <exception cref="SqlException">42601: an option twice; 0A000: one that is not supported; others for bad values.</exception>
    internal static RoleEntry Apply(SessionState session, RoleEntry role, ValueList<RoleOption> options)
    {
        HashSet<string> seen = [];
        foreach (RoleOption option in options)
        {
            if (!seen.Add(option.Name))
                throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options") { Position = option.Position };
            role = Apply(session, role, option);
        }
        return role;
    }

    internal static bool Has(ValueList<RoleOption> options, string name) => options.Any(option => option.Name == name);

    private static RoleEntry Apply(SessionState session, RoleEntry role, RoleOption option)
    {
        switch (option.Name)
        {
            case "superuser":
                return role with { IsSuperuser = option.IsOn };
            case "createdb":
                return role with { CreatesDatabases = option.IsOn };
            case "createrole":
                return role with { CreatesRoles = option.IsOn };
            case "inherit":
                return role with { Inherits = option.IsOn };
            case "login":
                return role with { LogsIn = option.IsOn };
            case "replication":
                return role with { Replicates = option.IsOn };
            case "bypassrls":
                return role with { BypassesRowSecurity = option.IsOn };
            case "connection limit":
                return option.Number is >= -1 and <= int.MaxValue
                    ? role with { ConnectionsMax = (int)option.Number }
                    : throw new SqlException(
                        SqlState.InvalidParameterValue, $"invalid connection limit: {option.Number}") { Position = option.Position };
            case "valid until":
                return role with { ValidUntil = Moment(session, option.Text ?? "") };
            case "password":
                return role with { Verifier = Verifier(session, option.Text) };
            case "sysid":
                session.Notices.Notice("SYSID can no longer be specified");
                return role;
            default:
                throw StatementDispatch.Unsupported("role membership");
        }
    }

    private static string? Verifier(SessionState session, string? password)
    {
        switch (password)
        {
            case null:
                return null;
            case "":
                session.Notices.Notice("empty string is not a valid password, clearing password");
                return null;
            case { Length: 35 } when password.StartsWith("md5", StringComparison.Ordinal) && password.Skip(3).All(char.IsAsciiHexDigit):
                throw new SqlException(SqlState.FeatureNotSupported, "MD5 passwords are not supported",
                    hint: "Give the password itself, or a SCRAM-SHA-256 verifier.");
            default:
                return ScramVerifier.TryParse(password, out ScramVerifier? ready)
                    ? ready.ToString()
                    : ScramVerifier.Create(password).ToString();
        }
    }

    private static long Moment(SessionState session, string text)
    {
        ColumnBuilder builder = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(TypeOid.TimestampTz), 1);
        TypeFormats.For(TypeOid.TimestampTz).ReadText(Encoding.UTF8.GetBytes(text), -1, builder, session.Format);
        return ((FixedColumn<long>)builder.Build()).Values[0];
    }
}
