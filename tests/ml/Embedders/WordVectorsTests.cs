using VecSQL.Ml.Embedders;

namespace VecSQL.Ml.Tests.Embedders;

/// <summary>The table of words as its file has it.</summary>
public sealed class WordVectorsTests
{
    [Fact]
    public void A_table_gives_back_what_was_written()
    {
        ulong[] keys = [.. new[] { WordVectors.KeyOf("one"), WordVectors.KeyOf("two") }.Order()];
        WordVectors table = new(Table(keys, [0.5f, 2], [0.25f, 0.75f], [1, -2, 3, 127, 0, -127]));
        Assert.Equal((2, 3), (table.Count, table.Dimensions));
        Assert.Equal([0, 1], keys.Select(table.Find));
        Assert.True(table.Find(WordVectors.KeyOf("three")) < 0);
        Assert.Equal([0.25f, 0.75f], keys.Select(table.ImportanceOf));
        Assert.True(table.ImportanceOf(WordVectors.KeyOf("three")) > 1);
        double[] sum = [1, 1, 1, 1];
        table.AddTo(sum, 1, 0.5);
        Assert.Equal([128, 1, -126, 1], sum);
    }

    [Fact]
    public void What_is_no_table_is_refused()
    {
        byte[] table = Table([1, 2], [1, 1], [1, 1], [1, 2, 3, 4]);
        foreach (int length in new[] { 0, 3, 11, 12, table.Length - 1 })
            Assert.Throws<InvalidDataException>(() => new WordVectors(table.AsSpan(0, length)));
        Assert.Throws<InvalidDataException>(() => new WordVectors([.. table, 0]));
        table[4] = 0xFF;
        table[7] = 0xFF;
        Assert.Throws<InvalidDataException>(() => new WordVectors(table));
        Assert.Throws<InvalidDataException>(() => new WordVectors("not a table of words"u8));
        Assert.Throws<ArgumentException>(() => new WordsEmbedder(new WordVectors(Table([1], [1], [1], new sbyte[385]))));
    }

    [Fact]
    public void The_table_that_comes_along_is_small_and_knows_common_words()
    {
        WordVectors table = WordVectors.ReadBuiltIn();
        Assert.InRange(table.Count * (long)(table.Dimensions + 16), 1 << 20, 8 << 20);
        foreach (string word in new[] { "file", "library", "the", "network", "data", "returns" })
            Assert.True(table.Find(WordVectors.KeyOf(word)) >= 0, word);
        Assert.True(table.ImportanceOf(WordVectors.KeyOf("the")) < table.ImportanceOf(WordVectors.KeyOf("compression")));
    }

    private static byte[] Table(ulong[] keys, float[] scales, float[] importances, sbyte[] values)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write("VWRD"u8);
        writer.Write(keys.Length);
        writer.Write(values.Length / keys.Length);
        foreach (ulong key in keys)
            writer.Write(key);
        foreach (float value in (float[])[.. scales, .. importances])
            writer.Write(value);
        foreach (sbyte value in values)
            writer.Write(value);
        return stream.ToArray();
    }
}
