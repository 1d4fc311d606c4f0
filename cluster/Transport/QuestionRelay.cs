using Google.Protobuf;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Transport;

/// <summary>Asks other nodes what only they know, in bytes of whatever form those who ask and answer agree on.</summary>
/// <remarks>Threads: any.</remarks>
/// <param name="others">The other nodes that are alive.</param>
public sealed class QuestionRelay(NodeClient client, Func<IReadOnlyList<NodeId>> others)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Answers another node's question, with an <see cref="InvalidDataException"/> where it is none. Set before others ask.</summary>
    public Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? Answer { get; set; }

    internal static GrpcMarshaller<NodeQuestion> Questions { get; } = GrpcMarshaller.Of(NodeQuestion.Parser);

    internal static GrpcMarshaller<NodeAnswer> Answers { get; } = GrpcMarshaller.Of(NodeAnswer.Parser);

    /// <summary>Asks other nodes at once.</summary>
    /// <returns>What each says; null of those that do not in time.</returns>
    public async ValueTask<IReadOnlyList<(NodeId Node, ReadOnlyMemory<byte>? Answer)>> AskAsync(
        Func<NodeId, bool> whom, ReadOnlyMemory<byte> question, CancellationToken cancellation)
    {
        NodeQuestion asked = new() { Bytes = UnsafeByteOperations.UnsafeWrap(question) };
        return await Task.WhenAll(others().Where(whom).Select(async node => (node, await AskAsync(node, asked, cancellation).ConfigureAwait(false))))
            .ConfigureAwait(false);
    }

    /// <summary>Another node asks.</summary>
    internal NodeAnswer Take(NodeQuestion question)
    {
        if (Answer is not { } answer)
            throw new GrpcException(GrpcStatusCode.Unavailable, "this node answers no questions yet");
        try
        {
            return new NodeAnswer { Bytes = UnsafeByteOperations.UnsafeWrap(answer(question.Bytes.Memory)) };
        }
        catch (InvalidDataException wrong)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, wrong.Message, wrong);
        }
    }

    private async Task<ReadOnlyMemory<byte>?> AskAsync(NodeId node, NodeQuestion question, CancellationToken cancellation)
    {
        try
        {
            NodeAnswer answer = await client.CallAsync(node, NodeService.Ask, question, Questions, Answers, Patience, cancellation).ConfigureAwait(false);
            return answer.Bytes.Memory;
        }
        catch (GrpcException)
        {
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }
}
