using System.Text.RegularExpressions;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Text;

namespace VecSQL.Executor.Tests.Functions.Text;

public sealed class CompiledRegexTests
{
    [Fact]
    public void A_cancelled_statement_does_not_go_on_to_the_next_match()
    {
        using CancellationTokenSource cancellation = new();
        using IEnumerator<Match> matches = CompiledRegex.Make("a", default).Matches("aaa", 0, cancellation.Token).GetEnumerator();
        Assert.True(matches.MoveNext());
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => matches.MoveNext());
    }

    [Fact]
    public void A_match_that_goes_back_without_end_is_given_up()
    {
        CompiledRegex regex = CompiledRegex.Make(@"^(a*)(a*)(a*)\1\2\3b$", default);
        SqlException error = Assert.Throws<SqlException>(() => regex.Match(new string('a', 20_000)));
        Assert.Equal(SqlState.ProgramLimitExceeded, error.State);
        Assert.Contains("back references", error.Hint, StringComparison.Ordinal);
    }
}
