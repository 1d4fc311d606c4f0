using System.Buffers;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Sql;
using VecSQL.Flight.Tests.Sql;
using VecSQL.Flight.Transport;
using IfExists = VecSQL.Flight.Protocol.Sql.CommandStatementIngest.Types.TableDefinitionOptions.Types.TableExistsOption;
using IfMissing = VecSQL.Flight.Protocol.Sql.CommandStatementIngest.Types.TableDefinitionOptions.Types.TableNotExistOption;

namespace VecSQL.Flight.Tests.Transport;

/// <summary>Damaged FlightData does no harm: batches and rows, or an error that is the sender's, within the memory that the bytes justify.</summary>
/// <remarks>More than a little: <c>VECSQL_FUZZ_MUTATIONS=1000000 dotnet test tests/flight -c Release --filter Fuzz</c>.</remarks>
public sealed class FlightFuzzTests : FlightTest
{
    /// <summary>What a stream of a few KiB may take while it is read: some multiple of what it may say its buffers are uncompressed.</summary>
    private const long ReadBytesMax = 8 << 20;

    /// <summary>And while it is stored.</summary>
    private const long StoredBytesMax = 64 << 20;

    private const string Table = """
        CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE TABLE samples (i int, t text, n numeric(10,2), m mood, v vector(3), a int[], ts timestamptz, u uuid, b bit(10), s sparsevec(5),
            j jsonb, f bool, y bytea, p interval, h halfvec(2), w mood[], d numeric, k time, g date, e float8);
        INSERT INTO samples SELECT i, repeat('x', i * 40), i + .25, 'happy', ARRAY[i, 0, 1]::vector, ARRAY[i, NULL], '2024-02-29 12:00+00',
            '00112233-4455-6677-8899-aabbccddeeff', B'1010101011', '{1:1,5:2}/5', '{"a": 1}', i = 1, '\x00ff', '1 day', '[1,2]', '{sad,NULL}', 1.5,
            '12:00', '2024-02-29', 'NaN' FROM generate_series(1, 3) i;
        INSERT INTO samples (i) VALUES (NULL);
        CREATE TABLE taken (LIKE samples)
        """;

    private static readonly CommandStatementIngest Ingest = new()
    {
        Table = "taken",
        TableDefinitionOptions = new() { IfNotExist = IfMissing.Fail, IfExists = IfExists.Append },
    };

    public override Task InitializeAsync() => Node.RunAsync(Table);

    [Fact]
    public async Task Damaged_frames_are_read_or_refused()
    {
        byte[][][] samples = await SamplesAsync();
        int refused = 0, mutations = Mutation.Count(10_000);
        for (int round = 0; round < mutations; round++)
        {
            byte[][] damaged = Damaged(samples, round);
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool isTaken = await IsTakenAsync(damaged, round, isStored: false, async reader =>
            {
                await reader.ReadSchemaAsync();
                while (await reader.NextAsync() is not null)
                {
                    // Values are looked at where they are stored.
                }
            });
            refused += isTaken ? 0 : 1;
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, ReadBytesMax);
        }
        Assert.InRange(refused, mutations / 10, mutations);
    }

    [Fact]
    public async Task Damaged_streams_are_stored_whole_or_not_at_all()
    {
        byte[][][] samples = await SamplesAsync();
        await using FlightSession session = Node.Session();
        await session.RunAsync(running => running.ExecuteAsync("SET synchronous_commit = off", default), default);
        long stored = 0;
        int refused = 0, mutations = Mutation.Count(2_000);
        for (int round = 0; round < mutations; round++)
        {
            byte[][] damaged = Damaged(samples, round);
            long before = GC.GetTotalAllocatedBytes();
            bool isTaken = await IsTakenAsync(
                damaged, round, isStored: true, async reader => stored += await BulkIngest.RunAsync(session, Ingest, reader, CancellationToken.None));
            refused += isTaken ? 0 : 1;
            Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, StoredBytesMax);
            if (round % 1000 != 999 && round != mutations - 1)
                continue;
            Assert.Equal($"{stored}", await OneAsync("SELECT count(*)::text FROM taken"));
            await session.RunAsync(running => running.ExecuteAsync("TRUNCATE taken", default), default);
            stored = 0;
        }
        Assert.InRange(refused, mutations / 10, mutations);
    }

    /// <summary>Whether it was; and if not, that was said as the sender's mistake.</summary>
    private static async Task<bool> IsTakenAsync(byte[][] frames, int round, bool isStored, Func<FlightReader, Task> take)
    {
        try
        {
            using FlightReader reader = ReaderOf(frames);
            await reader.ReadDescriptorAsync();
            await take(reader);
            return true;
        }
        catch (Exception error) when (error is GrpcException { Code: GrpcStatusCode.InvalidArgument or GrpcStatusCode.Internal } || (isStored && error is SqlException))
        {
            return false;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"mutation {round}", error);
        }
    }

    [Fact]
    public async Task Damaged_streams_on_a_connection_end_with_a_status_that_is_not_our_failure()
    {
        byte[][][] samples = await SamplesAsync();
        using FlightClient client = Node.Connect();
        using GrpcChannel channel = new(new Uri($"http://127.0.0.1:{Node.Port}"), new GrpcChannelOptions());
        int refused = 0, closed = 0, mutations = Math.Min(Mutation.Count(300), 100_000);
        for (int round = 0; round < mutations; round++)
        {
            try
            {
                await PutAsync(channel, Damaged(samples, round));
            }
            catch (GrpcException error)
            {
                refused++;
                closed += error.Code == GrpcStatusCode.Unavailable ? 1 : 0; // a server may have enough of a connection
                Assert.False(error.Code is GrpcStatusCode.DeadlineExceeded or GrpcStatusCode.Unknown
                    || (error.Code == GrpcStatusCode.Internal && error.Message == "internal error"), $"mutation {round}: {error}");
            }
            if (round % 100 == 0)
                Assert.Equal(["1"], await client.QueryAsync("SELECT 1"));
        }
        Assert.InRange(refused, mutations / 10, mutations);
        Assert.InRange(closed, 0, 1 + (mutations / 1000));
    }

    private static async Task PutAsync(GrpcChannel channel, byte[][] messages)
    {
        await using GrpcClientCall call = channel.Begin(FlightMarshallers.DoPut, null, TimeSpan.FromSeconds(60), CancellationToken.None);
        foreach (byte[] message in messages)
            await call.WriteAsync(new GrpcPayload(message));
        call.CompleteWriting();
        while (await call.ReadAsync() is { } answer)
            answer.Dispose();
    }

    /// <summary>What a client that ingests the table of samples sends: messages of FlightData, compressed or not.</summary>
    private async Task<byte[][][]> SamplesAsync()
    {
        List<byte[][]> samples = [];
        using GrpcChannel channel = new(new Uri($"http://127.0.0.1:{Node.Port}"), new GrpcChannelOptions());
        using FlightClient client = Node.Connect();
        byte[] described = FlightFrame.Write(FlightNode.Command(Ingest), default).ToArray();
        foreach (string compression in new[] { "none", "zstd" })
        {
            foreach (string columns in new[] { "*", "i, t", "m, w", "v, s, h, a", "n, ts, u, b, p", "j, y, f, d, k, g, e" })
            {
                FlightInfo info = await client.GetInfoAsync(
                    FlightNode.Command(new CommandStatementQuery { Query = $"SELECT {columns} FROM samples ORDER BY i" }), CancellationToken.None);
                GrpcMetadata headers = [];
                headers.Add("x-vecsql-accept-compression", compression);
                await using GrpcClientCall call = channel.Begin(FlightMarshallers.DoGet, headers, null, CancellationToken.None);
                await call.WriteAsync(FlightMarshallers.Ticket.Write(info.Endpoint[0].Ticket));
                call.CompleteWriting();
                List<byte[]> messages = [];
                while (await call.ReadAsync() is { } message)
                {
                    using (message)
                        messages.Add(message.Bytes.ToArray());
                }
                messages[0] = [.. described, .. messages[0]];
                samples.Add([.. messages]);
            }
        }
        return [.. samples];
    }

    /// <summary>A sample of which a message or two are damaged, missing, twice there or in another's place.</summary>
    private static byte[][] Damaged(byte[][][] samples, int round)
    {
        Random random = new(round);
        List<byte[]> messages = [.. samples[random.Next(samples.Length)]];
        for (int i = random.Next(2); i >= 0; i--)
        {
            int at = random.Next(messages.Count), other = random.Next(messages.Count);
            switch (random.Next(12))
            {
                case 0 when messages.Count > 1:
                    messages.RemoveAt(at);
                    break;
                case 1:
                    messages.Insert(other, messages[at]);
                    break;
                case 2:
                    (messages[at], messages[other]) = (messages[other], messages[at]);
                    break;
                default:
                    messages[at] = Mutation.Of(messages[at], random);
                    break;
            }
        }
        return [.. messages];
    }

    private static FlightReader ReaderOf(byte[][] messages)
    {
        int next = 0;
        return new FlightReader("a damaged stream", () => ValueTask.FromResult(next < messages.Length ? MessageOf(messages[next++]) : null));
    }

    private static GrpcMessage? MessageOf(byte[] bytes)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(buffer, 0);
        return new GrpcMessage(buffer, bytes.Length);
    }

    private async Task<string> OneAsync(string sql)
    {
        using FlightClient client = Node.Connect();
        return Assert.Single(await client.QueryAsync(sql));
    }
}
