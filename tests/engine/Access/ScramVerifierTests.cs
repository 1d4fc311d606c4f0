using VecSQL.Core.Errors;
using VecSQL.Engine.Access;

namespace VecSQL.Engine.Tests.Access;

public sealed class ScramVerifierTests
{
    /// <summary>RFC 7677's example: password pencil.</summary>
    private const string Pencil =
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    [Fact]
    public void A_verifier_fits_its_password_and_no_other()
    {
        Assert.True(ScramVerifier.TryParse(Pencil, out ScramVerifier? verifier));
        Assert.Equal(Pencil, verifier.ToString());
        Assert.True(verifier.Matches("pencil"));
        Assert.False(verifier.Matches("Pencil"));
        Assert.False(verifier.Matches(""));
    }

    [Fact]
    public void Each_password_has_a_salt_of_its_own()
    {
        ScramVerifier first = ScramVerifier.Create("x"), second = ScramVerifier.Create("x");
        Assert.NotEqual(first.ToString(), second.ToString());
        Assert.True(first.Matches("x") && second.Matches("x"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("pencil")]
    [InlineData("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$x:y")]
    [InlineData("SCRAM-SHA-256$0:AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("SCRAM-SHA-256$4096:$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("SCRAM-SHA-1$4096:AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void Other_texts_are_no_verifiers(string text) => Assert.False(ScramVerifier.TryParse(text, out _));

    [Theory]
    [InlineData("I\u00ADX", "IX")] // RFC 4013's own examples
    [InlineData("user", "user")]
    [InlineData("USER", "USER")]
    [InlineData("p\u00E4ssw\u00F6rd \u65E5\u672C", "p\u00E4ssw\u00F6rd \u65E5\u672C")]
    [InlineData("a\u00A0b", "a b")]
    [InlineData("\u0007\u2168", "\u0007\u2168")] // prohibited: as it is
    [InlineData("\u0627\u0031", "\u0627\u0031")] // begins from right to left and does not end so
    [InlineData("\u2168\U0001F600", "\u2168\U0001F600")] // no character in Unicode 3.2
    public void Passwords_are_prepared_as_postgresql_does(string typed, string prepared)
    {
        Assert.Equal(prepared, SaslPrep.Prepare(typed));
        Assert.True(ScramVerifier.Create(typed).Matches(prepared));
    }

    [Theory]
    [InlineData("\u00AA")]
    [InlineData("\u2168")]
    [InlineData("a\u0308")]
    public void Passwords_that_would_need_composing_are_refused(string typed)
    {
        Assert.Null(SaslPrep.Prepare(typed));
        Assert.Equal(SqlState.FeatureNotSupported, Assert.Throws<SqlException>(() => ScramVerifier.Create(typed)).State);
    }

    [Fact]
    public void A_decoy_is_the_same_each_time_and_fits_nothing()
    {
        byte[] secret = [1, 2, 3];
        ScramVerifier first = ScramVerifier.Decoy(secret, "joe");
        Assert.Equal(first.Salt.ToArray(), ScramVerifier.Decoy(secret, "joe").Salt.ToArray());
        Assert.NotEqual(first.Salt.ToArray(), ScramVerifier.Decoy(secret, "jim").Salt.ToArray());
        Assert.False(first.Matches(""));
    }
}
