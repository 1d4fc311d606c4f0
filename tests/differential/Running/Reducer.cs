using VecSQL.Differential.Tests.Generation;

namespace VecSQL.Differential.Tests.Running;

/// <summary>Makes a difference small: takes away clauses, expressions, rows and tables for as long as it stays of the same kind.</summary>
internal sealed class Reducer(Engines engines, string timeZone)
{
    /// <summary>Enough for most; a difference is shown as small as it is then.</summary>
    private const int TriesMax = 500;

    private int _tries;

    /// <param name="setup">What the statement was run after.</param>
    public async Task<(IReadOnlyList<Statement> Setup, Difference Difference)> ReduceAsync(
        IReadOnlyList<Statement> setup, Difference difference)
    {
        _tries = 0;
        await engines.SetUpAsync(setup, timeZone);
        if (await TryAsync(difference.Kind, difference.Exchange.Statement) is not { } smallest)
            return (setup, difference); // it takes the statements of its transaction
        bool smaller = true;
        while (smaller && _tries < TriesMax)
        {
            smaller = false;
            foreach (SqlPart part in smallest.Statement.Part.Reductions())
            {
                if (_tries >= TriesMax)
                    break;
                if (await TryAsync(difference.Kind, smallest.Statement with { Part = part }) is not { } next)
                    continue;
                smallest = next;
                smaller = true;
                break;
            }
        }
        List<Statement> rest = await ReduceSetupAsync([.. setup], difference.Kind, smallest.Statement);
        await engines.SetUpAsync(rest, timeZone);
        return (rest, new Difference(difference.Kind, [smallest.Statement],
            await TryAsync(difference.Kind, smallest.Statement) ?? smallest));
    }

    private async Task<List<Statement>> ReduceSetupAsync(List<Statement> setup, string kind, Statement statement)
    {
        for (int size = (setup.Count + 1) / 2; size > 0; size = size == 1 ? 0 : (size + 1) / 2)
        {
            for (int end = setup.Count; end > 0; end -= size)
            {
                int start = Math.Max(end - size, 0);
                List<Statement> fewer = [.. setup[..start], .. setup[end..]];
                await engines.SetUpAsync(fewer, timeZone);
                if (await TryAsync(kind, statement) is not null)
                    setup = fewer;
            }
        }
        for (int i = setup.Count - 1; i >= 0; i--)
        {
            if (setup[i].Text.StartsWith("CREATE TABLE", StringComparison.Ordinal))
                continue; // its columns are named by what follows
            bool smaller = true;
            while (smaller && _tries < TriesMax + 100)
            {
                smaller = false;
                foreach (SqlPart part in setup[i].Part.Reductions())
                {
                    List<Statement> fewer = [.. setup];
                    fewer[i] = setup[i] with { Part = part };
                    await engines.SetUpAsync(fewer, timeZone);
                    if (await TryAsync(kind, statement) is null)
                        continue;
                    setup = fewer;
                    smaller = true;
                    break;
                }
            }
        }
        return setup;
    }

    /// <summary>The exchange where it differs in that way; what the statement changed is undone.</summary>
    private async Task<Exchange?> TryAsync(string kind, Statement statement)
    {
        _tries++;
        await engines.BothAsync("BEGIN");
        Exchange exchange = await engines.AskAsync(statement);
        await engines.BothAsync("ROLLBACK");
        return exchange.Difference == kind ? exchange : null;
    }
}
