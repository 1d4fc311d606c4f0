using System.Text.Json;
using System.Text.Json.Serialization;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Transport;
using VecSQL.Engine;
using VecSQL.Engine.Sessions;

namespace VecSQL.Server.Hosting;

/// <summary>Tells the nodes of a cluster of each other's sessions.</summary>
/// <param name="nameOf">A node's name; null where it is not known.</param>
internal sealed class SessionPeers(QuestionRelay questions, Func<NodeId, string?> nameOf) : ISessionPeers
{
    private static readonly byte[] Listing = JsonSerializer.SerializeToUtf8Bytes(new Question(null), SessionJson.Default.Question);

    private ISessionDirectory? _own;

    public ISessionDirectory? Own
    {
        get => _own;
        set
        {
            _own = value;
            questions.Answer = value is null ? null : bytes => Answer(value, bytes);
        }
    }

    public Action? Lost { get; set; }

    public async ValueTask<(IReadOnlyList<SessionFigure> Sessions, IReadOnlyList<string> Silent)> ListAsync(CancellationToken cancellation)
    {
        List<SessionFigure> sessions = [];
        List<string> silent = [];
        foreach ((NodeId node, ReadOnlyMemory<byte>? answer) in await questions.AskAsync(static _ => true, Listing, cancellation))
        {
            if (Read(answer, SessionJson.Default.IReadOnlyListSessionFigure) is { } figures)
                sessions.AddRange(figures);
            else
                silent.Add($"node {nameOf(node) ?? node.ToString()}");
        }
        return (sessions, silent);
    }

    public async ValueTask<SignalAnswer?> SignalAsync(SessionSignal signal, CancellationToken cancellation)
    {
        byte[] question = JsonSerializer.SerializeToUtf8Bytes(new Question(signal), SessionJson.Default.Question);
        SignalAnswer? answer = null;
        foreach ((NodeId _, ReadOnlyMemory<byte>? bytes) in await questions.AskAsync(
            node => Database.MayHave(node.Value, signal.BackendId), question, cancellation))
        {
            if (Read(bytes, SessionJson.Default.SignalAnswer) is { } given && answer is not { IsFound: true })
                answer = given;
        }
        return answer;
    }

    private static byte[] Answer(ISessionDirectory own, ReadOnlyMemory<byte> bytes)
    {
        Question question = Read(bytes, SessionJson.Default.Question) ?? throw new InvalidDataException("a question that is none");
        return question.Signal is { } signal
            ? JsonSerializer.SerializeToUtf8Bytes(own.Signal(signal), SessionJson.Default.SignalAnswer)
            : JsonSerializer.SerializeToUtf8Bytes(own.List(), SessionJson.Default.IReadOnlyListSessionFigure);
    }

    private static T? Read<T>(ReadOnlyMemory<byte>? bytes, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return bytes is { } some ? JsonSerializer.Deserialize(some.Span, type) : null;
        }
        catch (JsonException)
        {
            return null; // a node of another version
        }
    }
}

/// <param name="Signal">Null to list the sessions.</param>
internal sealed record Question(SessionSignal? Signal);

/// <summary>What nodes tell each other of sessions.</summary>
[JsonSerializable(typeof(Question))]
[JsonSerializable(typeof(SignalAnswer))]
[JsonSerializable(typeof(IReadOnlyList<SessionFigure>))]
internal sealed partial class SessionJson : JsonSerializerContext;
