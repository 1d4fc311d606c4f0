using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>GRANT and REVOKE. Every role has every privilege, so that granting it some changes nothing; all else is refused.</summary>
internal static class GrantCommand
{
    internal static void Run(SessionState session, GrantStatement statement)
    {
        if (statement.ObjectKind == "role")
            throw StatementDispatch.Unsupported("role membership");
        if (statement.ObjectKind == "table")
        {
            foreach (QualifiedName name in statement.Objects)
                session.Names.GetTable(Definitions.Catalog(session), name);
        }
        foreach (string grantee in statement.Grantees)
        {
            if (grantee != "public")
                Roles.Get(session, grantee);
        }
        if (statement.IsRevoke && !statement.Grantees.All(grantee => grantee == "public"))
            throw StatementDispatch.Unsupported("REVOKE of the owner's privileges");
    }
}
