using System.Text;

namespace VecSQL.Clients.Tests.Wire;

/// <summary>What a broken or hostile client sends harms nobody but itself.</summary>
[Collection(ServerCollection.Name)]
public sealed class BadInputTests(ServerFixture node)
{
    private int Port => node.Server.Port;

    public static TheoryData<string, byte[]> BrokenMessages => new()
    {
        { "a length below four", [(byte)'Q', 0, 0, 0, 3] },
        { "a length that nothing may have", [(byte)'Q', 0x7f, 0xff, 0xff, 0xff] },
        { "a negative length", [(byte)'Q', 0xff, 0xff, 0xff, 0xff] },
        { "a short message that is long", [(byte)'S', 0, 1, 0, 0] },
        { "an unknown type", [(byte)'%', 0, 0, 0, 4] },
        { "a string without its end", [(byte)'Q', 0, 0, 0, 5, (byte)'x'] },
        { "bytes behind the end", [(byte)'Q', 0, 0, 0, 8, (byte)'x', 0, 1, 2] },
        { "a Bind that is cut short", [(byte)'B', 0, 0, 0, 8, 0, 0, 0, 9] },
        { "an Execute without its limit", [(byte)'E', 0, 0, 0, 5, 0] },
        { "a Describe of nothing known", [(byte)'D', 0, 0, 0, 6, (byte)'X', 0] },
        { "a password that nobody asked for", [(byte)'p', 0, 0, 0, 5, 0] },
    };

    [Theory, MemberData(nameof(BrokenMessages))]
    public async Task A_malformed_message_ends_its_own_connection_only(string what, byte[] message)
    {
        await using RawClient other = await RawClient.ConnectAsync(Port);
        await using RawClient client = await RawClient.ConnectAsync(Port);
        await client.SendBytesAsync(message);
        List<RawMessage> answer = await client.UntilReadyAsync();
        Assert.True(RawClient.Draw(answer) == "FATAL 08P01", $"{what}: {RawClient.Draw(answer)}");
        Assert.Equal("columns | row(1) | SELECT 1 | ready I", await other.AskAsync("SELECT 1"));
    }

    [Fact]
    public async Task Random_bytes_never_harm_the_node()
    {
        Random random = new(20);
        for (int round = 0; round < 60; round++)
        {
            await using RawClient client = round % 2 == 0 ? await RawClient.OpenAsync(Port) : await RawClient.ConnectAsync(Port);
            byte[] bytes = new byte[random.Next(1, 400)];
            random.NextBytes(bytes);
            if (round % 4 == 1)
                (bytes[0], bytes[1], bytes[2]) = ((byte)"QPBDECdS"[random.Next(8)], 0, 0); // a likely head, and nonsense behind it
            try
            {
                await client.SendBytesAsync(bytes);
            }
            catch (IOException)
            {
                continue; // refused already
            }
        }
        await using RawClient after = await RawClient.ConnectAsync(Port);
        Assert.Equal("columns | row(1) | SELECT 1 | ready I", await after.AskAsync("SELECT 1"));
    }

    [Fact]
    public async Task Invalid_utf8_is_an_error_and_no_more()
    {
        await using RawClient client = await RawClient.ConnectAsync(Port);
        byte[] sql = [.. Encoding.ASCII.GetBytes("SELECT '"), 0xff, .. Encoding.ASCII.GetBytes("'"), 0];
        await client.Add('Q', sql).SendAsync();
        List<RawMessage> answer = await client.UntilReadyAsync();
        Assert.Equal("ERROR 22021 | ready I", RawClient.Draw(answer));
        Assert.Equal("invalid byte sequence for encoding \"UTF8\": 0xff", answer[0].Field('M'));
        await client.Parse("", "SELECT $1::text").Add('B', [0, 0, 0, 0, 0, 1, .. RawClient.Int32(2), 0xc3, 0x28, 0, 0]).Execute("").SendAsync();
        Assert.Equal("parsed | ERROR 22021 | ready I", await client.Sync().ExchangeAsync());
    }

    [Fact]
    public async Task Deep_nesting_is_answered_or_refused()
    {
        await using RawClient client = await RawClient.ConnectAsync(Port);
        const int Depth = 10_000;
        foreach ((string open, string close) in new[] { ("(", ")"), ("(SELECT ", ")"), ("ARRAY[", "]"), ("- ", ""), ("NOT ", ""), ("abs(", ")") })
        {
            string sql = $"SELECT {new StringBuilder().Insert(0, open, Depth)}1{new StringBuilder().Insert(0, close, Depth)}";
            string answer = await client.AskAsync(sql);
            Assert.EndsWith("ready I", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("XX000", answer, StringComparison.Ordinal);
        }
        string chain = await client.AskAsync($"SELECT {string.Join(" + ", Enumerable.Repeat("1", Depth))}");
        Assert.EndsWith("ready I", chain, StringComparison.Ordinal);
        Assert.DoesNotContain("XX000", chain, StringComparison.Ordinal);
        Assert.Equal("columns | row(1) | SELECT 1 | ready I", await client.AskAsync("SELECT 1"));
    }

    [Fact]
    public async Task A_statement_of_a_hundred_megabytes_is_answered()
    {
        await using RawClient client = await RawClient.ConnectAsync(Port);
        const int Length = 100_000_000;
        byte[] sql = new byte[Length];
        Array.Fill(sql, (byte)'x');
        Encoding.ASCII.GetBytes("SELECT length('").CopyTo(sql, 0);
        "')\0"u8.CopyTo(sql.AsSpan(Length - 3));
        await client.SendBytesAsync([(byte)'Q', .. RawClient.Int32(Length + 4)]);
        await client.SendBytesAsync(sql);
        string answer = RawClient.Draw(await client.UntilReadyAsync());
        Assert.Equal($"columns | row({Length - 18}) | SELECT 1 | ready I", answer);
        await using RawClient other = await RawClient.ConnectAsync(Port);
        Assert.Equal("columns | row(1) | SELECT 1 | ready I", await other.AskAsync("SELECT 1"));
    }

    [Fact]
    public async Task Errors_carry_what_drivers_read()
    {
        await using RawClient client = await RawClient.ConnectAsync(Port);
        await client.AskAsync("DROP TABLE IF EXISTS wire_fields");
        await client.AskAsync("CREATE TABLE wire_fields (id int PRIMARY KEY, n int NOT NULL)");
        await client.Query("INSERT INTO wire_fields VALUES (1, NULL)").SendAsync();
        RawMessage error = (await client.UntilReadyAsync())[0];
        Assert.Equal("23502", error.Field('C'));
        Assert.Equal(("public", "wire_fields", "n"), (error.Field('s'), error.Field('t'), error.Field('c')));
        Assert.Equal("Failing row contains (1, null).", error.Field('D'));
        await client.Query("SELECT 'ü', nothing").SendAsync();
        Assert.Equal("13", (await client.UntilReadyAsync())[0].Field('P'));
    }
}
