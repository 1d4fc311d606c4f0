using System.Text;
using VecSQL.Text.Tokens;
using Xunit;

namespace VecSQL.Text.Tests.Tokens;

/// <summary>Which tokens there are, suites hold against PostgreSQL's; here is what holds for every text.</summary>
public sealed class TokenReaderTests
{
    private static readonly string[] Pieces =
    [
        "a", "b", "é", "1", "0", ".", "-", "_", "@", "/", ":", " ", "<", ">", "&", ";", "#", "~", "\"", "'", "+", "e", "x", "日", "\u0301", "𝐚",
    ];

    [Fact]
    public void Every_byte_is_of_a_token_and_parts_lie_in_what_they_are_parts_of()
    {
        Random random = new(5);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => Pieces[random.Next(Pieces.Length)])));
            if (text.Contains((byte)'<'))
                continue; // a tag's open quotes may hide the end of a text, as PostgreSQL has it
            int covered = 0;
            TokenReader tokens = new(text);
            while (tokens.MoveNext())
            {
                Assert.True(tokens.Start <= covered && tokens.End > tokens.Start);
                covered = Math.Max(covered, tokens.End);
            }
            Assert.Equal(text.Length, covered);
        }
    }

    [Theory]
    [InlineData("a_")]
    [InlineData("a.")]
    [InlineData("a-1.")]
    [InlineData("1_")]
    [InlineData("a@")]
    [InlineData("<!--")]
    [InlineData("&a")]
    [InlineData("../")]
    public void Texts_made_to_be_tried_again_and_again_are_read_to_their_end(string piece)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, 50_000)));
        int end = 0;
        TokenReader tokens = new(text);
        while (tokens.MoveNext())
            end = Math.Max(end, tokens.End);
        Assert.Equal(text.Length, end);
    }
}
