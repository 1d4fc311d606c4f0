using System.Collections.Immutable;
using System.Diagnostics;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Core.Settings;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;

namespace VecSQL.Engine.Statements;

/// <summary>EXPLAIN [ANALYZE].</summary>
internal static class ExplainCommand
{
    internal static ImmutableArray<ResultColumnInfo> Columns(ExplainStatement statement) =>
        [new("QUERY PLAN", Read(statement).Format == ExplainFormat.Json ? SqlType.Json : SqlType.Text, 0, 0)];

    internal static StatementWork Open(
        SessionState session, ExplainStatement statement, PlannedQuery? query, Column[] parameters)
    {
        Options options = Read(statement);
        if (statement.Statement is ExecuteStatement execute)
        {
            (PreparedStatement prepared, parameters) = PrepareCommands.Open(session, execute);
            query = prepared.Query ?? throw StatementDispatch.Unsupported("EXPLAIN of this statement");
        }
        if (statement.Statement is CreateTableAsStatement && options.Analyze)
            throw StatementDispatch.Unsupported("EXPLAIN ANALYZE of CREATE TABLE AS");
        query ??= new PlannedQuery(StatementPreparation.Planned(statement.Statement)
            ?? throw StatementDispatch.Unsupported("EXPLAIN of " + StatementNames.Of(statement.Statement)), []);
        return new RowsWork(Columns(statement), "EXPLAIN",
            cancellation => RunAsync(session, query, options, parameters, cancellation));
    }

    private static async ValueTask<ColumnBatch> RunAsync(
        SessionState session, PlannedQuery query, Options options, Column[] parameters, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        await using QueryWork work = await QueryWork.OpenAsync(
            session, query, parameters, cancellation, collectsActuals: options.Analyze, measuresRecall: options.Recall, mayReadPast: true);
        TimeSpan planning = Stopwatch.GetElapsedTime(began);
        began = Stopwatch.GetTimestamp();
        if (options.Analyze)
        {
            while (await work.NextAsync(cancellation) is not null)
            {
            }
        }
        TimeSpan execution = Stopwatch.GetElapsedTime(began);
        ExplainOptions explain = new(options.Costs, options.Verbose, options.Format, options.Timing,
            options.Analyze ? node => work.Execution?.Actuals(node) : null, session.PlanningContext(session.Catalog))
        {
            Times = !options.Summary ? []
                : options.Analyze
                    ? [("Planning Time", planning.TotalMilliseconds), ("Execution Time", execution.TotalMilliseconds)]
                    : [("Planning Time", planning.TotalMilliseconds)],
            FanOut = options.Analyze ? null : work.FanOut,
        };
        IReadOnlyList<string> lines = QueryPlanner.Explain(work.Plan, explain);
        return options.Format == ExplainFormat.Text
            ? TextRows.Of(lines.Select(line => (string?[])[line]), 1)
            : TextRows.Of([[string.Join('\n', lines)]], 1);
    }

    private static Options Read(ExplainStatement statement)
    {
        Options options = new();
        foreach (Option option in statement.Options)
        {
            bool isOn = option.Name == "format" || IsOn(option);
            options = option.Name switch
            {
                "analyze" => options with { Analyze = isOn },
                "verbose" => options with { Verbose = isOn },
                "costs" => options with { Costs = isOn },
                "timing" => options with { TimingAsked = isOn },
                "summary" => options with { SummaryAsked = isOn },
                "buffers" or "settings" or "wal" => options, // nothing that is counted here
                "recall" => options with { Recall = isOn },
                "format" => options with { Format = FormatOf(option) },
                _ => throw new SqlException(SqlState.SyntaxError, $"unrecognized EXPLAIN option \"{option.Name}\"")
                { Position = option.Position },
            };
            if (option.Name == "wal" && isOn && !statement.Options.Any(entry => entry.Name == "analyze"))
                throw new SqlException(SqlState.InvalidParameterValue, "EXPLAIN option WAL requires ANALYZE");
        }
        if (options.TimingAsked == true && !options.Analyze)
            throw new SqlException(SqlState.InvalidParameterValue, "EXPLAIN option TIMING requires ANALYZE");
        return options;
    }

    private static bool IsOn(Option option) =>
        option.Value is null || (SettingParser.ParseBool(Definitions.OptionText(option.Value) ?? "")
            ?? throw new SqlException(SqlState.SyntaxError, $"{option.Name} requires a Boolean value"));

    private static ExplainFormat FormatOf(Option option)
    {
        string format = (Definitions.OptionText(option.Value) ?? "").ToLowerInvariant();
        return format switch
        {
            "text" => ExplainFormat.Text,
            "json" => ExplainFormat.Json,
            "xml" => ExplainFormat.Xml,
            "yaml" => ExplainFormat.Yaml,
            _ => throw new SqlException(SqlState.InvalidParameterValue,
                $"unrecognized value for EXPLAIN option \"format\": \"{format}\"") { Position = option.Position },
        };
    }

    private sealed record Options
    {
        private readonly bool _isAnalyzed;

        /// <summary>Recall is known only of searches that have run.</summary>
        internal bool Analyze
        {
            get => _isAnalyzed || Recall;
            init => _isAnalyzed = value;
        }

        internal bool Recall { get; init; }

        internal bool Verbose { get; init; }

        internal bool Costs { get; init; } = true;

        internal ExplainFormat Format { get; init; }

        internal bool? TimingAsked { get; init; }

        internal bool? SummaryAsked { get; init; }

        internal bool Timing => TimingAsked ?? Analyze;

        internal bool Summary => SummaryAsked ?? Analyze;
    }
}
