using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Core.Settings;

namespace VecSQL.Engine.Settings;

/// <summary>All settings, by name and by place.</summary>
internal static class SettingCatalog
{
    private static readonly ImmutableArray<SettingDefinition> Definitions = Read(SettingTable.Text);

    private static readonly FrozenDictionary<string, SettingDefinition> ByName =
        Definitions.ToFrozenDictionary(definition => definition.Name, StringComparer.OrdinalIgnoreCase);

    internal static readonly SettingDefinition
        DateStyle = ByName["DateStyle"],
        IntervalStyle = ByName["IntervalStyle"],
        TimeZone = ByName["TimeZone"],
        ExtraFloatDigits = ByName["extra_float_digits"],
        ByteaOutput = ByName["bytea_output"],
        SearchPath = ByName["search_path"],
        ClientEncoding = ByName["client_encoding"],
        ClientMinMessages = ByName["client_min_messages"],
        StatementTimeout = ByName["statement_timeout"],
        LogDuration = ByName["log_min_duration_statement"],
        TrackStatements = ByName["pg_stat_statements.track"],
        TrackUtility = ByName["pg_stat_statements.track_utility"],
        LockTimeout = ByName["lock_timeout"],
        IdleTimeout = ByName["idle_session_timeout"],
        IdleInTransactionTimeout = ByName["idle_in_transaction_session_timeout"],
        PlanCacheMode = ByName["plan_cache_mode"],
        ConformingStrings = ByName["standard_conforming_strings"],
        EscapeWarning = ByName["escape_string_warning"],
        BackslashQuote = ByName["backslash_quote"],
        SynchronousCommit = ByName["synchronous_commit"],
        WorkMemory = ByName["work_mem"],
        ParallelWorkers = ByName["max_parallel_workers_per_gather"],
        DefaultIsolation = ByName["default_transaction_isolation"],
        DefaultReadOnly = ByName["default_transaction_read_only"],
        TransactionIsolation = ByName["transaction_isolation"],
        TransactionReadOnly = ByName["transaction_read_only"],
        TransactionDeferrable = ByName["transaction_deferrable"],
        ApplicationName = ByName["application_name"],
        SessionAuthorization = ByName["session_authorization"],
        Role = ByName["role"],
        IsSuperuser = ByName["is_superuser"],
        ReplicationRole = ByName["session_replication_role"],
        DefaultShards = ByName["vecsql.default_shards"],
        Distribution = ByName["vecsql.distribution"],
        BroadcastLimit = ByName["vecsql.broadcast_limit"],
        WriteAcks = ByName["vecsql.write_acks"],
        Consistency = ByName["vecsql.consistency"],
        StalenessMax = ByName["vecsql.max_staleness"],
        ReadReplica = ByName["vecsql.read_replica"],
        Seed = ByName["seed"];

    internal static ImmutableArray<SettingDefinition> All => Definitions;

    internal static SettingDefinition? Find(string name) => ByName.GetValueOrDefault(name);

    private static ImmutableArray<SettingDefinition> Read(string table)
    {
        var definitions = ImmutableArray.CreateBuilder<SettingDefinition>();
        foreach (string line in table.Split('\n'))
            definitions.Add(ReadLine(line.TrimEnd('\r').Split('|'), definitions.Count));
        return definitions.ToImmutable();
    }

    private static SettingDefinition ReadLine(string[] fields, int index)
    {
        string[] kind = fields[1].Split(':');
        SettingDefinition definition = new(index, fields[0], Kind(kind[0]), fields[3])
        {
            Unit = kind.Length > 1 ? Unit(kind[1]) : SettingUnit.None,
            Context = Context(fields[4]),
            IsReported = fields[5].Contains('R'),
            AffectsPlans = fields[5].Contains('P'),
            IsForCompatibility = fields[5].Contains('C'),
            IsDefaultOnly = fields[5].Contains('F'),
            IsKeptByResetAll = fields[5].Contains('K'),
            IsHidden = fields[5].Contains('H'),
            IsNameList = fields[5].Contains('L'),
            Category = fields[6],
            Summary = fields[7],
        };
        if (definition.Kind == SettingKind.Enum)
            return definition with { Values = [.. fields[2].Split(',')] };
        if (definition.Kind is not (SettingKind.Integer or SettingKind.Real))
            return definition;
        string[] range = fields[2].Split("..");
        return definition with { Min = Number(range[0]), Max = Number(range[1]) };
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static SettingKind Kind(string word) => word switch
    {
        "bool" => SettingKind.Bool,
        "int" => SettingKind.Integer,
        "real" => SettingKind.Real,
        "enum" => SettingKind.Enum,
        "string" => SettingKind.String,
        _ => throw new FormatException($"no kind of setting: {word}"),
    };

    private static SettingUnit Unit(string word) => word switch
    {
        "B" => SettingUnit.Bytes,
        "kB" => SettingUnit.Kilobytes,
        "8kB" => SettingUnit.Blocks,
        "MB" => SettingUnit.Megabytes,
        "ms" => SettingUnit.Milliseconds,
        "s" => SettingUnit.Seconds,
        "min" => SettingUnit.Minutes,
        _ => throw new FormatException($"no unit: {word}"),
    };

    private static SettingContext Context(string letter) => letter switch
    {
        "i" => SettingContext.Internal,
        "p" => SettingContext.Postmaster,
        "h" => SettingContext.Sighup,
        "s" => SettingContext.Superuser,
        "u" => SettingContext.User,
        _ => throw new FormatException($"no context: {letter}"),
    };
}
