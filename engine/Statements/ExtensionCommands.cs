using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE EXTENSION: vector and pg_stat_statements are built in, others do not exist.</summary>
internal static class ExtensionCommands
{
    /// <summary>pgvector's version whose SQL is followed.</summary>
    internal const string VectorVersion = "0.8.0";

    internal static void Create(SessionState session, CreateExtensionStatement statement)
    {
        if (statement.Schema is { } schema)
            session.Names.GetSchema(Definitions.Catalog(session), schema);
        switch (statement.Name)
        {
            case "vector":
                // It cannot be missing, so that both forms succeed; scripts that begin with the bare one must go on.
                if (statement.IfNotExists)
                    session.Notices.Notice(SqlState.DuplicateObject, "extension \"vector\" already exists, skipping");
                break;
            case "pg_stat_statements":
                break; // what it brings is always there
            case "plpgsql":
                throw StatementDispatch.Unsupported("extension \"plpgsql\"");
            default:
                throw new SqlException(SqlState.FeatureNotSupported, $"extension \"{statement.Name}\" is not available",
                    hint: "VecSQL has the extensions \"vector\" and \"pg_stat_statements\" built in, and no others.");
        }
    }
}
