using System.Globalization;
using System.Net;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Access;
using VecSQL.Engine.Introspection;
using VecSQL.Engine.Models;
using VecSQL.Engine.References;
using VecSQL.Engine.Settings;
using VecSQL.Engine.Transactions;
using VecSQL.Executor;
using VecSQL.Parser;
using VecSQL.Planner;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Sessions;

/// <summary>All that belongs to one session; what statements work with.</summary>
/// <remarks>Threads: those of the session, one at a time; <see cref="Clock"/> and <see cref="Channels"/> take calls from others.</remarks>
internal sealed class SessionState
{
    private FormatContext? _format;
    private (FormatContext Base, long Now) _formatOf;
    private string? _planEnvironment;
    private (int Version, bool HasTemporary) _planEnvironmentOf;

    /// <param name="entry">The one of the node's databases that the session is in.</param>
    /// <param name="login">Whom the user is, which may go by another name.</param>
    internal SessionState(Database database, SessionOptions options, RoleEntry login, DatabaseEntry entry, int backendId)
    {
        Database = database;
        LoginUser = options.User;
        LoginOid = login.Oid;
        DatabaseName = entry.Name;
        DatabaseOid = entry.Oid;
        BackendId = backendId;
        Client = options.Client;
        Encryption = options.Encryption;
        Settings = new SessionSettings(database.SettingDefaults);
        Settings.UserChanged += ShowUser;
        Clock = new StatementClock(database.Time);
        Activity = new SessionActivity(Clock.NowMicroseconds);
        Notices = new NoticeChannel(this);
        Transaction = new SessionTransaction(this);
        Portals = new PortalTable(this);
        Temporary = new TemporaryTables(this);
        References = new ReferenceChecks(this);
        Channels = new SessionChannels(this);
        ModelPins = new ModelPins(database.Models);
        Services = new SessionServices(this, SettingOverlay.None);
        Names = new NameResolver(this);
        AdvisoryLocks = new AdvisoryHolder(
            string.Create(CultureInfo.InvariantCulture, $"{backendId}.{database.Time.GetUtcNow().UtcTicks:x}"), () => Transaction.StorageIfOpen, LoseAdvisoryLocks);
        SystemRows = new SystemViewSource(this);
        Catalogs = new CatalogFunctions(this);
    }

    internal Database Database { get; }

    /// <summary>Who connected, by the name that the client gave.</summary>
    internal string LoginUser { get; }

    internal uint LoginOid { get; }

    /// <summary>Who connected, or whom SET SESSION AUTHORIZATION put in its place.</summary>
    internal string SessionUser => Settings[SettingCatalog.SessionAuthorization].Text;

    /// <summary>Who statements run as: the session's user, or whom SET ROLE named.</summary>
    internal string User => Settings[SettingCatalog.Role].Text is var role && role != "none" ? role : SessionUser;

    /// <summary>The role that statements run as; null once it has been dropped.</summary>
    internal RoleEntry? Role => FindRole(User);

    /// <summary>For whom statements are counted.</summary>
    internal Plans.StatementOwner StatementOwner => new(
        User is var user && user == LoginUser ? LoginOid : Catalog.FindRole(user)?.Oid ?? 0, DatabaseOid);

    internal bool IsSuperuser => Role is { IsSuperuser: true };

    internal bool CreatesRoles => Role is { IsSuperuser: true } or { CreatesRoles: true };

    internal string DatabaseName { get; }

    internal uint DatabaseOid { get; }

    internal int BackendId { get; }

    internal IPEndPoint? Client { get; }

    /// <summary>Null where the connection is not encrypted.</summary>
    internal ConnectionEncryption? Encryption { get; }

    internal SessionSettings Settings { get; }

    internal NoticeChannel Notices { get; }

    internal StatementClock Clock { get; }

    internal SessionTransaction Transaction { get; }

    /// <summary>What knows the statement that the client has sent, and runs it again; null before the session takes statements.</summary>
    internal StatementRepeat? Repeat { get; set; }

    internal PreparedStatements Statements { get; } = new();

    internal PortalTable Portals { get; }

    internal TemporaryTables Temporary { get; }

    /// <summary>Keeps foreign keys.</summary>
    internal ReferenceChecks References { get; }

    /// <summary>How many blocks of PL/pgSQL run within each other.</summary>
    internal int BlockDepth { get; set; }

    internal SessionChannels Channels { get; }

    internal ModelPins ModelPins { get; }

    /// <summary>The session stores what others' statements left to be computed.</summary>
    internal bool FillsDeferred { get; set; }

    /// <summary>The session as the holder of advisory locks.</summary>
    internal AdvisoryHolder AdvisoryLocks { get; }

    internal SequenceMemory Sequences { get; } = new();

    internal SessionServices Services { get; }

    /// <summary>What random() draws from; null before it has been asked.</summary>
    internal Random? Random { get; set; }

    internal NameResolver Names { get; }

    internal SystemViewSource SystemRows { get; }

    internal CatalogFunctions Catalogs { get; }

    internal SessionActivity Activity { get; }

    /// <summary>The catalog that the next statement sees.</summary>
    internal CatalogSnapshot Catalog =>
        Transaction.StorageIfOpen is { } storage ? storage.Catalog : Database.Storage.Catalog.InDatabase(DatabaseOid);

    /// <summary>How values are written and read, at the transaction's time.</summary>
    internal FormatContext Format
    {
        get
        {
            (FormatContext Base, long Now) key = (Settings.Format, Transaction.StartTime);
            if (_format is null || !ReferenceEquals(key.Base, _formatOf.Base) || key.Now != _formatOf.Now)
            {
                _format = key.Base with { NowMicroseconds = key.Now, Names = Catalogs };
                _formatOf = key;
            }
            return _format;
        }
    }

    /// <summary>Whether statements may run by plans that others of their shape were given.</summary>
    internal bool SharesPlans => Settings[SettingCatalog.PlanCacheMode].Text != "force_custom_plan" && StringRules is null;

    /// <summary>How the client's strings are read; null for the standard's way.</summary>
    internal StringRules? StringRules =>
        Settings[SettingCatalog.ConformingStrings].IsOn && Settings[SettingCatalog.BackslashQuote].Text != "off" ? null : new StringRules(
            !Settings[SettingCatalog.ConformingStrings].IsOn, Settings[SettingCatalog.BackslashQuote].Text != "off",
            Settings[SettingCatalog.EscapeWarning].IsOn
                ? (message, hint) => Notices.Warn(SqlState.NonstandardUseOfEscapeCharacter, message, hint)
                : null);

    /// <summary>Whether such plans are kept whatever they are guessed to cost.</summary>
    internal bool ForcesSharedPlans => Settings[SettingCatalog.PlanCacheMode].Text == "force_generic_plan";

    /// <summary>All but the catalog that plans depend on, as text: sessions with the same may share plans.</summary>
    internal string PlanEnvironment(CatalogSnapshot catalog)
    {
        var key = (Settings.PlanVersion, catalog.FindSchema(Names.TemporarySchema) is not null);
        if (_planEnvironment is null || key != _planEnvironmentOf)
        {
            _planEnvironment = string.Join('\n',
            [
                User, DatabaseName, key.Item2 ? Names.TemporarySchema : "", FillsDeferred ? "fills" : "",
                .. SettingCatalog.All.Where(static definition => definition.AffectsPlans).Select(
                    definition => Settings.Show(definition.Name)),
            ]);
            _planEnvironmentOf = key;
        }
        return _planEnvironment;
    }

    internal PlannerContext PlanningContext(CatalogSnapshot catalog) => new()
    {
        Catalog = catalog,
        SearchPath = [.. Names.SearchPath(catalog)],
        TemporarySchema = Names.TemporarySchema,
        CurrentUser = User,
        CurrentDatabase = DatabaseName,
        Evaluator = Evaluator,
        FillsDeferred = FillsDeferred,
        Statistics = Database.Statistics,
        SystemViews = SystemViews.Instance,
        Setting = Settings.Show,
        CutsPlans = Database.Storage.SpansNodes || Settings[SettingCatalog.Distribution].Text == "always",
        BroadcastBytesMax = Settings[SettingCatalog.BroadcastLimit].Integer << 10,
        Format = Format,
    };

    /// <summary>The role of that name; the user who connected keeps the name it gave.</summary>
    internal RoleEntry? FindRole(string name) => name != LoginUser
        ? Catalog.FindRole(name)
        : Catalog.Find(LoginOid) is RoleEntry role ? role with { Name = name } : null;

    /// <summary>Null where there is no such role.</summary>
    internal string? NameOfRole(uint oid) => oid == LoginOid ? LoginUser : (Catalog.Find(oid) as RoleEntry)?.Name;

    /// <summary>set_config and SET.</summary>
    internal void SetSetting(string name, string? value, bool isLocal) => SettingAssignment.Set(this, name, value, isLocal);

    internal bool IsTemporarySchema(uint schemaOid) =>
        Catalog.FindSchema(Names.TemporarySchema) is { } schema && schema.Oid == schemaOid;

    private void LoseAdvisoryLocks()
    {
        if (!AdvisoryLocks.HoldsAny)
            return; // a transaction that holds some fails by itself
        Clock.Terminate(new SqlException(SqlState.AdminShutdown, "terminating connection because the advisory locks that it holds may be lost",
            hint: "The shard that kept them has another primary."));
    }

    private void ShowUser()
    {
        bool isSuperuser = IsSuperuser;
        Settings.MaySetAll = isSuperuser;
        Settings.SetKnown(SettingCatalog.IsSuperuser, isSuperuser ? "on" : "off");
    }

    private static readonly ConstantEvaluator Evaluator = new();
}
