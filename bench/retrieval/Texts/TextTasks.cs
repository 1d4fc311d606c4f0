using VecSQL.Ml.Embedders;

namespace VecSQL.Bench.Retrieval.Texts;

/// <summary>The tasks, each in two parts that share no group: one to learn from, one to be tested by.</summary>
internal static class TextTasks
{
    private const int TestShare = 5; // one group of so many

    internal static IReadOnlyList<TextTask> Read(bool isTest) =>
    [
        .. new TextTask[]
        {
            new("package title to description", [.. PackageTexts.Read()]),
            new("API summary to signature", [.. ApiTexts.Signatures()]),
            new("API returns to summary", [.. ApiTexts.Returns()]),
        }.Select(task => task with { Pairs = [.. task.Pairs.Where(pair => IsTest(pair.Group) == isTest)] }),
        .. isTest ? [new TextTask("Python function, not learned from", [.. PythonTexts.Read()])] : Array.Empty<TextTask>(),
    ];

    /// <summary>By the group's own letters, so that each machine has the same parts.</summary>
    internal static bool IsTest(string group)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (char letter in group)
            hash = (hash ^ letter) * 1_099_511_628_211;
        return (hash >> 20) % TestShare == 0;
    }

    /// <summary>A text's words.</summary>
    internal static List<string> WordsOf(string text)
    {
        List<string> words = [];
        Span<char> room = stackalloc char[WordReader.RoomChars];
        WordReader reader = new(text, room);
        while (reader.Next(out int length))
            words.Add(room.Slice(1, length).ToString());
        return words;
    }
}
