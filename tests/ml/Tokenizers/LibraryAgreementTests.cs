using VecSQL.Kit.Models;

namespace VecSQL.Ml.Tests.Tokenizers;

/// <summary>20,000 strings under each kind of tokenizer give the tokens that Hugging Face's library gives.</summary>
public sealed class LibraryAgreementTests
{
    private const int StringCount = 20_000;

    [NodeFact]
    public Task WordPiece_as_of_BERT() => AgreeAsync(SampleTokenizer.Bert(), seed: 1);

    [NodeFact]
    public Task Byte_pairs_as_of_RoBERTa() => AgreeAsync(SampleTokenizer.Roberta(), seed: 2);

    [NodeFact]
    public Task Byte_pairs_as_of_Llama_3() => AgreeAsync(SampleTokenizer.Llama(), seed: 3);

    [NodeFact]
    public Task Byte_pairs_as_of_Qwen() => AgreeAsync(SampleTokenizer.Qwen(), seed: 4);

    [NodeFact]
    public Task Unigram_as_of_XLM_R() => AgreeAsync(SampleTokenizer.Unigram(), seed: 5);

    [NodeFact]
    public Task Unigram_that_falls_back_to_bytes() => AgreeAsync(SampleTokenizer.Unigram(fallsBackToBytes: true), seed: 6);

    private static async Task AgreeAsync(byte[] tokenizer, ulong seed)
    {
        List<string> differences = await ForeignTokens.DifferencesAsync(SampleStrings.Make(StringCount, seed), tokenizer);
        Assert.True(differences.Count == 0, $"{differences.Count} differ:\n{string.Join('\n', differences.Take(10))}");
    }
}
