using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE, ALTER and COMMENT ON FUNCTION, and how statements name functions.</summary>
internal static class FunctionCommands
{
    internal static async ValueTask CreateAsync(SessionState session, CreateFunctionStatement statement, CancellationToken cancellation)
    {
        SchemaEntry schema = Definitions.ChooseSchema(session, statement.Name, isTemporary: false);
        await Definitions.LockNameAsync(session, schema.Oid, statement.Name.Name, cancellation);
        FunctionDefinition made = new FunctionDraft(session, statement).Make(schema);
        FunctionDefinition? old = Same(session, schema.Oid, made.Name, made.Arguments);
        if (old is not null && !statement.OrReplace)
        {
            throw new SqlException(SqlState.DuplicateFunction,
                $"function \"{made.Name}\" already exists with same argument types");
        }
        if (old is not null)
            RefuseOtherShape(session, old, made);
        Definitions.Put(session, made with { Oid = old?.Oid ?? Definitions.NextOid(session), Comment = old?.Comment });
    }

    internal static async ValueTask AlterAsync(SessionState session, AlterFunctionStatement statement, CancellationToken cancellation)
    {
        FunctionDefinition function = await LockAsync(session, Get(session, statement.Function), cancellation);
        switch (statement.Action)
        {
            case RenameAction rename:
                await MoveAsync(session, function with { Name = rename.NewName }, cancellation);
                break;
            case SetSchemaAction move:
                SchemaEntry schema = session.Names.GetSchema(Definitions.Catalog(session), move.Schema);
                if (schema.Oid != function.SchemaOid)
                    await MoveAsync(session, function with { SchemaOid = schema.Oid }, cancellation);
                break;
            case OwnerAction owner:
                Roles.RequireOwner(session, owner.Owner);
                break;
        }
    }

    internal static async ValueTask AlterAsync(SessionState session, AlterFunctionOptionsStatement statement, CancellationToken cancellation)
    {
        FunctionDefinition function = await LockAsync(session, Get(session, statement.Function), cancellation);
        Definitions.Put(session, FunctionDraft.With(function, statement.Options));
    }

    internal static async ValueTask CommentAsync(
        SessionState session, FunctionSignature signature, string? text, CancellationToken cancellation)
    {
        FunctionDefinition function = await LockAsync(session, Get(session, signature), cancellation);
        Definitions.Put(session, function with { Comment = text });
    }

    /// <summary>The function of that signature; null where there is none.</summary>
    /// <exception cref="SqlException">42725: several have the bare name; 2BP01: it is built in.</exception>
    internal static FunctionDefinition? Find(SessionState session, FunctionSignature signature)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        ImmutableArray<uint> types = TypesOf(session, signature);
        List<FunctionDefinition> found = [];
        foreach (string schemaName in signature.Name.Schema is { } own ? [own] : session.Names.SearchPath(catalog))
        {
            uint schema = session.Names.FindSchema(catalog, schemaName)?.Oid ?? 0;
            found.AddRange(catalog.FindFunctions(signature.Name.Name).Where(function => function.SchemaOid == schema
                && (signature.IsBare || IsOf(function, types))));
            if (!signature.IsBare && found.Count > 0)
                return found[0];
        }
        if (found.Count > 1)
        {
            throw new SqlException(SqlState.AmbiguousFunction, $"function name \"{signature.Name}\" is not unique",
                hint: "Specify the argument list to select the function unambiguously.");
        }
        if (found.Count == 0 && FunctionRegistry.FindFunctions(signature.Name.Name).Any(function =>
            signature.IsBare || function.Arguments.SequenceEqual(types)))
        {
            throw new SqlException(SqlState.DependentObjectsStillExist,
                $"cannot drop function {Text(session, signature)} because it is required by the database system");
        }
        return found.Count == 0 ? null : found[0];
    }

    internal static SqlException Missing(SessionState session, FunctionSignature signature) => new(
        SqlState.UndefinedFunction, signature.IsBare
            ? $"could not find a function named \"{signature.Name}\"" : $"function {Text(session, signature)} does not exist");

    /// <summary>The signature with its types as they are called.</summary>
    internal static string Text(SessionState session, FunctionSignature signature) => signature.IsBare
        ? $"{signature.Name}()"
        : $"{signature.Name}({string.Join(',', TypesOf(session, signature).Select(type => BuiltinTypes.FormatType(type, null)))})";

    private static FunctionDefinition Get(SessionState session, FunctionSignature signature) =>
        Find(session, signature) ?? throw Missing(session, signature);

    private static ImmutableArray<uint> TypesOf(SessionState session, FunctionSignature signature) =>
    [
        .. signature.Parameters.Where(parameter => parameter.Mode is not ("out" or "table"))
            .Select(parameter => QueryPlanner.ResolveType(parameter.Type, Definitions.Context(session)).Oid),
    ];

    private static bool IsOf(FunctionDefinition function, ImmutableArray<uint> types) =>
        function.Arguments.Select(argument => argument.Type.Oid).SequenceEqual(types);

    private static FunctionDefinition? Same(SessionState session, uint schemaOid, string name, ImmutableArray<ArgumentEntry> arguments) =>
        Definitions.Catalog(session).FindFunctions(name).FirstOrDefault(function => function.SchemaOid == schemaOid
            && IsOf(function, [.. arguments.Select(argument => argument.Type.Oid)]));

    private static async ValueTask<FunctionDefinition> LockAsync(
        SessionState session, FunctionDefinition function, CancellationToken cancellation)
    {
        await Definitions.LockNameAsync(session, function.SchemaOid, function.Name, cancellation);
        return Definitions.Catalog(session).Find(function.Oid) as FunctionDefinition
            ?? throw new SqlException(SqlState.UndefinedFunction, $"function {function.Name} does not exist");
    }

    private static async ValueTask MoveAsync(SessionState session, FunctionDefinition moved, CancellationToken cancellation)
    {
        await Definitions.LockNameAsync(session, moved.SchemaOid, moved.Name, cancellation);
        if (Same(session, moved.SchemaOid, moved.Name, moved.Arguments) is not null)
        {
            string types = string.Join(", ", moved.Arguments.Select(argument => BuiltinTypes.FormatType(argument.Type.Oid, null)));
            throw new SqlException(SqlState.DuplicateFunction,
                $"function {moved.Name}({types}) already exists in schema \"{Definitions.Catalog(session).Find(moved.SchemaOid)?.Name}\"");
        }
        Definitions.Put(session, moved);
    }

    private static void RefuseOtherShape(SessionState session, FunctionDefinition old, FunctionDefinition made)
    {
        string name = $"{session.Catalogs.NameOf(TypeOid.RegProcedure, old.Oid)}";
        string hint = $"Use DROP FUNCTION {name} first.";
        if (old.Result != made.Result || old.ReturnsSet != made.ReturnsSet
            || !old.Columns.Select(column => column.Type).SequenceEqual(made.Columns.Select(column => column.Type)))
        {
            throw new SqlException(SqlState.InvalidFunctionDefinition, "cannot change return type of existing function", hint: hint);
        }
        for (int i = 0; i < old.Arguments.Length; i++)
        {
            ArgumentEntry before = old.Arguments[i], after = made.Arguments[i];
            if (before.Name.Length > 0 && before.Name != after.Name)
            {
                throw new SqlException(SqlState.InvalidFunctionDefinition,
                    $"cannot change name of input parameter \"{before.Name}\"", hint: hint);
            }
            if (before.DefaultSql is not null && after.DefaultSql is null)
            {
                throw new SqlException(SqlState.InvalidFunctionDefinition,
                    "cannot remove parameter defaults from existing function", hint: hint);
            }
        }
    }
}
