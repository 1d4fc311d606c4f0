using System.Globalization;
using System.Text;
using System.Text.Json;
using VecSQL.Kit;
using VecSQL.Kit.Models;
using VecSQL.Ml.Tokenizers;
using VecSQL.Ml.Tokenizers.Files;

namespace VecSQL.Ml.Tests.Tokenizers;

/// <summary>Tokens of Hugging Face's library beside ours.</summary>
internal static class ForeignTokens
{
    /// <summary>Where the two differ: the text, what the library gives, what we give.</summary>
    internal static async Task<List<string>> DifferencesAsync(IReadOnlyList<string> texts, params byte[][] tokenizers)
    {
        string folder = Directory.CreateTempSubdirectory("vecsql-tokens-").FullName;
        try
        {
            string input = Path.Combine(folder, "texts.json");
            await File.WriteAllBytesAsync(input, JsonSerializer.SerializeToUtf8Bytes(texts));
            List<string> files = [];
            foreach (byte[] tokenizer in tokenizers)
            {
                files.Add(Path.Combine(folder, $"{files.Count}.json"));
                await File.WriteAllBytesAsync(files[^1], tokenizer);
            }
            ProgramResult result = await NodePackages.RunAsync(
                Path.Combine(AppContext.BaseDirectory, "Tokenizers", "foreign", "encode.js"), [input, .. files]);
            Assert.True(result.ExitCode == 0, result.Error);
            string[] lines = result.Output.Split('\n');
            Assert.Equal(texts.Count * tokenizers.Length, lines.Length - 1);
            return [.. tokenizers.SelectMany((tokenizer, at) =>
                Differences(tokenizer, texts, lines.AsSpan(at * texts.Count, texts.Count)))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static List<string> Differences(byte[] tokenizer, IReadOnlyList<string> texts, ReadOnlySpan<string> lines)
    {
        Tokenizer ours = TokenizerFile.Read(tokenizer, "tokenizer.json");
        List<string> differences = [];
        for (int i = 0; i < texts.Count; i++)
        {
            string got = Encode(ours, texts[i]);
            if (got != lines[i])
                differences.Add($"{Shown(texts[i])}\n  library {Cut(lines[i])}\n  ours    {Cut(got)}");
        }
        return differences;
    }

    /// <summary>Our tokens, as the script prints the library's.</summary>
    internal static string Encode(Tokenizer tokenizer, string text, int tokensMax = int.MaxValue)
    {
        TokenList tokens = new();
        tokenizer.Encode(Encoding.UTF8.GetBytes(text), tokensMax, tokens);
        return string.Join(' ', tokens.Span.ToArray().Select(id => id.ToString(CultureInfo.InvariantCulture)));
    }

    private static string Shown(string text) => Cut(string.Concat(text.EnumerateRunes().Take(60).Select(rune =>
        rune.Value is >= 0x20 and < 0x7F ? rune.ToString() : $"\\u{{{rune.Value:X}}}")));

    private static string Cut(string text) => text.Length > 300 ? text[..300] + "…" : text;
}
