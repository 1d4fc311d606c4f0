using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Engine.Statements;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Transactions;

/// <summary>Which statements see what was at a moment that is past: those AS OF SYSTEM TIME, and those that vecsql.consistency lets.</summary>
internal static class PastReads
{
    /// <summary>What a statement is to see; null for what is newest.</summary>
    /// <param name="mayChoose">Whether it is a client's own query.</param>
    /// <exception cref="SqlException">25006: it changes something. 0A000: its moment cannot be its own.</exception>
    internal static ReadAt? Of(SessionState session, PlannedQuery? query, PlannedStatement plan, bool mayChoose)
    {
        SessionTransaction transaction = session.Transaction;
        if (transaction.AsOf is null && query?.AsOf is null)
            return mayChoose ? Chosen(session, plan) : null;
        if (!plan.IsReadOnly)
            QueryWork.RefuseReadOnly(session, plan, isAsOf: true);
        if (query?.AsOf is not { } asOf)
            return transaction.AsOf;
        bool isWhole = mayChoose && transaction.AsOf is null && session.Repeat is { IsWhole: true };
        return isWhole ? Read(session, asOf) : throw new SqlException(SqlState.FeatureNotSupported,
            "AS OF SYSTEM TIME is not supported for a part of a transaction", asOf.Position, hint: "Begin the transaction AS OF SYSTEM TIME.");
    }

    /// <summary>The value of AS OF SYSTEM TIME.</summary>
    /// <exception cref="SqlException">22023: it is no moment that is past.</exception>
    internal static ReadAt Read(SessionState session, Expression asOf)
    {
        ReadAt read = asOf switch
        {
            StringLiteral text => OfText(session, text),
            FunctionCall { Name.Parts: [.., "follower_read_timestamp"], Arguments: [] } => new ReadAt { StalenessMax = FollowerReadMax },
            FunctionCall { Name.Parts: [.., "with_max_staleness"], Arguments: [var age] } =>
                new ReadAt { StalenessMax = Time(Evaluate(session, age.Value, SqlType.Interval), asOf) },
            FunctionCall { Name.Parts: [.., "with_min_timestamp"], Arguments: [var least] } =>
                new ReadAt { Earliest = new CommitTimestamp(Moment(Evaluate(session, least.Value, SqlType.TimestampTz), asOf)) },
            _ => OfValue(session, asOf),
        };
        return read with { Choice = Choice(session) };
    }

    /// <summary>Followers have come by then to a moment that was given, however slow they are; more would not be kept.</summary>
    private static TimeSpan FollowerReadMax { get; } = TimeSpan.FromSeconds(20);

    private static ReadAt? Chosen(SessionState session, PlannedStatement plan)
    {
        string consistency = session.Settings[SettingCatalog.Consistency].Text;
        bool isStrong = consistency == "strong";
        if ((isStrong && session.Settings[SettingCatalog.ReadReplica].Text is "auto" or "leader") || !plan.IsReadOnly || plan.Tables.IsEmpty)
            return null;
        SessionTransaction transaction = session.Transaction;
        bool isFirst = session.Repeat is { IsWhole: true } || (transaction is { State: BlockState.Block, IsReadOnly: true } && !transaction.HasRead);
        if (!isFirst || ReadsTemporary(session, plan))
            return null;
        ReadAt read = new() { Choice = Choice(session) };
        return consistency switch
        {
            "bounded" => read with { StalenessMax = TimeSpan.FromMilliseconds(session.Settings[SettingCatalog.StalenessMax].Integer) },
            "strong" => session.Repeat is { IsFirstRun: true } ? read with { IsNewest = true } : null, // else the primary says it itself
            "session" => read with { Earliest = transaction.LastCommit },
            _ => read,
        };
    }

    private static bool ReadsTemporary(SessionState session, PlannedStatement plan) =>
        plan.Tables.Any(use => session.Catalog.TryFindTable(use.Table, out Catalog.Objects.TableEntry? table) && table.IsTemporary);

    private static ReplicaChoice Choice(SessionState session) => session.Settings[SettingCatalog.ReadReplica].Text switch
    {
        "any" => ReplicaChoice.Any,
        "leader" => ReplicaChoice.Leader,
        _ => ReplicaChoice.Nearest,
    };

    /// <summary>'-10s', a time, or nanoseconds since 1970.</summary>
    private static ReadAt OfText(SessionState session, StringLiteral text)
    {
        bool isAgo = text.Value.StartsWith('-');
        if (!isAgo && TryEvaluate(session, text, SqlType.TimestampTz) is { } moment)
            return new ReadAt(new CommitTimestamp(Moment(moment, text)));
        if (!isAgo && decimal.TryParse(text.Value, System.Globalization.CultureInfo.InvariantCulture, out decimal nanoseconds))
            return OfNanoseconds(nanoseconds, text);
        return TryEvaluate(session, text, SqlType.Interval) is { } ago ? new ReadAt { Ago = -Time(ago, text, isAgo: true) }
            : throw Wrong("value is neither timestamp, decimal, nor interval", text);
    }

    private static ReadAt OfValue(SessionState session, Expression value)
    {
        if (value is NumericLiteral number && decimal.TryParse(number.Text, System.Globalization.CultureInfo.InvariantCulture, out decimal nanoseconds))
            return OfNanoseconds(nanoseconds, value);
        ScalarExpression bound = QueryPlanner.BindConstant(value, null, session.PlanningContext(session.Catalog));
        return bound.Type.Oid == TypeOid.Interval
            ? new ReadAt { Ago = -Time(SessionExpressions.Evaluate(session, bound), value, isAgo: true) }
            : new ReadAt(new CommitTimestamp(Moment(Evaluate(session, value, SqlType.TimestampTz), value)));
    }

    private static ReadAt OfNanoseconds(decimal nanoseconds, Expression value) => nanoseconds is > 0 and < long.MaxValue
        ? new ReadAt(new CommitTimestamp((long)(nanoseconds / 1000))) : throw Wrong("timestamp out of range", value);

    private static Column? TryEvaluate(SessionState session, Expression value, SqlType type)
    {
        try
        {
            return Evaluate(session, value, type);
        }
        catch (SqlException other) when (other.State == SqlState.InvalidDatetimeFormat || other.State == SqlState.DatetimeFieldOverflow)
        {
            return null; // it is something else
        }
    }

    private static Column Evaluate(SessionState session, Expression value, SqlType type) =>
        SessionExpressions.Evaluate(session, QueryPlanner.BindConstant(value, type, session.PlanningContext(session.Catalog)));

    private static long Moment(Column value, Expression place) => value.IsNull(0) ? throw Wrong("value is null", place)
        : ((FixedColumn<long>)value.Expand()).Values[0] is > 0 and < long.MaxValue and var moment ? moment : throw Wrong("timestamp out of range", place);

    private static TimeSpan Time(Column value, Expression place, bool isAgo = false)
    {
        if (value.IsNull(0))
            throw Wrong("value is null", place);
        Int128 span = Interval.From(((FixedColumn<Fixed16>)value.Expand()).Values[0]).Span;
        if (isAgo ? span >= 0 : span < 0)
            throw Wrong(isAgo ? "interval value must be negative" : "interval value must be positive", place);
        return Int128.Abs(span) > (Int128)TimeSpan.MaxValue.TotalMicroseconds / 2 ? throw Wrong("interval out of range", place)
            : TimeSpan.FromMicroseconds((double)span);
    }

    private static SqlException Wrong(string what, Expression place) => new(SqlState.InvalidParameterValue, $"AS OF SYSTEM TIME: {what}", place.Position);
}
