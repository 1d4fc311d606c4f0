using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Introspection;
using VecSQL.Engine.Settings;
using VecSQL.Engine.Transactions;
using VecSQL.Executor;
using VecSQL.Planner;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Sessions;

/// <summary>All that belongs to one session; what statements work with.</summary>
/// <remarks>Threads: those of the session, one at a time; <see cref="Clock"/> and <see cref="Channels"/> take calls from others.</remarks>
internal sealed class SessionState
{
    private FormatContext? _format;
    private (FormatContext Base, long Now) _formatOf;

    internal SessionState(Database database, string user, string databaseName, int backendId, string? clientAddress)
    {
        Database = database;
        User = SessionUser = user;
        DatabaseName = databaseName;
        BackendId = backendId;
        ClientAddress = clientAddress;
        Settings = new SessionSettings(database.SettingDefaults);
        Clock = new StatementClock(database.Time);
        Activity = new SessionActivity(Clock.NowMicroseconds);
        Notices = new NoticeChannel(this);
        Transaction = new SessionTransaction(this);
        Portals = new PortalTable(this);
        Temporary = new TemporaryTables(this);
        Channels = new SessionChannels(this);
        Services = new SessionServices(this, SettingOverlay.None);
        Names = new NameResolver(this);
        SystemRows = new SystemViewSource(this);
        Catalogs = new CatalogFunctions(this);
    }

    internal Database Database { get; }

    internal string User { get; }

    internal string SessionUser { get; }

    internal string DatabaseName { get; }

    internal int BackendId { get; }

    internal string? ClientAddress { get; }

    internal SessionSettings Settings { get; }

    internal NoticeChannel Notices { get; }

    internal StatementClock Clock { get; }

    internal SessionTransaction Transaction { get; }

    internal PreparedStatements Statements { get; } = new();

    internal PortalTable Portals { get; }

    internal TemporaryTables Temporary { get; }

    internal SessionChannels Channels { get; }

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
        Transaction.StorageIfOpen is { } storage ? storage.Catalog : Database.Storage.Catalog;

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

    internal PlannerContext PlanningContext(CatalogSnapshot catalog) => new()
    {
        Catalog = catalog,
        SearchPath = [.. Names.SearchPath(catalog)],
        TemporarySchema = Names.TemporarySchema,
        CurrentUser = User,
        CurrentDatabase = DatabaseName,
        Evaluator = Evaluator,
        Statistics = Database.Statistics,
        SystemViews = SystemViews.Instance,
        Setting = Settings.Show,
        Format = Format,
    };

    /// <summary>set_config and SET.</summary>
    internal void SetSetting(string name, string? value, bool isLocal) => SettingAssignment.Set(this, name, value, isLocal);

    internal bool IsTemporarySchema(uint schemaOid) =>
        Catalog.FindSchema(Names.TemporarySchema) is { } schema && schema.Oid == schemaOid;

    private static readonly ConstantEvaluator Evaluator = new();
}
