using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Introspection;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Shards;

namespace VecSQL.Engine.Statements;

/// <summary>
/// How tables are divided among shards, as WITH (shards, shard_key, shard_method, split_at) says, else as vecsql.default_shards does; and how those are
/// replicated (replicas, replication).
/// </summary>
/// <remarks>
/// A unique key must contain the shard key, since it is enforced shard by shard. Where the statement has said nothing, a table that cannot be
/// divided is whole, and one that is divided becomes whole when it gets such a unique key. One that is whole and says how it is replicated is in a
/// shard beside that of all others, with those that say the same.
/// </remarks>
internal static class ShardPlacement
{
    internal const string Shards = "shards", Key = "shard_key", Method = "shard_method", SplitAt = "split_at", Replicas = "replicas", Replication = "replication";

    internal const int ShardsMax = 1024, ReplicasMax = 9;

    internal static bool IsOption(string name) => Divides(name) || name is Replicas or Replication;

    private static bool Divides(string name) => name is Shards or Key or Method or SplitAt;

    /// <exception cref="SqlException">22023: a value that cannot be.</exception>
    internal static void CheckOption(Option option)
    {
        string text = Definitions.OptionText(option.Value) ?? "";
        switch (option.Name)
        {
            case Shards:
                TableOptions.CheckRange(option, 1, ShardsMax);
                break;
            case Method when text is not ("hash" or "range" or "vector"):
                throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for option \"{Method}\": \"{text}\"",
                    hint: "Valid values are \"hash\", \"range\" and \"vector\".");
            case SplitAt when SplitPoints.Parse(text) is null:
                throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for option \"{SplitAt}\": \"{text}\"",
                    hint: "It lists split points, each in parentheses: (10), (20).");
            case Key when Names(text).Count == 0:
                throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for option \"{Key}\": \"{text}\"",
                    hint: "It names one or more columns, parted by commas.");
            case Replicas:
                TableOptions.CheckRange(option, 1, ReplicasMax);
                break;
            case Replication when ReplicationModes.Find(text) is null:
                throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for option \"{Replication}\": \"{text}\"",
                    hint: "Valid values are \"async\", \"semi-sync\", \"quorum\" and \"sync\".");
        }
    }

    /// <summary>A new table with its place.</summary>
    /// <param name="split">SPLIT INTO or SPLIT AT.</param>
    /// <exception cref="SqlException">42703, 42P16, 42P17, 0A000: it cannot be divided as it says.</exception>
    internal static async ValueTask<TableEntry> PlaceAsync(
        SessionState session, TableEntry table, CancellationToken cancellation, SplitClause? split = null)
    {
        if (split is not null)
            table = Split(table, split);
        if (table.IsTemporary || table.Kind != TableKind.Table)
        {
            return table.Options.Any(static option => IsOption(option.Key))
                ? throw new SqlException(SqlState.InvalidTableDefinition, "temporary tables cannot be divided among shards")
                : table;
        }
        bool isAsked = table.Options.Any(static option => Divides(option.Key)), isRange = IsRange(table);
        int count = isRange ? 0 : ShardCount(session, table, isAsked);
        ImmutableArray<short>? key = count == 1 ? null : isAsked ? AskedKey(table) : FittingKey(table);
        GroupShape shape = ReplicationOf(table, key is null ? GroupShape.Hash(1) : isRange ? RangeShape(session, table, key.Value, split)
            : IsVector(table) ? ShardCells.Shape(table.Column(key.Value[0]), count) : GroupShape.Hash(count));
        if (key is null && !shape.HasReplication)
            return table with { Placement = null };
        if (key is not null && isAsked)
            table = WithOptions(table, shape, key.Value);
        ShardGroupEntry group = await ShardGroups.TakeAsync(session, shape, cancellation);
        TellOfReplicas(session, table, shape);
        return table with { Placement = new TablePlacement(group.Oid, key ?? []) };
    }

    /// <summary>A table whose shard options have changed, its rows where they belong now.</summary>
    /// <exception cref="SqlException">42703, 42P16, 0A000: it cannot be divided as it says.</exception>
    internal static async ValueTask<TableEntry> MoveAsync(SessionState session, TableEntry before, TableEntry after, CancellationToken cancellation)
    {
        if (IsPlacedAlike(session, before, after))
            return after;
        if (IsReplicatedAnew(session, before, after) is { } shape && await ShardGroups.TryChangeAsync(session, before, shape, cancellation))
        {
            TellOfReplicas(session, after, shape);
            return after;
        }
        after = await PlaceAsync(session, WithoutOther(before, after), cancellation);
        if (IsVector(after) && after.Placement is not null)
            after = await ShardCells.TrainedAsync(session, before, after, cancellation);
        if (Equals(before.Placement?.GroupOid, after.Placement?.GroupOid)
            && (before.Placement?.KeyColumns ?? []).SequenceEqual(after.Placement?.KeyColumns ?? []))
            return after;
        await TableRewrite.RunAsync(session, before, after, new Dictionary<short, ScalarExpression>(), cancellation);
        await DropUnusedAsync(session, before, cancellation);
        return after;
    }

    /// <summary>Drops the group that a table has left, where it was the last.</summary>
    private static ValueTask DropUnusedAsync(SessionState session, TableEntry before, CancellationToken cancellation) =>
        before.Placement is null ? default : ShardGroups.DropUnusedAsync(session, cancellation);

    /// <summary>Whether the options say what they said before: of a group whose shards were divided since, more cannot be said.</summary>
    private static bool IsPlacedAlike(SessionState session, TableEntry before, TableEntry after) => before.Placement is not null && Said(before).SequenceEqual(Said(after));

    private static IEnumerable<KeyValuePair<string, string>> Said(TableEntry table) =>
        table.Options.Where(static option => IsOption(option.Key)).OrderBy(static option => option.Key, StringComparer.Ordinal);

    /// <summary>Makes a table whole that can no longer be divided as it was: by a unique key without its shard key, or a change of a column of that.</summary>
    /// <param name="before">As it is stored.</param>
    /// <param name="after">As it will be; what is found wrong with it is told of it.</param>
    /// <exception cref="SqlException">0A000: it was made to be divided.</exception>
    internal static async ValueTask<TableEntry> RefitAsync(
        SessionState session, TableEntry before, TableEntry after, CancellationToken cancellation)
    {
        if (after.Placement is not { } placement)
            return after;
        IndexEntry? misfit = after.Indexes.FirstOrDefault(index => !Fits(after, index, placement.KeyColumns));
        ColumnEntry? unfit = placement.KeyColumns.Select(after.Column).FirstOrDefault(
            column => column.IsDropped || !IsDivisible(after, column) || !IsLikeBefore(column));
        if (misfit is null && unfit is null)
            return after;
        if (after.Options.Any(static option => Divides(option.Key)))
        {
            throw unfit is null ? Misfit(after, misfit!, placement.KeyColumns) : new SqlException(SqlState.FeatureNotSupported,
                unfit.IsDropped
                    ? $"cannot drop column \"{before.Column(unfit.Number).Name}\" because it is part of the shard key of table \"{after.Name}\""
                    : IsVector(after) ? $"cannot alter type of column \"{unfit.Name}\" because table \"{after.Name}\" is divided by cells of its vectors"
                    : IsDivisible(after, unfit) ? $"cannot alter type of column \"{unfit.Name}\" because table \"{after.Name}\" is divided by ranges of its values"
                    : $"column \"{unfit.Name}\" of type {BuiltinTypes.FormatType(unfit.Type)} cannot be part of a shard key");
        }
        GroupShape shape = ReplicationOf(after, GroupShape.Hash(1));
        TablePlacement? place = shape.HasReplication ? new TablePlacement((await ShardGroups.TakeAsync(session, shape, cancellation)).Oid, []) : null;
        await TableRewrite.RunAsync(session, before, before with { Placement = place }, new Dictionary<short, ScalarExpression>(), cancellation);
        await DropUnusedAsync(session, before, cancellation);
        return after with { Placement = place };

        // Shards of ranges are found by the order of their keys' types, and those of cells by vectors that have as many dimensions.
        bool IsLikeBefore(ColumnEntry column) => IsVector(after) ? before.Column(column.Number).Type == column.Type
            : !IsRange(after) || RowRouter.Widened(before.Column(column.Number).Type).Oid == RowRouter.Widened(column.Type).Oid;
    }

    /// <summary>A method as its option calls it.</summary>
    internal static string NameOf(ShardMethod method) => method switch
    {
        ShardMethod.Range => "range",
        ShardMethod.Vector => "vector",
        _ => "hash",
    };

    /// <summary>The columns that say which shard a row is in, as they are written in the options; null where the table is whole.</summary>
    internal static string? KeyText(TableEntry table) =>
        table.Placement is { KeyColumns: { IsEmpty: false } key } ? KeyText(table, key) : null;

    private static string KeyText(TableEntry table, ImmutableArray<short> key) =>
        string.Join(", ", key.Select(number => TableValidation.Quote(table.Column(number).Name)));

    /// <summary>The table with options that say in full what was asked for: a dump is not to depend on settings.</summary>
    private static TableEntry WithOptions(TableEntry table, GroupShape shape, ImmutableArray<short> key)
    {
        List<KeyValuePair<string, string>> options = [.. table.Options.Where(static option => option.Key is not (Shards or Key or SplitAt))];
        if (shape.Method != ShardMethod.Range)
            options.Add(KeyValuePair.Create(Shards, shape.Count.ToString(CultureInfo.InvariantCulture)));
        options.Add(KeyValuePair.Create(Key, KeyText(table, key)));
        if (!shape.Bounds.IsEmpty)
            options.Add(KeyValuePair.Create(SplitAt, SplitPoints.TextOf(shape.Bounds)));
        return table with { Options = [.. options] };
    }

    /// <summary>The table in another group that is of its own group's method, with options that say so.</summary>
    internal static TableEntry Regrouped(TableEntry table, ShardGroupEntry group)
    {
        ImmutableArray<short> key = table.Placement!.KeyColumns;
        table = table with { Placement = new TablePlacement(group.Oid, key) };
        return table.Options.Any(static option => Divides(option.Key)) ? WithOptions(table, GroupShape.Of(group), key) : table;
    }

    /// <summary>The options with what SPLIT says.</summary>
    private static TableEntry Split(TableEntry table, SplitClause split)
    {
        string name = split.Count is null ? SplitAt : Shards;
        if (Option(table, name) is not null)
            throw new SqlException(SqlState.InvalidParameterValue, $"parameter \"{name}\" specified more than once", split.Position);
        if (split.Count is { } count)
        {
            TableOptions.CheckRange(new Option(Shards, new IntegerLiteral(count.ToString(CultureInfo.InvariantCulture)), []), 1, ShardsMax);
            return table with { Options = table.Options.Add(KeyValuePair.Create(Shards, count.ToString(CultureInfo.InvariantCulture))) };
        }
        return Option(table, Method) is null ? table with { Options = table.Options.Add(KeyValuePair.Create(Method, "range")) } : table;
    }

    /// <summary>Without what was said of another method of division.</summary>
    private static TableEntry WithoutOther(TableEntry before, TableEntry after)
    {
        string other = IsRange(after) ? Shards : SplitAt;
        return Option(before, other) is { } old && Option(after, other) == old
            ? after with { Options = [.. after.Options.Where(option => option.Key != other)] } : after;
    }

    private static bool IsRange(TableEntry table) => Option(table, Method) == "range";

    private static bool IsVector(TableEntry table) => Option(table, Method) == "vector";

    private static GroupShape RangeShape(SessionState session, TableEntry table, ImmutableArray<short> key, SplitClause? split)
    {
        foreach (short number in key)
        {
            ColumnEntry column = table.Column(number);
            if (!BuiltinTypes.TryFind(column.Type.Oid, out _))
            {
                throw new SqlException(SqlState.FeatureNotSupported,
                    $"column \"{column.Name}\" of type {BuiltinTypes.FormatType(column.Type)} cannot be part of a shard key that is divided by range");
            }
        }
        ImmutableArray<RangeBound> bounds = split is { Count: null } ? SplitPoints.Bounds(session, table, key, split.Points) : Kept();
        if (bounds.Length >= ShardsMax)
            throw new SqlException(SqlState.ProgramLimitExceeded, $"tables can have at most {ShardsMax} shards");
        if (Option(table, Shards) is { } count && count != (bounds.Length + 1).ToString(CultureInfo.InvariantCulture))
        {
            throw new SqlException(SqlState.InvalidParameterValue,
                $"table \"{table.Name}\" is divided by range into as many shards as there are split points, and one, not into {count}",
                hint: $"Say where they begin: SPLIT AT VALUES ((...), ...), or WITH ({SplitAt} = '(...), ...').");
        }
        return GroupShape.Range(key.Select(number => table.Column(number).Type), bounds);

        ImmutableArray<RangeBound> Kept()
        {
            try
            {
                return SplitPoints.Bounds(session, table, key, SplitPoints.Parse(Option(table, SplitAt) ?? "") ?? []);
            }
            catch (SqlException error)
            {
                throw error.Placed(0); // where it stands in an option is nowhere in the statement
            }
        }
    }

    /// <summary>A table of which a column has another name, with options that say so.</summary>
    internal static TableEntry Renamed(TableEntry table) =>
        table.Placement is { } placement && table.Options.Any(static option => option.Key == Key)
            ? table with
            {
                Options = [.. table.Options.Select(option => option.Key == Key ? KeyValuePair.Create(Key, KeyText(table, placement.KeyColumns)) : option)],
            }
            : table;

    private static GroupShape ReplicationOf(TableEntry table, GroupShape shape) => shape with
    {
        Replicas = Option(table, Replicas) is { } replicas ? int.Parse(replicas, CultureInfo.InvariantCulture) : null,
        Replication = Option(table, Replication) is { } mode ? ReplicationModes.Find(mode) : null,
    };

    private static string? Option(TableEntry table, string name) => table.Options.FirstOrDefault(option => option.Key == name).Value;

    /// <summary>The shape that a table's shards are to have where nothing but how they are replicated has changed; null else.</summary>
    private static GroupShape? IsReplicatedAnew(SessionState session, TableEntry before, TableEntry after)
    {
        bool isDividedAlike = before.Options.Where(static option => Divides(option.Key)).SequenceEqual(after.Options.Where(static option => Divides(option.Key)));
        if (!isDividedAlike || before.Placement is not { } placement || Definitions.Catalog(session).Find(placement.GroupOid) is not ShardGroupEntry { } group)
            return null;
        GroupShape shape = ReplicationOf(after, GroupShape.Of(group));
        return shape.Name == group.Name || (placement.KeyColumns.IsEmpty && !shape.HasReplication) ? null : shape;
    }

    /// <summary>What a table says of replicas has its effect in a cluster of as many nodes.</summary>
    private static void TellOfReplicas(SessionState session, TableEntry table, GroupShape shape)
    {
        if (!shape.HasReplication)
            return;
        ClusterDescription cluster = session.Database.Cluster.Describe();
        if (cluster.Name is null)
        {
            session.Notices.Notice(SqlState.SuccessfulCompletion, $"table \"{table.Name}\" has one replica, since this node is in no cluster",
                detail: "What it says of replicas is kept, and has its effect once the node is the first of a cluster.");
        }
        else if (shape.Replicas > cluster.Nodes.Length)
        {
            session.Notices.Notice(SqlState.SuccessfulCompletion,
                $"table \"{table.Name}\" is to have {shape.Replicas} replicas, and the cluster has {cluster.Nodes.Length} nodes",
                detail: "It gets the others as nodes join.");
        }
    }

    private static int ShardCount(SessionState session, TableEntry table, bool isAsked)
    {
        if (Option(table, SplitAt) is not null)
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"table \"{table.Name}\" is not divided by range, and has no split points",
                hint: $"Say {Method} = 'range'.");
        }
        if (Option(table, Shards) is { } asked)
            return int.Parse(asked, CultureInfo.InvariantCulture);
        int usual = (int)session.Settings[SettingCatalog.DefaultShards].Integer;
        return isAsked ? Math.Max(usual, 2) : usual;
    }

    private static ImmutableArray<short> AskedKey(TableEntry table)
    {
        ImmutableArray<short> key;
        if (Option(table, Key) is { } asked)
        {
            key = [.. Names(asked).Select(name => table.LiveColumns.FirstOrDefault(column => column.Name == name)?.Number
                ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" named in shard key does not exist"))];
        }
        else if (IsVector(table))
        {
            key = [.. table.LiveColumns.Where(column => IsDivisible(table, column)).Take(1).Select(static column => column.Number)];
            if (key.IsEmpty)
                throw ShardCells.NoKey(table);
        }
        else
        {
            key = table.PrimaryKey?.Columns ?? throw new SqlException(SqlState.InvalidTableDefinition,
                $"table \"{table.Name}\" has no primary key to be divided by",
                hint: $"Name the columns that say which shard a row is in: WITH ({Key} = '...').");
        }
        foreach (short number in key)
        {
            ColumnEntry column = table.Column(number);
            if (!IsDivisible(table, column))
            {
                throw new SqlException(SqlState.FeatureNotSupported,
                    $"column \"{column.Name}\" of type {BuiltinTypes.FormatType(column.Type)} cannot be part of a shard key{(IsVector(table) ? " of cells" : "")}",
                    hint: IsVector(table) ? ShardCells.KeyHint : null);
            }
        }
        if (IsVector(table) && key.Length > 1)
            throw ShardCells.NoKey(table);
        return table.Indexes.FirstOrDefault(index => !Fits(table, index, key)) is { } misfit ? throw Misfit(table, misfit, key) : key;
    }

    /// <summary>The primary key, else a unique key, else the first column that will do.</summary>
    /// <returns>Null where there is none.</returns>
    private static ImmutableArray<short>? FittingKey(TableEntry table)
    {
        ImmutableArray<short> key = table.PrimaryKey?.Columns
            ?? table.Indexes.FirstOrDefault(static index => index.IsUnique)?.Columns
            ?? [.. table.LiveColumns.Where(column => IsDivisible(table, column)).Take(1).Select(static column => column.Number)];
        return key.IsEmpty || !key.All(number => IsDivisible(table, table.Column(number))) || !table.Indexes.All(index => Fits(table, index, key)) ? null : key;
    }

    // Where a vector is among cells is not known for sure to whoever looks for an equal one.
    private static bool Fits(TableEntry table, IndexEntry index, ImmutableArray<short> key) =>
        !index.IsUnique || (!IsVector(table) && key.All(number => index.Columns.Contains(number)));

    // Equal values of these types have equal hashes.
    private static bool IsDivisible(TableEntry table, ColumnEntry column) => IsVector(table) ? ShardCells.IsKey(column)
        : !column.IsHidden && BuiltinTypes.ElementOf(column.Type.Oid) == 0
        && column.Type.Oid is not (TypeOid.Json or TypeOid.Vector or TypeOid.HalfVector or TypeOid.SparseVector);

    private static SqlException Misfit(TableEntry table, IndexEntry index, ImmutableArray<short> key)
    {
        string kind = index.IsPrimary ? "PRIMARY KEY" : "UNIQUE";
        if (IsVector(table))
            return ShardCells.NoUnique(table, kind);
        string missing = table.Column(key.First(number => !index.Columns.Contains(number))).Name;
        return new SqlException(SqlState.FeatureNotSupported, "unique constraint on a table with shards must include all columns of the shard key")
        {
            Detail = $"{kind} constraint on table \"{table.Name}\" lacks column \"{missing}\" which is part of the shard key.",
        };
    }

    /// <summary>Names parted by commas, as identifiers are written; none where they cannot be read.</summary>
    private static List<string> Names(string text)
    {
        try
        {
            return [.. text.Split(',').Select(static part => SqlParser.ParseExpression(part) is ColumnReference { Name: { Parts.Count: 1, Name: var name } } ? name : "")
                .Where(static name => name.Length > 0)];
        }
        catch (SqlException)
        {
            return [];
        }
    }
}
