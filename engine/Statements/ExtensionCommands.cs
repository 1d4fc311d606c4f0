using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>Statements about extensions: some are built in, others do not exist.</summary>
internal static class ExtensionCommands
{
    internal static void Create(SessionState session, CreateExtensionStatement statement)
    {
        if (statement.Schema is { } schema)
            session.Names.GetSchema(Definitions.Catalog(session), schema);
        if (BuiltInExtension.Find(statement.Name) is { } builtIn)
        {
            // Scripts that begin with a bare CREATE EXTENSION vector must go on.
            if (statement.IfNotExists)
                session.Notices.Notice(SqlState.DuplicateObject, $"extension \"{builtIn.Name}\" already exists, skipping");
            else if (builtIn != BuiltInExtension.Vector)
                throw new SqlException(SqlState.DuplicateObject, $"extension \"{builtIn.Name}\" already exists");
        }
        else if (statement.Name != "pg_stat_statements") // what that one brings is always there
        {
            throw new SqlException(SqlState.FeatureNotSupported, $"extension \"{statement.Name}\" is not available",
                hint: "VecSQL has the extensions \"vector\" and \"pg_stat_statements\" built in, and no others.");
        }
    }

    internal static void Update(SessionState session, UpdateExtensionStatement statement)
    {
        BuiltInExtension extension = Get(statement.Name);
        if (statement.Version is { } version && version != extension.Version)
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"extension \"{extension.Name}\" has no update path " +
                $"from version \"{extension.Version}\" to version \"{version}\"");
        }
        session.Notices.Notice($"version \"{extension.Version}\" of extension \"{extension.Name}\" is already installed");
    }

    /// <summary>The comments of built-in extensions are built in: dumps repeat them.</summary>
    internal static void Comment(SessionState session, string name, string? text)
    {
        BuiltInExtension extension = Get(name);
        if (text != extension.Comment)
            session.Notices.Notice($"extension \"{extension.Name}\" is built in and keeps its comment");
    }

    private static BuiltInExtension Get(string name) => BuiltInExtension.Find(name)
        ?? throw new SqlException(SqlState.UndefinedObject, $"extension \"{name}\" does not exist");
}
