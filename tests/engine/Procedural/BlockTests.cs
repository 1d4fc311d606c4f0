using VecSQL.Core.Errors;

namespace VecSQL.Engine.Tests.Procedural;

/// <summary>What blocks of PL/pgSQL say of errors and by messages, in PostgreSQL's words.</summary>
public sealed class BlockTests : EngineTest
{
    [Theory]
    [InlineData("perform 1 / 0;", "SQL statement \"SELECT 1 / 0\"\nPL/pgSQL function inline_code_block line 2 at PERFORM")]
    [InlineData("if 1 / 0 = 1 then null; end if;", "SQL expression \"1 / 0 = 1\"\nPL/pgSQL function inline_code_block line 2 at IF")]
    [InlineData("execute 'select 1/0';", "SQL statement \"select 1/0\"\nPL/pgSQL function inline_code_block line 2 at EXECUTE")]
    [InlineData("raise division_by_zero;", "PL/pgSQL function inline_code_block line 2 at RAISE")]
    public async Task An_error_has_the_place_in_the_block_as_its_context(string statement, string context)
    {
        SqlException error = await Session.FailAsync($"do $$ begin\n{statement}\nend $$");
        Assert.Equal((SqlState.DivisionByZero, context, 0), (error.State, error.Where, error.Position));
    }

    [Fact]
    public async Task Blocks_within_blocks_come_to_an_end()
    {
        string block = "perform 1";
        for (int depth = 0; depth < 100; depth++)
            block = $"do $b{depth}$begin {block}; end $b{depth}$";
        await Session.RunAsync(block);
        Assert.Equal("54001: stack depth limit exceeded", await Session.ErrorAsync($"do $outer$begin {block}; end $outer$"));
        await Session.RunAsync(block);
    }

    [Fact]
    public async Task What_is_no_block_is_pointed_at()
    {
        Assert.Equal(14, (await Session.FailAsync("do $x$ begin fo bar; end $x$")).Position);
        Assert.Equal(14, (await Session.FailAsync("do $x$ begin declare x int; begin end; end $x$")).Position);
        Assert.Equal("42601: unrecognized RAISE statement option", await Session.ErrorAsync("do $$ begin raise 'x' using nothing = 1; end $$"));
    }

    [Fact]
    public async Task Messages_have_their_level_and_fields()
    {
        await Session.RunAsync("do $$ begin raise notice '% of %%', 1 using detail = 'd', hint = 'h'; raise warning 'w'; raise debug 'no'; end $$");
        Assert.Equal([("NOTICE", "1 of %", "d", "h"), ("WARNING", "w", null, null)],
            Session.Notices.Select(static notice => (notice.Severity, notice.Message, notice.Detail, notice.Hint)));
    }
}
