using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>How tables are divided among shards: as WITH (shards, shard_key, shard_method) says, else as vecsql.default_shards does.</summary>
/// <remarks>
/// A unique key must contain the shard key, since it is enforced shard by shard. Where the statement has said nothing, a table that cannot be
/// divided is whole, and one that is divided becomes whole when it gets such a unique key.
/// </remarks>
internal static class ShardPlacement
{
    internal const string Shards = "shards", Key = "shard_key", Method = "shard_method";

    internal const int ShardsMax = 1024;

    internal static bool IsOption(string name) => name is Shards or Key or Method;

    /// <exception cref="SqlException">22023: a value that cannot be.</exception>
    internal static void CheckOption(Option option)
    {
        string text = Definitions.OptionText(option.Value) ?? "";
        switch (option.Name)
        {
            case Shards:
                TableOptions.CheckRange(option, 1, ShardsMax);
                break;
            case Method when text != "hash":
                throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for option \"{Method}\": \"{text}\"",
                    hint: "Valid values are \"hash\".");
            case Key when Names(text).Count == 0:
                throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for option \"{Key}\": \"{text}\"",
                    hint: "It names one or more columns, parted by commas.");
        }
    }

    /// <summary>A new table with its place.</summary>
    /// <exception cref="SqlException">42703, 42P16, 0A000: it cannot be divided as it says.</exception>
    internal static async ValueTask<TableEntry> PlaceAsync(SessionState session, TableEntry table, CancellationToken cancellation)
    {
        bool isAsked = table.Options.Any(static option => IsOption(option.Key));
        if (table.IsTemporary || table.Kind != TableKind.Table)
        {
            return isAsked
                ? throw new SqlException(SqlState.InvalidTableDefinition, "temporary tables cannot be divided among shards")
                : table;
        }
        int count = ShardCount(session, table, isAsked);
        if (count == 1)
            return table with { Placement = null };
        ImmutableArray<short>? key = isAsked ? AskedKey(table) : FittingKey(table);
        if (key is null)
            return table with { Placement = null };
        if (isAsked)
            table = WithOptions(table, count, key.Value);
        ShardGroupEntry group = await GroupAsync(session, count, cancellation);
        return table with { Placement = new TablePlacement(group.Oid, key.Value) };
    }

    /// <summary>A table whose shard options have changed, its rows where they belong now.</summary>
    /// <exception cref="SqlException">42703, 42P16, 0A000: it cannot be divided as it says.</exception>
    internal static async ValueTask<TableEntry> MoveAsync(SessionState session, TableEntry before, TableEntry after, CancellationToken cancellation)
    {
        after = await PlaceAsync(session, after, cancellation);
        if (Equals(before.Placement?.GroupOid, after.Placement?.GroupOid)
            && (before.Placement?.KeyColumns ?? []).SequenceEqual(after.Placement?.KeyColumns ?? []))
            return after;
        await TableRewrite.RunAsync(session, before, after, new Dictionary<short, ScalarExpression>(), cancellation);
        return after;
    }

    /// <summary>Makes a table whole that can no longer be divided as it was: by a unique key without its shard key, or a change of a column of that.</summary>
    /// <param name="before">As it is stored.</param>
    /// <param name="after">As it will be; what is found wrong with it is told of it.</param>
    /// <exception cref="SqlException">0A000: it was made to be divided.</exception>
    internal static async ValueTask<TableEntry> RefitAsync(
        SessionState session, TableEntry before, TableEntry after, CancellationToken cancellation)
    {
        if (after.Placement is not { } placement)
            return after;
        IndexEntry? misfit = after.Indexes.FirstOrDefault(index => !Fits(index, placement.KeyColumns));
        ColumnEntry? unfit = placement.KeyColumns.Select(after.Column).FirstOrDefault(static column => column.IsDropped || !IsDivisible(column));
        if (misfit is null && unfit is null)
            return after;
        if (after.Options.Any(static option => IsOption(option.Key)))
        {
            throw unfit is null ? Misfit(after, misfit!, placement.KeyColumns) : new SqlException(SqlState.FeatureNotSupported,
                unfit.IsDropped
                    ? $"cannot drop column \"{before.Column(unfit.Number).Name}\" because it is part of the shard key of table \"{after.Name}\""
                    : $"column \"{unfit.Name}\" of type {BuiltinTypes.FormatType(unfit.Type)} cannot be part of a shard key");
        }
        TableEntry whole = before with { Placement = null };
        await TableRewrite.RunAsync(session, before, whole, new Dictionary<short, ScalarExpression>(), cancellation);
        return after with { Placement = null };
    }

    /// <summary>The columns that say which shard a row is in, as they are written in the options; null where the table is whole.</summary>
    internal static string? KeyText(TableEntry table) => table.Placement is { } placement ? KeyText(table, placement.KeyColumns) : null;

    private static string KeyText(TableEntry table, ImmutableArray<short> key) =>
        string.Join(", ", key.Select(number => TableValidation.Quote(table.Column(number).Name)));

    /// <summary>The table with options that say in full what was asked for: a dump is not to depend on settings.</summary>
    private static TableEntry WithOptions(TableEntry table, int count, ImmutableArray<short> key) => table with
    {
        Options =
        [
            .. table.Options.Where(static option => option.Key is not (Shards or Key)),
            KeyValuePair.Create(Shards, count.ToString(CultureInfo.InvariantCulture)), KeyValuePair.Create(Key, KeyText(table, key)),
        ],
    };

    /// <summary>A table of which a column has another name, with options that say so.</summary>
    internal static TableEntry Renamed(TableEntry table) =>
        table.Placement is { } placement && table.Options.Any(static option => option.Key == Key)
            ? table with
            {
                Options = [.. table.Options.Select(option => option.Key == Key ? KeyValuePair.Create(Key, KeyText(table, placement.KeyColumns)) : option)],
            }
            : table;

    private static int ShardCount(SessionState session, TableEntry table, bool isAsked)
    {
        string? asked = table.Options.FirstOrDefault(static option => option.Key == Shards).Value;
        if (asked is not null)
            return int.Parse(asked, CultureInfo.InvariantCulture);
        int usual = (int)session.Settings[SettingCatalog.DefaultShards].Integer;
        return isAsked ? Math.Max(usual, 2) : usual;
    }

    private static ImmutableArray<short> AskedKey(TableEntry table)
    {
        ImmutableArray<short> key;
        if (table.Options.FirstOrDefault(static option => option.Key == Key).Value is { } asked)
        {
            key = [.. Names(asked).Select(name => table.LiveColumns.FirstOrDefault(column => column.Name == name)?.Number
                ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" named in shard key does not exist"))];
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
            if (!IsDivisible(column))
            {
                throw new SqlException(SqlState.FeatureNotSupported,
                    $"column \"{column.Name}\" of type {BuiltinTypes.FormatType(column.Type)} cannot be part of a shard key");
            }
        }
        return table.Indexes.FirstOrDefault(index => !Fits(index, key)) is { } misfit ? throw Misfit(table, misfit, key) : key;
    }

    /// <summary>The primary key, else a unique key, else the first column that will do.</summary>
    /// <returns>Null where there is none.</returns>
    private static ImmutableArray<short>? FittingKey(TableEntry table)
    {
        ImmutableArray<short> key = table.PrimaryKey?.Columns
            ?? table.Indexes.FirstOrDefault(static index => index.IsUnique)?.Columns
            ?? [.. table.LiveColumns.Where(IsDivisible).Take(1).Select(static column => column.Number)];
        return key.IsEmpty || !key.All(number => IsDivisible(table.Column(number))) || !table.Indexes.All(index => Fits(index, key)) ? null : key;
    }

    private static bool Fits(IndexEntry index, ImmutableArray<short> key) => !index.IsUnique || key.All(number => index.Columns.Contains(number));

    // Equal values of these types have equal hashes.
    private static bool IsDivisible(ColumnEntry column) => !column.IsHidden && BuiltinTypes.ElementOf(column.Type.Oid) == 0
        && column.Type.Oid is not (TypeOid.Json or TypeOid.Vector or TypeOid.HalfVector or TypeOid.SparseVector);

    private static SqlException Misfit(TableEntry table, IndexEntry index, ImmutableArray<short> key)
    {
        string kind = index.IsPrimary ? "PRIMARY KEY" : "UNIQUE";
        string missing = table.Column(key.First(number => !index.Columns.Contains(number))).Name;
        return new SqlException(SqlState.FeatureNotSupported, "unique constraint on a table with shards must include all columns of the shard key")
        {
            Detail = $"{kind} constraint on table \"{table.Name}\" lacks column \"{missing}\" which is part of the shard key.",
        };
    }

    /// <summary>The group of so many shards, made where it is the first of its kind.</summary>
    private static async ValueTask<ShardGroupEntry> GroupAsync(SessionState session, int count, CancellationToken cancellation)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"hash {count}");
        if (Find(session, name) is { } known)
            return known;
        await Definitions.LockNameAsync(session, schemaOid: 0, "shard groups", cancellation);
        if (Find(session, name) is { } other)
            return other;
        uint last = Definitions.Catalog(session).ShardGroups.SelectMany(static group => group.Shards).Select(static shard => shard.Value)
            .DefaultIfEmpty().Max();
        ShardGroupEntry group = ShardGroupEntry.Even(Definitions.NextOid(session), name,
            [.. Enumerable.Range(1, count).Select(number => new ShardId(last + (uint)number))]);
        // By a transaction of its own, which stays: rows can be written to shards of a group that is there, and whoever comes next can use it too.
        ITransaction made = session.Database.Storage.Begin(IsolationLevel.ReadCommitted, database: session.DatabaseOid);
        await using (made)
        {
            made.BeginStatement();
            made.Change(new PutObject(group));
            await made.CommitAsync(isDurable: true, cancellation);
        }
        session.Transaction.Storage.BeginStatement();
        return group;
    }

    private static ShardGroupEntry? Find(SessionState session, string name) =>
        Definitions.Catalog(session).ShardGroups.FirstOrDefault(group => group.Name == name);

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
