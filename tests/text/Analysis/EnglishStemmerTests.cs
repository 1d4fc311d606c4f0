using VecSQL.Text.Analysis;

namespace VecSQL.Text.Tests.Analysis;

public sealed class EnglishStemmerTests
{
    [Theory]
    [InlineData("connections", "connect")]
    [InlineData("connected", "connect")]
    [InlineData("generously", "generous")]
    [InlineData("consistency", "consist")]
    [InlineData("knightly", "knight")]
    [InlineData("hopping", "hop")]
    [InlineData("hoping", "hope")]
    [InlineData("relational", "relat")]
    [InlineData("sensibilities", "sensibl")]
    [InlineData("saying", "say")]
    [InlineData("yes", "yes")]
    [InlineData("skies", "sky")]
    [InlineData("exceeding", "exceed")]
    [InlineData("cafés", "café")]
    [InlineData("is", "is")]
    public void Cuts_words_to_their_stems(string word, string stem) => Assert.Equal(stem, Stem(word));

    /// <summary>Words of Debian's package descriptions, with what PostgreSQL 15's ts_lexize('english_stem', …) says of them.</summary>
    [Fact]
    public void Stems_as_PostgreSQL_does()
    {
        string[][] samples = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Samples", "stems.tsv")).Select(line => line.Split('\t'))];
        Assert.True(samples.Length > 2500);
        Assert.Empty(samples.Where(pair => Stem(pair[0]) != pair[1]).Select(pair => $"{pair[0]}: {Stem(pair[0])}, not {pair[1]}"));
    }

    internal static string Stem(string word)
    {
        char[] letters = new char[word.Length + 1];
        word.CopyTo(letters);
        return new string(letters, 0, EnglishStemmer.Stem(letters, word.Length));
    }
}
