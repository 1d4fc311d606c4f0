using Google.Protobuf;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;

namespace VecSQL.Cluster.Replication;

/// <summary>Messages of replicas as bytes. Layout: <c>cluster/Protocol/replication.proto</c>.</summary>
/// <remarks>Memory: a decoded message's entries lie in the bytes that it was read from; they are not copied.</remarks>
public static class ReplicaMessageCodec
{
    public static byte[] Encode(ReplicaMessage message)
    {
        ReplicaEnvelope envelope = new() { Term = message.Term.Value };
        switch (message)
        {
            case AppendMessage append:
                envelope.Append = new Append
                {
                    Previous = Write(append.Previous),
                    Records = UnsafeByteOperations.UnsafeWrap(append.Records),
                    Committed = append.Committed.Value,
                    Round = append.Round,
                    Closed = append.Closed,
                };
                break;
            case AppendAnswer answer:
                envelope.AppendReply = new AppendReply
                {
                    IsMatched = answer.IsMatched,
                    Position = Write(answer.Position),
                    Applied = answer.Applied.Value,
                    NeedsSnapshot = answer.NeedsSnapshot,
                    Round = answer.Round,
                };
                break;
            case FenceMessage:
                envelope.Fence = new Fence();
                break;
            case FenceAnswer answer:
                envelope.FenceReply = new FenceReply { Last = Write(answer.Last), Committed = answer.Committed.Value, IsWhole = answer.IsWhole };
                break;
            case StatusMessage status:
                envelope.Status = new Status { Verifies = status.Verifies.Value };
                break;
            case StatusAnswer answer:
                envelope.StatusReply = Write(answer);
                break;
            case HandoverMessage handover:
                envelope.Handover = new Handover { Target = handover.Target.Value };
                break;
            case ResignedAnswer resigned:
                envelope.Resigned = new Handover { Target = resigned.Target.Value };
                break;
            case SnapshotOffer offer:
                envelope.Offer = new Offer
                {
                    Position = Write(offer.Position),
                    Length = offer.Length,
                    Checksum = offer.Checksum,
                    IsRepair = offer.IsRepair,
                };
                break;
            case SnapshotChunk chunk:
                envelope.Chunk = new Chunk { Position = Write(chunk.Position), Offset = chunk.Offset, Bytes = UnsafeByteOperations.UnsafeWrap(chunk.Bytes) };
                break;
            case SnapshotAnswer answer:
                envelope.OfferReply = new OfferReply { Position = Write(answer.Position), Received = answer.Received, IsInstalled = answer.IsInstalled };
                break;
            case ChecksumMessage checksum:
                envelope.Content = new Content { Position = Write(checksum.Position), Checksum = checksum.Checksum };
                break;
            case ReadMessage read:
                envelope.Read = new Protocol.Read { Life = read.Life, Round = read.Round };
                break;
            case ReadAnswer answer:
                envelope.ReadReply = new ReadReply { Applied = answer.Applied.Value, Life = answer.Life, Round = answer.Round };
                break;
            default:
                throw new ArgumentException($"{message.GetType().Name} is no message that travels", nameof(message));
        }
        return envelope.ToByteArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    public static ReplicaMessage Decode(ReadOnlyMemory<byte> bytes)
    {
        ReplicaEnvelope envelope;
        try
        {
            envelope = ReplicaEnvelope.Parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException cause)
        {
            throw new InvalidDataException($"a replica's message cannot be read: {cause.Message}", cause);
        }
        Term term = new(envelope.Term);
        return envelope.MessageCase switch
        {
            ReplicaEnvelope.MessageOneofCase.Append => new AppendMessage(term, Read(envelope.Append.Previous),
                envelope.Append.Records.Memory, Sequence(envelope.Append.Committed), envelope.Append.Round, envelope.Append.Closed),
            ReplicaEnvelope.MessageOneofCase.AppendReply => new AppendAnswer(term, envelope.AppendReply.IsMatched, Read(envelope.AppendReply.Position),
                Sequence(envelope.AppendReply.Applied), envelope.AppendReply.NeedsSnapshot, envelope.AppendReply.Round),
            ReplicaEnvelope.MessageOneofCase.Fence => new FenceMessage(term),
            ReplicaEnvelope.MessageOneofCase.FenceReply => new FenceAnswer(
                term, Read(envelope.FenceReply.Last), Sequence(envelope.FenceReply.Committed), envelope.FenceReply.IsWhole),
            ReplicaEnvelope.MessageOneofCase.Status => new StatusMessage(term) { Verifies = new NodeId(envelope.Status.Verifies) },
            ReplicaEnvelope.MessageOneofCase.StatusReply => new StatusAnswer(term, envelope.StatusReply.Epoch, Sequence(envelope.StatusReply.Last),
                [.. envelope.StatusReply.Progress.Select(Read)]),
            ReplicaEnvelope.MessageOneofCase.Handover => new HandoverMessage(term, new NodeId(envelope.Handover.Target)),
            ReplicaEnvelope.MessageOneofCase.Resigned => new ResignedAnswer(term, new NodeId(envelope.Resigned.Target)),
            ReplicaEnvelope.MessageOneofCase.Offer => new SnapshotOffer(term, Read(envelope.Offer.Position), Count(envelope.Offer.Length),
                envelope.Offer.Checksum, envelope.Offer.IsRepair),
            ReplicaEnvelope.MessageOneofCase.Chunk => new SnapshotChunk(
                term, Read(envelope.Chunk.Position), Count(envelope.Chunk.Offset), envelope.Chunk.Bytes.Memory),
            ReplicaEnvelope.MessageOneofCase.OfferReply => new SnapshotAnswer(
                term, Read(envelope.OfferReply.Position), Count(envelope.OfferReply.Received), envelope.OfferReply.IsInstalled),
            ReplicaEnvelope.MessageOneofCase.Content => new ChecksumMessage(term, Read(envelope.Content.Position), envelope.Content.Checksum),
            ReplicaEnvelope.MessageOneofCase.Read => new ReadMessage(term, envelope.Read.Life, envelope.Read.Round),
            ReplicaEnvelope.MessageOneofCase.ReadReply => new ReadAnswer(
                term, Sequence(envelope.ReadReply.Applied), envelope.ReadReply.Life, envelope.ReadReply.Round),
            _ => throw new InvalidDataException("a replica's message says nothing"),
        };
    }

    private static StatusReply Write(StatusAnswer answer)
    {
        StatusReply reply = new() { Epoch = answer.Epoch, Last = answer.Last.Value };
        foreach (ReplicaProgress progress in answer.Progress)
        {
            reply.Progress.Add(new Progress
            {
                Node = progress.Node.Value,
                Durable = progress.Durable.Value,
                Applied = progress.Applied.Value,
                SinceHeardMicroseconds = (long)progress.SinceHeard.TotalMicroseconds,
                IsCopying = progress.IsCopying,
                Verified = progress.Verified.Value,
                CopiedBytes = progress.CopiedBytes,
                CopyBytes = progress.CopyBytes,
            });
        }
        return reply;
    }

    private static ReplicaProgress Read(Progress progress) => new(new NodeId(progress.Node), Sequence(progress.Durable), Sequence(progress.Applied),
        TimeSpan.FromMicroseconds(Math.Clamp(progress.SinceHeardMicroseconds, 0, long.MaxValue / 100)), progress.IsCopying)
    {
        Verified = Sequence(progress.Verified),
        CopiedBytes = Count(progress.CopiedBytes),
        CopyBytes = Count(progress.CopyBytes),
    };

    private static Position Write(LogPosition position) => new() { Term = position.Term.Value, Sequence = position.Sequence.Value };

    private static LogPosition Read(Position? position) =>
        position is null ? default : new LogPosition(new Term(position.Term), Sequence(position.Sequence));

    private static LogSequence Sequence(long value) => new(Count(value));

    private static long Count(long value) =>
        value is >= 0 and <= long.MaxValue / 2 ? value : throw new InvalidDataException($"{value} is no place in a log");
}
