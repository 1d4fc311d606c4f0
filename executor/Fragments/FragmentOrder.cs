using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Fragments;

/// <summary>What a node is told to run for another: a plan, and all that the plan's session and statement have to do with its values.</summary>
/// <remarks>
/// Layout: version · flags (1 figures are wanted) · plan (length, bytes) · values (count, each) · formats · times · settings (count, each: name, whether it
/// has a value, value, whether it was set) · work memory · threads.
/// Version: a node refuses others than its own, and the statement fails: nodes of a cluster are of one version, but for a moment.
/// </remarks>
internal sealed record FragmentOrder
{
    /// <summary>Grows with every change of what is written, of the members of <see cref="PlanRecords"/> too.</summary>
    internal const uint Version = 2;

    private const int ValuesMax = 65_535, SettingsMax = 100;

    private static readonly string[] Always = ["default_text_search_config", "server_version"];

    private static readonly string[] OfSearches =
        [.. Always, .. SearchSettings.Efforts.Select(static effort => effort.Name), SearchSettings.TargetRecall, "vecsql.exact", FilterStrategies.Setting];

    internal bool CollectsActuals { get; private init; }

    internal required ReadOnlyMemory<byte> Plan { get; init; }

    internal required Column[] Values { get; init; }

    internal required FormatContext Format { get; init; }

    internal long TransactionTime { get; private init; }

    internal long StatementTime { get; private init; }

    internal required IReadOnlyDictionary<string, SettingCopy> Settings { get; init; }

    internal long WorkMemoryBytes { get; private init; }

    internal int ParallelismMax { get; private init; }

    /// <summary>Null where the fragment, or what its session is like, cannot go anywhere.</summary>
    internal static ReadOnlyMemory<byte>? TryWrite(FragmentPlan fragment, OperatorContext context, int parallelismMax)
    {
        ExecutionContext execution = context.Run.Execution;
        FragmentCode code = FragmentCode.Of(fragment);
        if (!code.Travels || execution.MeasuresRecall || TryCompute(code, context.Evaluation) is not { } values)
            return null;
        ByteWriter bytes = new();
        bytes.UInt(Version);
        bytes.Flag(execution.CollectsActuals);
        bytes.Bytes(code.Plan.Span);
        bytes.UInt((ulong)values.Length);
        foreach (Column value in values)
            bytes.Value(value);
        FormatBytes.Write(context.Evaluation.Format, bytes);
        ISessionServices session = context.Evaluation.Session;
        bytes.Int(session.TransactionTime);
        bytes.Int(session.StatementTime);
        string[] names = code.Searches ? OfSearches : Always;
        bytes.UInt((ulong)names.Length);
        foreach (string name in names)
        {
            string? value = session.Setting(name);
            bytes.Text(name);
            bytes.Flag(value is not null);
            bytes.Text(value ?? "");
            bytes.Flag(session.IsSet(name));
        }
        bytes.UInt((ulong)context.WorkMemoryBytes);
        bytes.UInt((ulong)parallelismMax);
        return bytes.Written;
    }

    /// <exception cref="SqlException">0A000: another version has written it.</exception>
    /// <exception cref="InvalidDataException">The bytes are nothing of the kind.</exception>
    internal static FragmentOrder Read(ReadOnlyMemory<byte> bytes)
    {
        ByteReader source = new(bytes);
        if (source.UInt() is var version && version != Version)
        {
            throw new SqlException(SqlState.FeatureNotSupported, $"a fragment of a plan is of version {version}, of which this node's program knows nothing",
                hint: "All nodes of a cluster need the same version of VecSQL.")
            {
                Detail = $"Its version is {Version}.",
            };
        }
        FragmentOrder order = new()
        {
            CollectsActuals = source.Flag(),
            Plan = source.Bytes() is { Length: <= FragmentCode.BytesMax } plan ? plan : throw ByteReader.Wrong("too many bytes"),
            Values = ReadValues(source),
            Format = FormatBytes.Read(source),
            TransactionTime = source.Int(),
            StatementTime = source.Int(),
            Settings = ReadSettings(source),
            WorkMemoryBytes = (long)Math.Min(source.UInt(), 1UL << 40),
            ParallelismMax = (int)Math.Clamp(source.UInt(), 1, 1024),
        };
        source.ExpectEnd();
        return order;
    }

    /// <summary>Null where a value cannot be computed: the plan may never come to it.</summary>
    private static Column[]? TryCompute(FragmentCode code, EvaluationContext evaluation)
    {
        var values = new Column[code.Values.Length];
        if (values.Length > ValuesMax)
            return null;
        for (int i = 0; i < values.Length; i++)
        {
            if (code.Values[i] is OuterExpression outer && (outer.Slot >= evaluation.OuterValues.Length || evaluation.OuterValues[outer.Slot] is null))
                return null;
            try
            {
                values[i] = CompiledExpressions.EvaluateConstant(code.Values[i], evaluation);
            }
            catch (SqlException) when (code.Values[i] is CallExpression)
            {
                return null;
            }
        }
        return values;
    }

    private static Column[] ReadValues(ByteReader source)
    {
        int count = source.Count();
        if (count > ValuesMax)
            throw ByteReader.Wrong("too many values");
        var values = new Column[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = source.Value();
        return values;
    }

    private static Dictionary<string, SettingCopy> ReadSettings(ByteReader source)
    {
        int count = source.Count();
        if (count > SettingsMax)
            throw ByteReader.Wrong("too many settings");
        Dictionary<string, SettingCopy> settings = [];
        for (int i = 0; i < count; i++)
        {
            string name = source.Text();
            bool hasValue = source.Flag();
            string value = source.Text();
            settings[name] = new SettingCopy(hasValue ? value : null, source.Flag());
        }
        return settings;
    }
}
