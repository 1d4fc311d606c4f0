using System.Net;
using System.Net.Security;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using VecSQL.Engine.Access;
using VecSQL.Flight.Grpc;
using VecSQL.Kit;

namespace VecSQL.Flight.Tests.Grpc;

/// <summary>A server with a method of each kind, whose messages are plain bytes.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    public const int BytesMax = 8 << 20;

    public static readonly GrpcMarshaller<byte[]> Bytes = new(
        static bytes => new GrpcPayload(bytes), static bytes => bytes.ToArray());

    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcServer? _server;

    public GrpcServer Server => _server ?? throw new InvalidOperationException("not started");

    /// <summary>Completes when a call of Wait was cancelled.</summary>
    public Task Cancelled => _cancelled.Task;

    /// <summary>Messages that Flood has been able to write.</summary>
    public int Flooded;

    /// <param name="time">What deadlines and patience go by; by default a clock that stands, so that nothing hangs on how fast the machine is.</param>
    /// <param name="stopTimeout">How long calls may go on when it stops.</param>
    public static EchoServer Start(TlsIdentity? tls = null, GrpcLimits? limits = null, TimeProvider? time = null, TimeSpan stopTimeout = default)
    {
        EchoServer echo = new();
        GrpcMethods methods = new GrpcMethods()
            .Unary("/test.Echo/Once", Bytes, Bytes, echo.Once)
            .ServerStream("/test.Echo/Repeat", Bytes, Repeat)
            .Duplex("/test.Echo/Sum", Sum)
            .Duplex("/test.Echo/Chat", Chat)
            .Duplex("/test.Echo/Wait", echo.Wait)
            .Duplex("/test.Echo/Stand", Stand)
            .ServerStream("/test.Echo/Flood", Bytes, echo.Flood)
            .Unary("/test.Echo/Fail", Bytes, Bytes, Fail);
        echo._server = GrpcServer.Start(new IPEndPoint(IPAddress.Loopback, 0), methods,
            (limits ?? new GrpcLimits()) with { ReceiveBytesMax = BytesMax, SendBytesMax = BytesMax }, () => tls?.OptionsFor(SslApplicationProtocol.Http2),
            static _ => null, stopTimeout, time ?? new ManualTime(), NullLogger.Instance);
        return echo;
    }

    public GrpcChannel Connect(GrpcChannelOptions? options = null, bool isEncrypted = false) =>
        new(new Uri($"{(isEncrypted ? "https" : "http")}://127.0.0.1:{Server.Address.Port}"), options ?? new GrpcChannelOptions());

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    private ValueTask<byte[]> Once(byte[] request, GrpcCall call)
    {
        foreach (GrpcMetadata.Entry entry in call.Headers.Where(entry => entry.Key.StartsWith("x-", StringComparison.Ordinal)))
        {
            if (entry.Key.EndsWith("-bin", StringComparison.Ordinal))
            {
                call.ResponseHeaders.Add(entry.Key, call.Headers.FindBytes(entry.Key));
                call.Trailers.Add("t" + entry.Key, call.Headers.FindBytes(entry.Key));
            }
            else
            {
                call.ResponseHeaders.Add(entry.Key, entry.Text);
                call.Trailers.Add("t" + entry.Key, entry.Text);
            }
        }
        return ValueTask.FromResult(request);
    }

    /// <summary>The request says how often.</summary>
    private static async ValueTask Repeat(byte[] request, GrpcCall call)
    {
        int count = int.Parse(Encoding.UTF8.GetString(request));
        for (int i = 0; i < count; i++)
            await call.WriteAsync(new GrpcPayload(Encoding.UTF8.GetBytes(i.ToString())));
    }

    /// <summary>How many bytes came.</summary>
    private static async ValueTask Sum(GrpcCall call)
    {
        long bytes = 0;
        while (await call.ReadAsync() is { } message)
        {
            using (message)
                bytes += message.Length;
        }
        await call.WriteAsync(new GrpcPayload(Encoding.UTF8.GetBytes(bytes.ToString())));
    }

    private static async ValueTask Chat(GrpcCall call)
    {
        while (await call.ReadAsync() is { } message)
        {
            using (message)
                await call.WriteAsync(new GrpcPayload(message.Bytes));
        }
    }

    /// <summary>As Chat, and ends when the server is about to stop.</summary>
    private static async ValueTask Stand(GrpcCall call)
    {
        while (await call.ReadStandingAsync() is { } message)
        {
            using (message)
                await call.WriteAsync(new GrpcPayload(message.Bytes));
        }
    }

    private async ValueTask Wait(GrpcCall call)
    {
        await call.WriteAsync(new GrpcPayload("begun"u8.ToArray()));
        try
        {
            await Task.Delay(Timeout.Infinite, call.Cancellation);
        }
        finally
        {
            _cancelled.TrySetResult();
        }
    }

    private async ValueTask Flood(byte[] request, GrpcCall call)
    {
        ReadOnlyMemory<byte> piece = new byte[1 << 20];
        try
        {
            while (true)
            {
                await call.WriteAsync(new GrpcPayload(piece[..1], [piece[1..]]));
                Interlocked.Increment(ref Flooded);
            }
        }
        finally
        {
            _cancelled.TrySetResult();
        }
    }

    /// <summary>With the status that the request names, or by an exception of the server's own.</summary>
    private static ValueTask<byte[]> Fail(byte[] request, GrpcCall call)
    {
        if (request.Length == 0)
            throw new InvalidOperationException("the secret of the server");
        GrpcMetadata trailers = [];
        trailers.Add("x-reason", "told");
        throw new GrpcException((GrpcStatusCode)request[0], "50 % of größe\nis missing") { Details = new byte[] { 1, 2, 3, 255 }, Trailers = trailers };
    }
}
