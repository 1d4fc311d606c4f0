using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Models;
using VecSQL.Engine.Sessions;
using VecSQL.Ml.Models;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE MODEL, ALTER MODEL and what COMMENT and DROP need of models.</summary>
/// <remarks>Whoever makes or changes models reads the server's files and says what others' statements run, as a superuser may.</remarks>
internal static class ModelCommands
{
    private const uint ModelCatalog = 16889; // no object's id: models are not in a catalog of PostgreSQL's

    internal static async ValueTask CreateAsync(SessionState session, CreateModelStatement statement, CancellationToken cancellation)
    {
        RequirePrivilege(session, "permission denied to create model");
        RefuseName(statement.Name);
        if (IsTaken(session, statement))
            return;
        ModelVersion version = ModelOptions.Read(1, statement.Source, statement.Options, before: null);
        version = await ModelImport.RunAsync(session, statement.Name, version, cancellation);
        await LockAsync(session, cancellation);
        if (IsTaken(session, statement))
            return;
        Put(session, new ModelEntry(Definitions.NextOid(session), statement.Name)
        {
            DatabaseOid = session.DatabaseOid, Versions = [version], DefaultVersion = version.Number,
        });
    }

    internal static async ValueTask AlterAsync(SessionState session, AlterModelStatement statement, CancellationToken cancellation)
    {
        RequirePrivilege(session, $"must be owner of model {statement.Name}");
        if (statement.Action is AddModelVersionAction add)
        {
            await AddVersionAsync(session, statement.Name, add, cancellation);
            return;
        }
        await LockAsync(session, cancellation);
        ModelEntry model = Get(session, statement.Name);
        switch (statement.Action)
        {
            case SetDefaultModelAction { Version: null }:
                await SetDefaultAsync(session, model, cancellation);
                break;
            case SetDefaultModelAction { Version: { } number }:
                ModelVersion version = model.FindVersion(number) ?? throw ModelLookup.UndefinedVersion(model, number);
                if (!model.IsBuiltIn)
                    Put(session, model with { DefaultVersion = version.Number });
                break;
            case DropModelVersionAction drop:
                await DropVersionAsync(session, model, drop.Version, cancellation);
                break;
            case WarmModelAction:
                Warm(session, model, cancellation);
                break;
            case RenameAction rename:
                Rename(session, model, rename.NewName);
                break;
            case OwnerAction owner:
                RefuseBuiltIn(model, "given to another owner");
                Roles.RequireOwner(session, owner.Owner);
                break;
            default:
                throw StatementDispatch.Unsupported("this action of ALTER MODEL");
        }
    }

    internal static async ValueTask CommentAsync(SessionState session, string name, string? text, CancellationToken cancellation)
    {
        RequirePrivilege(session, $"must be owner of model {name}");
        await LockAsync(session, cancellation);
        ModelEntry model = Get(session, name);
        RefuseBuiltIn(model, "commented on");
        Put(session, model with { Comment = text });
    }

    /// <summary>A model to drop, that nobody uses or changes any more; null where there need not be one.</summary>
    internal static async ValueTask<ModelEntry?> FindToDropAsync(
        SessionState session, DropStatement statement, QualifiedName name, CancellationToken cancellation)
    {
        RequirePrivilege(session, $"must be owner of model {name.Name}");
        await LockAsync(session, cancellation);
        if (Definitions.Catalog(session).FindModel(name.Name) is not { } model)
        {
            if (!statement.IfExists)
                throw ModelLookup.Undefined(Definitions.Catalog(session), name.Name, name.Position);
            session.Notices.Notice($"model \"{name.Name}\" does not exist, skipping");
            return null;
        }
        RefuseBuiltIn(model, "dropped");
        await LockUseAsync(session, model, TableLockMode.AccessExclusive, cancellation);
        session.ModelPins.NoteChange();
        return model;
    }

    /// <summary>Keeps the models that a definition may mention from being dropped before it is there itself.</summary>
    internal static async ValueTask HoldAsync(SessionState session, Statement statement, CancellationToken cancellation)
    {
        ModelEntry[] models = [.. Definitions.Catalog(session).Models.Where(static model => !model.IsBuiltIn)];
        if (models.Length == 0 || !SyntaxWalk.All(statement).Any(static node => node is FunctionCall { Name.Name: "embed" } or LikeClause or SetModelAction))
            return;
        foreach (ModelEntry model in models)
            await LockUseAsync(session, model, TableLockMode.AccessShare, cancellation);
    }

    private static async ValueTask AddVersionAsync(
        SessionState session, string name, AddModelVersionAction add, CancellationToken cancellation)
    {
        ModelEntry model = Get(session, name);
        RefuseBuiltIn(model, "given versions");
        int number = NumberFor(model, add);
        ModelVersion version = ModelOptions.Read(number, add.Source, add.Options, model.FindVersion(model.DefaultVersion));
        version = await ModelImport.RunAsync(session, model.Name, version, cancellation);
        await LockAsync(session, cancellation);
        model = Get(session, name); // as it is now that nobody else changes it
        version = version with { Number = NumberFor(model, add) };
        Put(session, model with { Versions = [.. model.Versions.Append(version).OrderBy(static known => known.Number)] });
    }

    private static int NumberFor(ModelEntry model, AddModelVersionAction add)
    {
        int number = add.Version ?? unchecked(model.Versions[^1].Number + 1);
        if (number < 1)
            throw new SqlException(SqlState.InvalidParameterValue, $"versions of models are numbered from 1 to {int.MaxValue}");
        return model.FindVersion(number) is null ? number
            : throw new SqlException(SqlState.DuplicateObject, $"version {number} of model \"{model.Name}\" already exists");
    }

    private static async ValueTask SetDefaultAsync(SessionState session, ModelEntry model, CancellationToken cancellation)
    {
        await DatabaseCommands.LockAsync(session, cancellation);
        if (Definitions.Catalog(session).Find(session.DatabaseOid) is DatabaseEntry database)
            Definitions.Put(session, database with { DefaultModel = model.IsBuiltIn ? 0 : model.Oid });
    }

    private static async ValueTask DropVersionAsync(SessionState session, ModelEntry model, int number, CancellationToken cancellation)
    {
        RefuseBuiltIn(model, "dropped");
        ModelVersion version = model.FindVersion(number) ?? throw ModelLookup.UndefinedVersion(model, number);
        if (number == model.DefaultVersion)
        {
            throw new SqlException(SqlState.DependentObjectsStillExist,
                $"cannot drop version {number} of model \"{model.Name}\" because it is the model's default version",
                hint: "Choose another by ALTER MODEL … SET DEFAULT VERSION, or drop the model.");
        }
        await LockUseAsync(session, model, TableLockMode.AccessExclusive, cancellation);
        model = Get(session, model.Name);
        new DropSet(session).RefuseUse(model, number);
        Put(session, model with { Versions = model.Versions.Remove(version) });
        session.ModelPins.NoteChange();
    }

    private static void Warm(SessionState session, ModelEntry model, CancellationToken cancellation)
    {
        if (!model.IsBuiltIn && model.FindVersion(model.DefaultVersion) is { } version)
            session.Database.Models.Runtime.Warm(ModelStore.SpecOf(model, version), cancellation);
    }

    private static void Rename(SessionState session, ModelEntry model, string name)
    {
        RefuseBuiltIn(model, "renamed");
        RefuseName(name);
        if (Definitions.Catalog(session).FindModel(name) is not null)
            throw AlreadyExists(name);
        Put(session, model with { Name = name });
        session.ModelPins.NoteChange();
    }

    private static void Put(SessionState session, ModelEntry model) => Definitions.Put(session, model);

    private static bool IsTaken(SessionState session, CreateModelStatement statement)
    {
        if (Definitions.Catalog(session).FindModel(statement.Name) is null)
            return false;
        if (!statement.IfNotExists)
            throw AlreadyExists(statement.Name);
        session.Notices.Notice(SqlState.DuplicateObject, $"model \"{statement.Name}\" already exists, skipping");
        return true;
    }

    private static ModelEntry Get(SessionState session, string name) =>
        Definitions.Catalog(session).FindModel(name) ?? throw ModelLookup.Undefined(Definitions.Catalog(session), name, 0);

    private static SqlException AlreadyExists(string name) => new(SqlState.DuplicateObject, $"model \"{name}\" already exists");

    private static void RefuseName(string name)
    {
        if (!ModelName.IsAllowed(name))
        {
            throw new SqlException(SqlState.InvalidName, $"invalid model name \"{name}\"",
                hint: "Names of models have no @, quotes or backslashes.");
        }
    }

    private static void RefuseBuiltIn(ModelEntry model, string what)
    {
        if (model.IsBuiltIn)
        {
            throw new SqlException(SqlState.DependentObjectsStillExist,
                $"model \"{model.Name}\" cannot be {what} because it is required by the database system");
        }
    }

    private static void RequirePrivilege(SessionState session, string message)
    {
        if (!session.IsSuperuser)
            throw Roles.Denied(message);
    }

    /// <summary>Statements about models run one after the other.</summary>
    private static ValueTask LockAsync(SessionState session, CancellationToken cancellation) =>
        Definitions.LockNameAsync(session, ModelCatalog, session.DatabaseOid.ToString(System.Globalization.CultureInfo.InvariantCulture), cancellation);

    /// <summary>Statements hold the models that they embed by as they hold tables.</summary>
    private static async ValueTask LockUseAsync(
        SessionState session, ModelEntry model, TableLockMode mode, CancellationToken cancellation)
    {
        ITransaction storage = session.Transaction.Storage;
        await storage.LockTableAsync(new TableId(model.Oid), mode, LockWaitPolicy.Block, cancellation);
        storage.BeginStatement();
    }
}
