using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using VecSQL.Engine.Access;
using VecSQL.Flight.Grpc;
using VecSQL.Kit;

namespace VecSQL.Flight.Tests.Grpc;

/// <summary>Our client and our server, which foreign ones are held against each on its own.</summary>
public sealed class CallTests : IAsyncLifetime
{
    private EchoServer? _echo;

    private EchoServer Echo => _echo ?? throw new InvalidOperationException("not started");

    public Task InitializeAsync()
    {
        _echo = EchoServer.Start();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await Echo.DisposeAsync();

    [Theory]
    [InlineData(0), InlineData(1), InlineData(4), InlineData(65_531), InlineData(65_536), InlineData(5_000_000), InlineData(EchoServer.BytesMax)]
    public async Task A_message_comes_back_as_it_went_compressed_or_not(int length)
    {
        byte[] sent = new byte[length];
        new Random(1).NextBytes(sent);
        foreach (bool usesGzip in new[] { false, true })
        {
            using GrpcChannel channel = Echo.Connect(new GrpcChannelOptions { UsesGzip = usesGzip });
            Assert.Equal(sent, await OnceAsync(channel, sent));
        }
    }

    [Fact]
    public async Task Messages_stream_from_the_server_to_it_and_both_ways()
    {
        using GrpcChannel channel = Echo.Connect();
        await using (GrpcClientCall repeat = channel.Begin("/test.Echo/Repeat", null, null, CancellationToken.None))
        {
            await repeat.WriteAsync(new GrpcPayload("1000"u8.ToArray()));
            repeat.CompleteWriting();
            for (int i = 0; i < 1000; i++)
                Assert.Equal(i.ToString(), await NextAsync(repeat));
            Assert.Null(await repeat.ReadAsync());
        }
        await using (GrpcClientCall sum = channel.Begin("/test.Echo/Sum", null, null, CancellationToken.None))
        {
            for (int i = 0; i < 20; i++)
                await sum.WriteAsync(new GrpcPayload(new byte[i], [new byte[1_000_000], Array.Empty<byte>()]));
            sum.CompleteWriting();
            Assert.Equal("20000190", await NextAsync(sum));
            Assert.Null(await sum.ReadAsync());
        }
        await using (GrpcClientCall chat = channel.Begin("/test.Echo/Chat", null, null, CancellationToken.None))
        {
            for (int i = 0; i < 50; i++)
            {
                await chat.WriteAsync(new GrpcPayload(Encoding.UTF8.GetBytes($"m{i}")));
                Assert.Equal($"m{i}", await NextAsync(chat));
            }
            chat.CompleteWriting();
            Assert.Null(await chat.ReadAsync());
        }
    }

    [Fact]
    public async Task Calls_run_side_by_side_on_one_connection()
    {
        using GrpcChannel channel = Echo.Connect();
        byte[][] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i => await OnceAsync(channel, BitConverter.GetBytes(i))));
        Assert.Equal(Enumerable.Range(0, 200), answers.Select(answer => BitConverter.ToInt32(answer)));
    }

    [Fact]
    public async Task Metadata_goes_both_ways_as_text_and_as_bytes()
    {
        using GrpcChannel channel = Echo.Connect();
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        GrpcMetadata sent = [];
        sent.Add("x-text", "a, b; c");
        sent.Add("x-long", new string('x', 30_000));
        sent.Add("x-bytes-bin", bytes);
        sent.Add("x-nothing-bin", []);
        await using GrpcClientCall call = channel.Begin("/test.Echo/Once", sent, null, CancellationToken.None);
        await call.WriteAsync(new GrpcPayload(new byte[3]));
        call.CompleteWriting();
        (await call.ReadAsync())?.Dispose();
        Assert.Null(await call.ReadAsync());
        foreach ((GrpcMetadata came, string prefix) in new[] { (call.ResponseHeaders, ""), (call.Trailers, "t") })
        {
            Assert.Equal("a, b; c", came.Find(prefix + "x-text"));
            Assert.Equal(30_000, came.Find(prefix + "x-long")?.Length);
            Assert.Equal((byte[]?)bytes, came.FindBytes(prefix + "x-bytes-bin"));
            Assert.Empty(came.FindBytes(prefix + "x-nothing-bin") ?? [1]);
        }
    }

    [Fact]
    public async Task A_status_comes_with_its_message_details_and_metadata()
    {
        using GrpcChannel channel = Echo.Connect();
        for (byte code = 1; code <= 16; code++)
        {
            GrpcException error = await Assert.ThrowsAsync<GrpcException>(async () =>
                await CallAsync(channel, "/test.Echo/Fail", [code]));
            Assert.Equal((GrpcStatusCode)code, error.Code);
            Assert.Equal("50 % of größe\nis missing", error.Message);
            Assert.Equal([1, 2, 3, 255], error.Details.ToArray());
            Assert.Equal("told", error.Trailers.Find("x-reason"));
        }
    }

    [Fact]
    public async Task A_failure_of_the_servers_own_tells_nothing_of_it()
    {
        using GrpcChannel channel = Echo.Connect();
        GrpcException error = await Assert.ThrowsAsync<GrpcException>(async () => await CallAsync(channel, "/test.Echo/Fail", []));
        Assert.Equal((GrpcStatusCode.Internal, "internal error"), (error.Code, error.Message));
    }

    [Fact]
    public async Task A_method_that_there_is_not_is_unimplemented()
    {
        using GrpcChannel channel = Echo.Connect();
        GrpcException error = await Assert.ThrowsAsync<GrpcException>(async () => await CallAsync(channel, "/test.Echo/Nothing", []));
        Assert.Equal((GrpcStatusCode.Unimplemented, "there is no method /test.Echo/Nothing"), (error.Code, error.Message));
    }

    [Fact]
    public async Task Messages_that_are_too_long_are_refused_on_both_sides()
    {
        using GrpcChannel channel = Echo.Connect();
        GrpcException byServer = await Assert.ThrowsAsync<GrpcException>(async () => await OnceAsync(channel, new byte[EchoServer.BytesMax + 1]));
        Assert.Equal((GrpcStatusCode.ResourceExhausted, $"a message is longer than {EchoServer.BytesMax} bytes"), (byServer.Code, byServer.Message));
        using GrpcChannel packed = Echo.Connect(new GrpcChannelOptions { UsesGzip = true });
        GrpcException unpacked = await Assert.ThrowsAsync<GrpcException>(async () => await OnceAsync(packed, new byte[EchoServer.BytesMax + 1]));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, unpacked.Code);
        using GrpcChannel narrow = Echo.Connect(new GrpcChannelOptions { Limits = new GrpcLimits { ReceiveBytesMax = 999 } });
        GrpcException byClient = await Assert.ThrowsAsync<GrpcException>(async () => await OnceAsync(narrow, new byte[1000]));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, byClient.Code);
        Assert.Equal(3, (await OnceAsync(narrow, new byte[3])).Length);
    }

    [Fact]
    public async Task A_deadline_ends_the_call_at_the_client()
    {
        ManualTime time = new();
        using GrpcChannel channel = Echo.Connect(new GrpcChannelOptions { Time = time });
        await using GrpcClientCall call = channel.Begin("/test.Echo/Wait", null, TimeSpan.FromMilliseconds(300), CancellationToken.None);
        Assert.Equal("begun", await NextAsync(call));
        time.Advance(TimeSpan.FromMilliseconds(300));
        GrpcException error = await Assert.ThrowsAsync<GrpcException>(async () => await call.ReadAsync());
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, error.Code);
    }

    [Fact]
    public async Task A_deadline_ends_the_call_at_the_server()
    {
        ManualTime time = new();
        await using EchoServer echo = EchoServer.Start(time: time);
        using GrpcChannel channel = echo.Connect(new GrpcChannelOptions { Time = new ManualTime() });
        await using GrpcClientCall call = channel.Begin("/test.Echo/Wait", null, TimeSpan.FromMilliseconds(300), CancellationToken.None);
        Assert.Equal("begun", await NextAsync(call));
        time.Advance(TimeSpan.FromMilliseconds(300));
        GrpcException error = await Assert.ThrowsAsync<GrpcException>(async () => await call.ReadAsync());
        Assert.Equal((GrpcStatusCode.DeadlineExceeded, "the deadline has come before the call was done"), (error.Code, error.Message));
        await echo.Cancelled.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_client_that_leaves_cancels_the_call()
    {
        using GrpcChannel channel = Echo.Connect();
        using CancellationTokenSource leaving = new();
        await using GrpcClientCall call = channel.Begin("/test.Echo/Wait", null, null, leaving.Token);
        Assert.Equal("begun", await NextAsync(call));
        Task<GrpcMessage?> reading = call.ReadAsync().AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await Echo.Cancelled.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_reader_that_is_slow_holds_back_the_writer()
    {
        using GrpcChannel channel = Echo.Connect();
        GrpcClientCall call = channel.Begin("/test.Echo/Flood", null, null, CancellationToken.None);
        await using (call)
        {
            await call.WriteAsync(new GrpcPayload(new byte[1]));
            call.CompleteWriting();
            await call.ReadHeadersAsync();
            for (int i = 0; i < 20; i++)
                Assert.Equal(1 << 20, (await OnceAsync(channel, new byte[1 << 20])).Length); // meanwhile it could write, too
            Assert.InRange(Echo.Flooded, 0, 40); // what windows and buffers hold, of no end
            for (int i = 0; i < 60; i++)
                (await call.ReadAsync())?.Dispose();
            Assert.InRange(Echo.Flooded, 1, 100);
        }
        await Echo.Cancelled.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_server_that_stops_waits_for_no_call_that_stands()
    {
        EchoServer stopping = EchoServer.Start(stopTimeout: TimeSpan.FromDays(1));
        using GrpcChannel channel = stopping.Connect();
        await using GrpcClientCall call = channel.Begin("/test.Echo/Stand", null, null, CancellationToken.None);
        await call.WriteAsync(new GrpcPayload("one"u8.ToArray()));
        Assert.Equal("one", await NextAsync(call));
        Task stopped = stopping.DisposeAsync().AsTask();
        Assert.Null(await call.ReadAsync()); // it has ended well
        await stopped.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_server_that_stops_ends_what_runs_as_unavailable()
    {
        EchoServer stopping = EchoServer.Start();
        using GrpcChannel channel = stopping.Connect();
        await using GrpcClientCall call = channel.Begin("/test.Echo/Wait", null, null, CancellationToken.None);
        Assert.Equal("begun", await NextAsync(call));
        Task stopped = stopping.DisposeAsync().AsTask();
        GrpcException error = await Assert.ThrowsAsync<GrpcException>(async () => await call.ReadAsync());
        Assert.Equal(GrpcStatusCode.Unavailable, error.Code);
        await stopped.WaitAsync(TimeSpan.FromSeconds(30));
        GrpcException gone = await Assert.ThrowsAsync<GrpcException>(async () => await OnceAsync(channel, new byte[1]));
        Assert.Equal(GrpcStatusCode.Unavailable, gone.Code);
    }

    [Fact]
    public async Task A_port_serves_plain_and_encrypted_connections()
    {
        using TestCertificates certificates = new();
        TlsIdentity identity = TlsIdentity.Read(await File.ReadAllTextAsync(certificates.ServerFile),
            await File.ReadAllTextAsync(certificates.ServerKeyFile), authorities: null, onlyTls13: false);
        await using EchoServer secure = EchoServer.Start(identity);
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(certificates.AuthorityFile);
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        GrpcChannelOptions options = new() { Tls = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
        byte[] sent = new byte[3_000_000];
        new Random(2).NextBytes(sent);
        using GrpcChannel encrypted = secure.Connect(options, isEncrypted: true);
        Assert.Equal(sent, await OnceAsync(encrypted, sent));
        using GrpcChannel plain = secure.Connect();
        Assert.Equal(sent, await OnceAsync(plain, sent));
        using GrpcChannel distrusting = secure.Connect(isEncrypted: true);
        GrpcException refused = await Assert.ThrowsAsync<GrpcException>(async () => await OnceAsync(distrusting, sent));
        Assert.Equal(GrpcStatusCode.Unavailable, refused.Code);
    }

    private static ValueTask<byte[]> OnceAsync(GrpcChannel channel, byte[] sent) => CallAsync(channel, "/test.Echo/Once", sent);

    private static ValueTask<byte[]> CallAsync(GrpcChannel channel, string method, byte[] sent) =>
        channel.CallAsync(method, sent, EchoServer.Bytes, EchoServer.Bytes, null, null, CancellationToken.None);

    private static async Task<string?> NextAsync(GrpcClientCall call)
    {
        using GrpcMessage? message = await call.ReadAsync();
        return message is null ? null : Encoding.UTF8.GetString(message.Bytes.Span);
    }
}
