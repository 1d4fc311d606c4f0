using VecSQL.Flight.Sql;

namespace VecSQL.Flight.Tests.Sql;

/// <summary>Tokens, of which there are not too many.</summary>
public sealed class TokenTests : FlightTest
{
    private readonly TokenTable _tokens = new(3);
    private readonly Dictionary<string, FlightSession> _sessions = [];
    private readonly HashSet<FlightSession> _gone = [];

    [Fact]
    public void Those_that_nobody_uses_cost_no_other_its_own()
    {
        string[] used = [Add(), Add(), Add()];
        foreach (string token in used)
            Use(token);
        string[] ignored = [.. Enumerable.Range(0, 1000).Select(_ => Add())]; // by who shows a password with every call
        Assert.Equal([.. used, .. ignored[^3..]], Known);
    }

    [Fact]
    public async Task Those_go_that_were_used_longest_ago_and_run_nothing()
    {
        string[] tokens = [.. Enumerable.Range(0, 3).Select(_ => Add())];
        foreach (string token in tokens)
            Use(token);
        Use(tokens[0]);
        TaskCompletionSource begun = new(), ending = new();
        Task running = _sessions[tokens[1]].RunAsync(async _ =>
        {
            begun.SetResult();
            await ending.Task;
        }, default).AsTask();
        await begun.Task;
        Use(Add());
        Use(Add());
        Assert.Equal([tokens[1], .. _sessions.Keys.Except(tokens)], Known);
        ending.SetResult();
        await running;
        Use(Add());
        Use(Add());
        Use(Add());
        Assert.DoesNotContain(tokens[1], Known);
    }

    private string[] Known => [.. _sessions.Keys.Where(token => !_gone.Contains(_sessions[token]))];

    private string Add()
    {
        FlightSession session = Node.Session();
        string token = _tokens.Add(session, out FlightSession? gone);
        _sessions[token] = session;
        if (gone is not null)
            _gone.Add(gone);
        return token;
    }

    private void Use(string token)
    {
        Assert.Same(_sessions[token], _tokens.Use(token, out FlightSession? gone));
        if (gone is not null)
            _gone.Add(gone);
    }
}
