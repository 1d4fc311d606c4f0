using System.Buffers.Binary;

namespace VecSQL.Clients.Tests.Wire;

/// <summary>Conversations as drivers have them, with something wrong somewhere: in a message, between two, or at the
/// end.</summary>
[Collection(ServerCollection.Name)]
public sealed class MutationTests(ServerFixture node)
{
    private const int Rounds = 400;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_conversation_gone_wrong_never_is_an_internal_error(int seed)
    {
        Random random = new(seed);
        await using RawClient other = await RawClient.ConnectAsync(node.Server.Port);
        await other.AskAsync("DROP TABLE IF EXISTS wire_mutation");
        await other.AskAsync("CREATE TABLE wire_mutation (id int, body text, v vector(2), n numeric)");
        for (int round = 0; round < Rounds; round++)
        {
            await using RawClient client = await RawClient.ConnectAsync(node.Server.Port);
            byte[] bytes = Mutated(random, Conversation(client, random.Next(7)));
            string answer = await ConverseAsync(client, bytes);
            Assert.False(answer.Contains("XX0", StringComparison.Ordinal),
                $"seed {seed}, round {round}: {Convert.ToHexString(bytes)} gives {answer}");
        }
        Assert.Equal("columns | row(1) | SELECT 1 | ready I", await other.AskAsync("SELECT 1"));
        // Whoever was in a transaction is gone, and so are their locks.
        Assert.Equal("DROP TABLE | ready I", await other.AskAsync("DROP TABLE wire_mutation"));
    }

    /// <summary>Sends while it listens, and hears all that is said to the end.</summary>
    private static async Task<string> ConverseAsync(RawClient client, byte[] bytes)
    {
        Task sending = SendAsync(client, bytes);
        List<RawMessage> heard = [];
        while (await client.ReadAsync() is { } message)
            heard.Add(message);
        await sending;
        return RawClient.Draw(heard.Where(static message => message.Type is 'E' or 'Z'));
    }

    private static async Task SendAsync(RawClient client, byte[] bytes)
    {
        try
        {
            await client.SendBytesAsync(bytes);
            client.EndSending();
        }
        catch (Exception refused) when (refused is IOException or System.Net.Sockets.SocketException)
        {
            // The node has closed the connection already, as it does after what cannot be a message.
        }
    }

    /// <summary>The messages of a conversation, each for itself.</summary>
    private static List<byte[]> Conversation(RawClient client, int which)
    {
        _ = which switch
        {
            0 => client.Query("SELECT id, body FROM wire_mutation; INSERT INTO wire_mutation VALUES (1, 'a', '[1,2]', 3.5)"),
            1 => client.Parse("s", "SELECT $1::int + 1, $2::text, $3::vector <-> '[1,2]'").Describe('S', "s")
                .Bind("p", "s", "7", "seven", "[3,4]").Describe('P', "p").Execute("p", 1).Execute("p").Close('P', "p")
                .Close('S', "s").Sync(),
            2 => client.Query("BEGIN").Parse("", "SELECT g FROM generate_series(1, 9) g").Bind("c", "").Execute("c", 2).Flush()
                .Execute("c", 3).Sync().Query("FETCH 2 FROM c").Query("ROLLBACK"),
            3 => client.Query("COPY wire_mutation FROM STDIN").CopyData("1\ta\t[1,2]\t2.5\n").CopyData("2\t\\N\t\\N\t\\N\n")
                .Add('c').Query("SELECT count(*) FROM wire_mutation"),
            4 => client.Query("COPY wire_mutation FROM STDIN BINARY").Add('d',
                [
                    .. "PGCOPY\n"u8, 0xff, 0x0d, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 9, 0, 0, 0, 1,
                    (byte)'b', 0, 0, 0, 12, 0, 2, 0, 0, 0x3f, 0x80, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 10, 0, 1, 0, 0, 0, 0, 0,
                    0, 0, 5, 0xff, 0xff,
                ]).Add('c'),
            5 => client.Query("BEGIN; LOCK TABLE wire_mutation; DELETE FROM wire_mutation").Query("SELECT 1/0").Query("COMMIT"),
            _ => client.Query("COPY wire_mutation TO STDOUT").Parse("i", "INSERT INTO wire_mutation (id, n) VALUES ($1, $2)")
                .Bind("", "i", "1", "2").Execute("").Bind("", "i", "x", null).Execute("").Sync().Add('X'),
        };
        byte[] all = client.TakePending();
        List<byte[]> messages = [];
        for (int at = 0; at < all.Length; at += 1 + BinaryPrimitives.ReadInt32BigEndian(all.AsSpan(at + 1)))
            messages.Add(all[at..(at + 1 + BinaryPrimitives.ReadInt32BigEndian(all.AsSpan(at + 1)))]);
        return messages;
    }

    private static byte[] Mutated(Random random, List<byte[]> messages)
    {
        for (int changes = random.Next(1, 4); changes > 0 && messages.Count > 0; changes--)
        {
            int at = random.Next(messages.Count);
            byte[] message = [.. messages[at]];
            switch (random.Next(7))
            {
                case 0 or 1 when message.Length > 5: // inside a message, whose length stays right
                    message[random.Next(5, message.Length)] = (byte)random.Next(256);
                    messages[at] = message;
                    break;
                case 2 when message.Length >= 5:
                    message[random.Next(message.Length)] ^= (byte)(1 << random.Next(8));
                    messages[at] = message;
                    break;
                case 3:
                    messages.RemoveAt(at);
                    break;
                case 4:
                    messages.Insert(random.Next(messages.Count), message);
                    break;
                case 5 when message.Length >= 5: // shorter, and its length says so
                    message = message[..random.Next(5, message.Length + 1)];
                    BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), message.Length - 1);
                    messages[at] = message;
                    break;
                default: // the rest is never sent
                    messages[at] = message[..random.Next(message.Length)];
                    messages.RemoveRange(at + 1, messages.Count - at - 1);
                    break;
            }
        }
        return [.. messages.SelectMany(static message => message)];
    }
}
