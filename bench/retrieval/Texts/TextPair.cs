namespace VecSQL.Bench.Retrieval.Texts;

/// <summary>Two texts about one thing, as somebody wrote them: a question and what answers it.</summary>
/// <param name="Group">Pairs of a group are alike in more than their meaning, so that they are all for training or all for the test.</param>
internal sealed record TextPair(string Query, string Document, string Group);

/// <summary>Pairs of one kind.</summary>
internal sealed record TextTask(string Name, IReadOnlyList<TextPair> Pairs);
