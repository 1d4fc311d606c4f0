using System.Text;
using VecSQL.Differential.Tests.Generation;

namespace VecSQL.Differential.Tests.Running;

/// <summary>One seed: a schema, and statements on it.</summary>
/// <param name="only">The one statement whose difference is wanted; null for all.</param>
internal sealed class SeedRun(int referencePort, int port, int seed, int stepCount, int? only, Tally tally)
{
    private static readonly string[] TimeZones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"];

    /// <summary>What was not made smaller says too little to be shown.</summary>
    private const int SetupShown = 20;

    private readonly List<Statement> _done = [];

    public async Task RunAsync()
    {
        await using Engines engines = await Engines.OpenAsync(referencePort, port, seed);
        Dice dice = new(seed, step: -1);
        string timeZone = dice.Pick<string>(TimeZones);
        Schema schema = new SchemaGenerator(dice, engines.HasVectors).Schema();
        foreach (Difference difference in await engines.SetUpAsync(schema.Setup, timeZone))
            Report(step: -1, schema.Setup, difference);
        _done.AddRange(schema.Setup);
        Reducer reducer = new(engines, timeZone);
        foreach (Statement statement in only is null ? Introspection.Statements : [])
        {
            if (await RunAsync(engines, new Step([statement], HasBlock: false)) is not { } difference || !tally.IsWanted(difference))
                continue;
            (IReadOnlyList<Statement> setup, Difference small) = await reducer.ReduceAsync(_done, difference);
            Report(-1, setup, small, isOnSetup: true);
            await engines.SetUpAsync(_done, timeZone);
        }
        for (int number = 0; number < stepCount && number <= (only ?? stepCount); number++)
        {
            Step step = new StatementGenerator(new Dice(seed, number), schema, engines.HasVectors).Step(number);
            if (await RunAsync(engines, step) is not { } difference || (only is not null && only != number))
                continue;
            if (!tally.IsWanted(difference))
                continue;
            // What a change did shows when its table is read: then the change is what the reading stands on.
            IReadOnlyList<Statement> before = step.HasBlock ? _done : [.. _done, .. difference.Statements.SkipLast(1)];
            (IReadOnlyList<Statement> setup, Difference small) = await reducer.ReduceAsync(before, difference);
            Report(number, setup, small);
            await engines.SetUpAsync(_done, timeZone);
        }
        tally.AddSeed();
    }

    /// <summary>The step's first difference. What it changed stays where both agree, and is undone otherwise.</summary>
    private async Task<Difference?> RunAsync(Engines engines, Step step)
    {
        bool writes = step.Statements.Any(statement => statement.Writes is not null);
        if (writes && !step.HasBlock)
            await engines.BothAsync("BEGIN");
        List<Statement> ran = [];
        foreach (Statement statement in step.Statements)
        {
            Exchange exchange = await engines.AskAsync(statement);
            ran.Add(statement);
            tally.Add(exchange);
            if (exchange.Difference is null && exchange.Reference.Failed && statement.Text.StartsWith("PREPARE", StringComparison.Ordinal))
                break; // there is nothing to execute
            if (exchange.Difference is null)
                continue;
            await engines.BothAsync("ROLLBACK");
            return new Difference(exchange.Difference, ran, exchange);
        }
        if (writes && !step.HasBlock)
        {
            // Deferred constraints are looked at now.
            Exchange commit = await engines.AskAsync(new Statement("COMMIT"));
            if (commit.Difference is not null)
                return new Difference(commit.Difference, [.. ran, commit.Statement], commit);
        }
        if (writes)
            _done.AddRange(step.Statements);
        return null;
    }

    private void Report(int step, IReadOnlyList<Statement> setup, Difference difference, bool isOnSetup = false)
    {
        StringBuilder text = new();
        text.AppendLine($"-- seed {seed}, step {step}: {difference.Kind}");
        foreach (Statement statement in (step < 0 && !isOnSetup) || setup.Count > SetupShown ? [] : setup)
            text.AppendLine($"{statement.Text};");
        if (setup.Count > SetupShown)
            text.AppendLine($"-- after {setup.Count} statements");
        foreach (Statement statement in difference.Statements)
        {
            IEnumerable<string> values = statement.Parameters?.Select(value => value.Text ?? "NULL") ?? [];
            text.AppendLine($"{statement.Text}; -- {string.Join(", ", values)}{(statement.Again.Count > 0 ? $" and {statement.Again.Count} more times" : "")}");
        }
        text.AppendLine($"-- PostgreSQL: {difference.Exchange.Reference}").AppendLine($"-- VecSQL: {difference.Exchange.VecSql}");
        text.AppendLine($"-- again: VECSQL_FUZZ_SEEDS={seed}-{seed} VECSQL_FUZZ_STEP={step} dotnet test tests/differential -c Release");
        tally.Report(difference, text.ToString());
    }
}
