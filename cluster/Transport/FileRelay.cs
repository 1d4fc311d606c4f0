using System.Runtime.CompilerServices;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;
using VecSQL.Flight.Grpc;
using VecSQL.Storage.Files;

namespace VecSQL.Cluster.Transport;

/// <summary>Copies files that are known by their contents, and so never change, between nodes.</summary>
/// <remarks>
/// Whoever takes a copy sees by its name whether it is whole.
/// Threads: any.
/// </remarks>
/// <param name="others">The other nodes that are alive.</param>
public sealed class FileRelay(NodeClient client, Func<IReadOnlyList<NodeId>> others)
{
    /// <summary>As much as is read and sent at once.</summary>
    private const int PieceBytes = 256 << 10;

    /// <summary>Names asked for at once.</summary>
    private const int NamesMax = 16;

    /// <summary>Takes longer than any file that is copied over a slow network.</summary>
    private static readonly TimeSpan TakeTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Opens a file of this node's, that is disposed after; null where there is none of that name. Set before others ask.</summary>
    public Func<string, IFile?>? Find { get; set; }

    /// <summary>Takes a copy in. Set before others ask.</summary>
    public Func<string, IAsyncEnumerable<ReadOnlyMemory<byte>>, CancellationToken, ValueTask>? Take { get; set; }

    internal static GrpcMarshaller<FileNames> Names { get; } = GrpcMarshaller.Of(FileNames.Parser);

    internal static GrpcMarshaller<FilesTaken> Taken { get; } = GrpcMarshaller.Of(FilesTaken.Parser);

    /// <summary>A file as other nodes have it, one after the other; each ends with an <see cref="IOException"/> where that node has none or breaks off.</summary>
    public IEnumerable<IAsyncEnumerable<ReadOnlyMemory<byte>>> CopiesOf(string name) => others().Select(node => CopyAsync(node, name));

    /// <summary>Has the other nodes take copies.</summary>
    /// <returns>Those that have not, and why.</returns>
    public async ValueTask<IReadOnlyList<(NodeId Node, string Error)>> SpreadAsync(IReadOnlyList<string> names, CancellationToken cancellation)
    {
        FileNames request = new();
        request.Names.AddRange(names);
        (NodeId Node, string? Error)[] answers = await Task.WhenAll(others().Select(async node => (node, await SpreadAsync(node, request, cancellation)
            .ConfigureAwait(false)))).ConfigureAwait(false);
        return [.. answers.Where(static answer => answer.Error is not null).Select(static answer => (answer.Node, answer.Error!))];
    }

    /// <summary>Another node asks for a file.</summary>
    internal async ValueTask SendAsync(FileNames request, GrpcCall call)
    {
        string name = request.Names is [var only] ? only : throw new GrpcException(GrpcStatusCode.InvalidArgument, "one file is copied by a call");
        try
        {
            using IFile file = Find?.Invoke(name) ?? throw new GrpcException(GrpcStatusCode.NotFound, $"there is no file {name}");
            byte[] piece = new byte[PieceBytes];
            for (long offset = 0; offset < file.Length;)
            {
                int some = (int)Math.Min(piece.Length, file.Length - offset);
                file.ReadExactly(offset, piece.AsSpan(0, some));
                await call.WriteAsync(new GrpcPayload(piece.AsMemory(0, some))).ConfigureAwait(false);
                offset += some;
            }
        }
        catch (FileFaultException fault)
        {
            throw new GrpcException(GrpcStatusCode.Internal, fault.Message, fault);
        }
    }

    /// <summary>Another node wants this one to have copies of files.</summary>
    internal async ValueTask<FilesTaken> TakeAsync(NodeId source, FileNames request, CancellationToken cancellation)
    {
        if (request.Names.Count > NamesMax)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"{request.Names.Count} files at once are not copied");
        if (Take is not { } take)
            throw new GrpcException(GrpcStatusCode.Unavailable, "this node takes no files yet");
        foreach (string name in request.Names)
        {
            try
            {
                await take(name, CopyAsync(source, name, cancellation), cancellation).ConfigureAwait(false);
            }
            catch (IOException failure)
            {
                throw new GrpcException(GrpcStatusCode.FailedPrecondition, failure.Message, failure);
            }
        }
        return new FilesTaken();
    }

    private async Task<string?> SpreadAsync(NodeId node, FileNames request, CancellationToken cancellation)
    {
        try
        {
            await client.CallAsync(node, NodeService.TakeFiles, request, Names, Taken, TakeTimeout, cancellation).ConfigureAwait(false);
            return null;
        }
        catch (GrpcException failure)
        {
            cancellation.ThrowIfCancellationRequested();
            return failure.Message;
        }
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> CopyAsync(NodeId node, string name, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        FileNames request = new();
        request.Names.Add(name);
        await using CopyCall call = await CopyCall.BeginAsync(client, node, request, cancellation).ConfigureAwait(false);
        while (await call.NextAsync().ConfigureAwait(false) is { } message)
        {
            using (message)
                yield return message.Bytes;
        }
    }

    /// <summary>A call that fails as reading a file does.</summary>
    private sealed class CopyCall(GrpcClientCall call) : IAsyncDisposable
    {
        internal static async ValueTask<CopyCall> BeginAsync(NodeClient client, NodeId node, FileNames request, CancellationToken cancellation)
        {
            try
            {
                CopyCall copy = new(client.Begin(node, NodeService.CopyFile, timeout: null, cancellation));
                await copy.AskAsync(request).ConfigureAwait(false);
                return copy;
            }
            catch (GrpcException failure)
            {
                throw new IOException(failure.Message, failure);
            }
        }

        internal async ValueTask<GrpcMessage?> NextAsync()
        {
            try
            {
                return await call.ReadAsync().ConfigureAwait(false);
            }
            catch (GrpcException failure)
            {
                throw new IOException(failure.Message, failure);
            }
        }

        public ValueTask DisposeAsync() => call.DisposeAsync();

        private async ValueTask AskAsync(FileNames request)
        {
            try
            {
                await call.WriteLastAsync(Names.Write(request)).ConfigureAwait(false);
            }
            catch
            {
                await call.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }
}
