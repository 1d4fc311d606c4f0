using System.Text;
using VecSQL.Ml.Embedders;

namespace VecSQL.Ml.Tests.Embedders;

public sealed class WordsEmbedderTests
{
    private static readonly string[] ApiTexts =
    [
        "System.IO.Compression.GZipStream: provides methods used to compress and decompress streams of bytes.",
        "System.IO.File.ReadAllText: opens a text file, reads all the text in the file, and then closes the file.",
        "System.DateTime.AddDays: returns a new DateTime that adds the specified number of days to this instance.",
        "System.Net.Sockets.Socket.Connect: establishes a connection to a remote host.",
        "System.Security.Cryptography.SHA256.HashData: computes the hash of data using the SHA256 algorithm.",
        "System.Collections.Generic.Dictionary.TryGetValue: gets the value associated with the specified key.",
        "System.Text.Json.JsonSerializer.Serialize: converts the provided value to a JSON string.",
        "System.Threading.Thread.Sleep: suspends the current thread for the specified amount of time.",
        "System.Math.Sqrt: returns the square root of a specified number.",
        "System.Xml.XmlReader.ReadElementContent: reads the current element and returns the contents as an object.",
    ];

    [Theory]
    [InlineData("compress a stream of bytes", 0)]
    [InlineData("read a whole text file", 1)]
    [InlineData("add some days to a date", 2)]
    [InlineData("connect to remote hosts", 3)]
    [InlineData("hashing data with sha256", 4)]
    [InlineData("look up a key in a dictionary", 5)]
    [InlineData("convert an object to json", 6)]
    [InlineData("suspend a thread for a time", 7)]
    [InlineData("square roots", 8)]
    [InlineData("xml reader element", 9)]
    [InlineData("GZip compression", 0)]
    public void A_question_is_nearest_to_the_text_that_answers_it(string question, int answer)
    {
        float[] asked = Embed(question);
        int nearest = Enumerable.Range(0, ApiTexts.Length).MaxBy(i => Dot(asked, Embed(ApiTexts[i])));
        Assert.Equal(answer, nearest);
    }

    [Theory]
    [InlineData("picture viewer", "display images", "text editor")]
    [InlineData("photo album", "image gallery", "compiler")]
    [InlineData("send email", "mail transport agent", "window manager")]
    [InlineData("obtain the size", "get the length", "throw an exception")]
    public void Words_that_stand_for_much_the_same_are_near(string text, string alike, string other) =>
        Assert.True(Dot(Embed(text), Embed(alike)) > 0.1 + Dot(Embed(text), Embed(other)),
            $"{Dot(Embed(text), Embed(alike))} and {Dot(Embed(text), Embed(other))}");

    [Fact]
    public void Words_that_are_not_in_the_table_count_by_their_letters() =>
        Assert.True(Dot(Embed("zorblaxian quxifier"), Embed("the zorblaxians")) > 0.2);

    [Theory]
    [InlineData("CompressStream", "compress stream")]
    [InlineData("XMLReader", "xml reader")]
    [InlineData("snake_case_name", "snake case name")]
    [InlineData("HELLO, world!", "hello world")]
    [InlineData("  spaces\tand\nlines ", "spaces and lines")]
    [InlineData("ÄPFEL", "äpfel")]
    public void Spelling_and_punctuation_make_no_difference(string left, string right) =>
        Assert.Equal(Embed(left), Embed(right));

    [Fact]
    public void Every_vector_has_length_one_also_of_texts_without_words()
    {
        foreach (string text in new[] { "", "  ", "!?", "a", "the", "数据库", "𝔘𝔫𝔦", new string('x', 5000), "1 2 3" })
            Assert.InRange(Dot(Embed(text), Embed(text)), 0.99999, 1.00001);
        Assert.Equal(Embed(""), Embed("..."));
        Assert.NotEqual(Embed(""), Embed("a"));
    }

    [Fact]
    public void Texts_with_nothing_in_common_are_nearly_orthogonal()
    {
        double worst = 0;
        for (int i = 0; i < 200; i++)
        {
            Random random = new(i);
            worst = Math.Max(worst, Math.Abs(Dot(Embed(Noise(random, 'a', 'm')), Embed(Noise(random, 'n', 'z')))));
        }
        Assert.InRange(worst, 0, 0.25);
    }

    [Fact]
    public void A_batch_gives_what_single_texts_give_and_so_does_every_thread()
    {
        byte[][] texts = [.. ApiTexts.Select(Encoding.UTF8.GetBytes)];
        byte[] all = [.. texts.SelectMany(text => text)];
        int[] lengths = [.. texts.Select(text => text.Length)];
        int[] starts = [.. lengths.Select((_, i) => lengths.Take(i).Sum())];
        Parallel.For(0, 8, _ =>
        {
            float[] vectors = new float[texts.Length * WordsEmbedder.Instance.Dimensions];
            WordsEmbedder.Instance.Embed(all, starts, lengths, vectors);
            for (int i = 0; i < texts.Length; i++)
                Assert.Equal(Embed(ApiTexts[i]), vectors.AsSpan(i * 384, 384).ToArray());
        });
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_taken_as_something_else_but_do_no_harm()
    {
        Random random = new(3);
        for (int i = 0; i < 300; i++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            float[] vector = new float[384];
            WordsEmbedder.Instance.Embed(bytes, [0], [bytes.Length], vector);
            Assert.InRange(Dot(vector, vector), 0.99999, 1.00001);
        }
    }

    [Fact]
    public void Embedding_allocates_nothing_per_text()
    {
        byte[] text = Encoding.UTF8.GetBytes(ApiTexts[0]);
        float[] vector = new float[384];
        int[] starts = [0], lengths = [text.Length];
        WordsEmbedder.Instance.Embed(text, starts, lengths, vector);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            WordsEmbedder.Instance.Embed(text, starts, lengths, vector);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Vectors_do_not_change_between_builds_of_one_version()
    {
        // A change here makes stored vectors wrong: it needs a new version of the embedder.
        Assert.Equal(1, WordsEmbedder.Instance.Version);
        Assert.Equal("11CEFF82E40E43EB", Fingerprint("compress a stream of bytes"));
        Assert.Equal("CD89FC7B6CD048CC", Fingerprint("Größe der XMLReader-Klasse, 数据库 1.5"));
        Assert.Equal("1C7A254E807B3FA5", Fingerprint(""));
    }

    private static string Fingerprint(string text)
    {
        byte[] bytes = [.. Embed(text).SelectMany(BitConverter.GetBytes)];
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes))[..16];
    }

    private static string Noise(Random random, char from, char to) =>
        string.Join(' ', Enumerable.Range(0, 6).Select(_ =>
        new string([.. Enumerable.Range(0, 7).Select(_ => (char)random.Next(from, to + 1))])));

    private static float[] Embed(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        float[] vector = new float[WordsEmbedder.Instance.Dimensions];
        WordsEmbedder.Instance.Embed(bytes, [0], [bytes.Length], vector);
        return vector;
    }

    private static double Dot(float[] x, float[] y) => x.Zip(y, (a, b) => (double)a * b).Sum();
}
