using System.Text;

namespace VecSQL.Clients.Tests.Wire;

/// <summary>COPY as a conversation: its three formats, and the ways it can end badly.</summary>
[Collection(ServerCollection.Name)]
public sealed class CopyTests(ServerFixture node) : IAsyncLifetime
{
    private RawClient? _client;

    private RawClient Client => _client ?? throw new InvalidOperationException("not connected");

    public async Task InitializeAsync() => _client = await RawClient.ConnectAsync(node.Server.Port);

    public async Task DisposeAsync() => await Client.DisposeAsync();

    [Fact]
    public async Task Text_goes_in_cut_anywhere_and_comes_out_row_by_row()
    {
        await FreshAsync("wire_copy_text", "id int, body text, v vector(2)");
        await Client.Query("COPY wire_copy_text FROM STDIN").SendAsync();
        Assert.Equal("copy in", RawClient.Draw(await Client.ReadAsync(1)));
        foreach (char letter in "1\tone\\ttab\t[1,2]\n2\t\\N\t\\N\n\\.\n")
            Client.CopyData(letter.ToString());
        Assert.Equal("COPY 2 | ready I", await Client.Add('c').ExchangeAsync());
        Assert.Equal("copy out | data(1\tone\\ttab\t[1,2]\n) | data(2\t\\N\t\\N\n) | copy done | COPY 2 | ready I",
            await Client.AskAsync("COPY wire_copy_text TO STDOUT"));
    }

    [Fact]
    public async Task Csv_quotes_what_it_must()
    {
        await FreshAsync("wire_copy_csv", "id int, body text");
        await Client.Query("COPY wire_copy_csv FROM STDIN (FORMAT csv, HEADER, NULL 'nix')").SendAsync();
        Assert.Equal("COPY 3 | ready I", (await Client.CopyData("id,body\n1,\"a\n\"\"b\"\"\"\n2,nix\n3,\"nix\"").Add('c').ExchangeAsync())
            .Replace("copy in | ", "", StringComparison.Ordinal));
        Assert.Equal("copy out | data(1,\"a\n\"\"b\"\"\"\n) | data(2,nix\n) | data(3,\"nix\"\n) | copy done | COPY 3 | ready I",
            await Client.AskAsync("COPY wire_copy_csv TO STDOUT (FORMAT csv, NULL 'nix')"));
    }

    [Fact]
    public async Task Binary_goes_back_as_it_came()
    {
        await FreshAsync("wire_copy_binary", "id int, body text, v vector(2), n numeric");
        await Client.AskAsync("INSERT INTO wire_copy_binary VALUES (1, 'a', '[1,2]', 1.5), (NULL, NULL, NULL, NULL)");
        await Client.Query("COPY wire_copy_binary TO STDOUT BINARY").SendAsync();
        List<RawMessage> sent = await Client.UntilReadyAsync();
        Assert.Equal([0x01, 0x00, 0x04], sent[0].Body[..3]); // binary, four columns
        byte[] stream = [.. sent.Where(message => message.Type == 'd').SelectMany(message => message.Body)];
        Assert.StartsWith("PGCOPY\n", Encoding.Latin1.GetString(stream), StringComparison.Ordinal);
        Assert.Equal([0xff, 0xff], stream[^2..]);

        await Client.Query("COPY wire_copy_binary FROM STDIN BINARY").SendAsync();
        Assert.Equal("copy in", RawClient.Draw(await Client.ReadAsync(1)));
        foreach (byte[] piece in stream.Chunk(7))
            Client.Add('d', piece);
        Assert.Equal("COPY 2 | ready I", await Client.Add('c').ExchangeAsync());
        Assert.Equal("columns | row(2) | SELECT 1 | ready I",
            await Client.AskAsync("SELECT count(*) FROM wire_copy_binary WHERE v = '[1,2]' AND n = 1.5 AND body = 'a'"));
    }

    [Fact]
    public async Task What_follows_a_bad_row_is_thrown_away()
    {
        await FreshAsync("wire_copy_bad", "id int");
        await Client.Query("COPY wire_copy_bad FROM STDIN").CopyData("1\n2\nx\n").CopyData("4\n").Add('c').Query("SELECT 1").SendAsync();
        List<RawMessage> answer = await Client.UntilReadyAsync();
        Assert.Equal("copy in | ERROR 22P02 | ready I", RawClient.Draw(answer));
        Assert.Equal("COPY wire_copy_bad, line 3, column id: \"x\"", answer[1].Field('W'));
        Assert.Equal("columns | row(1) | SELECT 1 | ready I", RawClient.Draw(await Client.UntilReadyAsync()));
        Assert.Equal("columns | row(0) | SELECT 1 | ready I", await Client.AskAsync("SELECT count(*) FROM wire_copy_bad"));
    }

    [Fact]
    public async Task The_client_may_give_up()
    {
        await FreshAsync("wire_copy_fail", "id int");
        await Client.Query("COPY wire_copy_fail FROM STDIN").CopyData("1\n").Add('f', RawClient.Zero("changed my mind")).SendAsync();
        List<RawMessage> answer = await Client.UntilReadyAsync();
        Assert.Equal("copy in | ERROR 57014 | ready I", RawClient.Draw(answer));
        Assert.Equal("COPY from stdin failed: changed my mind", answer[1].Field('M'));
        Assert.Equal("columns | row(0) | SELECT 1 | ready I", await Client.AskAsync("SELECT count(*) FROM wire_copy_fail"));
    }

    [Fact]
    public async Task A_copy_that_breaks_off_leaves_nothing()
    {
        await FreshAsync("wire_copy_broken", "id int PRIMARY KEY");
        RawClient leaving = await RawClient.ConnectAsync(node.Server.Port);
        await leaving.Query("COPY wire_copy_broken FROM STDIN").CopyData("1\n2\n").SendAsync();
        Assert.Equal("copy in", RawClient.Draw(await leaving.ReadAsync(1)));
        leaving.Vanish();
        // The same key waits for the transaction of the client that left, which is to end.
        Assert.Equal("INSERT 0 1 | ready I", await Client.AskAsync("INSERT INTO wire_copy_broken VALUES (2)"));
        Assert.Equal("columns | row(2) | SELECT 1 | ready I", await Client.AskAsync("SELECT * FROM wire_copy_broken"));
    }

    [Fact]
    public async Task Text_that_is_not_utf8_is_refused()
    {
        await FreshAsync("wire_copy_utf8", "body text");
        await Client.Query("COPY wire_copy_utf8 FROM STDIN").Add('d', 0xc3, (byte)'(', (byte)'\n').Add('c').SendAsync();
        Assert.Equal("copy in | ERROR 22021 | ready I", RawClient.Draw(await Client.UntilReadyAsync()));
    }

    [Fact]
    public async Task Copy_goes_through_the_extended_protocol_too()
    {
        await FreshAsync("wire_copy_extended", "id int");
        await Client.Parse("", "COPY wire_copy_extended FROM STDIN").Bind("", "").Describe('P', "").Execute("").Sync().SendAsync();
        Assert.Equal("parsed | bound | no data | copy in", RawClient.Draw(await Client.ReadAsync(4)));
        Assert.Equal("COPY 1 | ready I", await Client.CopyData("7\n").Add('c').Sync().ExchangeAsync());
        Assert.Equal("parsed | bound | copy out | data(7\n) | copy done | COPY 1 | ready I",
            await Client.Parse("", "COPY wire_copy_extended TO STDOUT").Bind("", "").Execute("").Sync().ExchangeAsync());
    }

    private async Task FreshAsync(string table, string columns)
    {
        await Client.AskAsync($"DROP TABLE IF EXISTS {table}");
        Assert.Equal("CREATE TABLE | ready I", await Client.AskAsync($"CREATE TABLE {table} ({columns})"));
    }
}
