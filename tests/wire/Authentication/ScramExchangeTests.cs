using System.Security.Cryptography;
using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Engine.Access;
using VecSQL.Wire.Authentication;

namespace VecSQL.Wire.Tests.Authentication;

/// <summary>SCRAM's messages, good and bad.</summary>
public sealed class ScramExchangeTests
{
    private static readonly byte[] Certificate = [1, 2, 3];

    [Fact]
    public void The_example_of_rfc_7677_goes_through()
    {
        ScramExchange exchange = Example();
        Assert.Equal("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            exchange.Begin(ScramExchange.Plain, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"u8));
        Assert.Equal("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", exchange.Finish(
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="u8));
    }

    [Theory]
    [InlineData("pencil", ScramExchange.Plain, "n,,", true)]
    [InlineData("pencil", ScramExchange.Bound, "p=tls-server-end-point,,", true)]
    [InlineData("pencils", ScramExchange.Plain, "n,,", false)]
    [InlineData("pencils", ScramExchange.Bound, "p=tls-server-end-point,,", false)]
    [InlineData("", ScramExchange.Plain, "n,,", false)]
    public void Only_the_right_password_is_let_in(string password, string mechanism, string header, bool isRight)
    {
        ScramVerifier verifier = ScramVerifier.Create("pencil");
        ScramExchange exchange = new(verifier, Certificate);
        string? final = Run(exchange, verifier, password, mechanism, header, Certificate);
        Assert.Equal(isRight, final is not null);
    }

    [Fact]
    public void A_password_that_went_to_another_certificate_is_no_good()
    {
        ScramVerifier verifier = ScramVerifier.Create("pencil");
        ScramExchange exchange = new(verifier, Certificate);
        SqlException refused = Assert.Throws<SqlException>(
            () => Run(exchange, verifier, "pencil", ScramExchange.Bound, "p=tls-server-end-point,,", [9, 9]));
        Assert.Equal("28000: SCRAM channel binding check failed", $"{refused.State}: {refused.Message}");
    }

    [Theory]
    [InlineData("SCRAM-SHA-1", "n,,n=,r=abc", "08P01", "client selected an invalid SASL authentication mechanism")]
    [InlineData("SCRAM-SHA-256", "y,,n=,r=abc", "28000", "SCRAM channel binding negotiation error")]
    [InlineData("SCRAM-SHA-256", "p=tls-server-end-point,,n=,r=abc", "08P01", "malformed SCRAM message")]
    [InlineData("SCRAM-SHA-256-PLUS", "n,,n=,r=abc", "08P01", "malformed SCRAM message")]
    [InlineData("SCRAM-SHA-256-PLUS", "p=tls-unique,,n=,r=abc", "08P01", "unsupported SCRAM channel-binding type")]
    [InlineData("SCRAM-SHA-256", "n,a=root,n=,r=abc", "0A000", "client uses authorization identity, but it is not supported")]
    [InlineData("SCRAM-SHA-256", "n,,m=x,n=,r=abc", "0A000", "client requires an unsupported SCRAM extension")]
    [InlineData("SCRAM-SHA-256", "n,,r=abc", "08P01", "malformed SCRAM message")]
    [InlineData("SCRAM-SHA-256", "n,,n=,r=", "08P01", "malformed SCRAM message")]
    [InlineData("SCRAM-SHA-256", "n,,n=,r=a\u0001b", "08P01", "malformed SCRAM message")]
    [InlineData("SCRAM-SHA-256", "", "08P01", "malformed SCRAM message")]
    public void A_first_message_out_of_order_is_refused(string mechanism, string message, string state, string words)
    {
        ScramExchange exchange = new(ScramVerifier.Create("x"), Certificate);
        SqlException refused = Assert.Throws<SqlException>(() => exchange.Begin(mechanism, Encoding.UTF8.GetBytes(message)));
        Assert.Equal((state, words), (refused.State.Code, refused.Message));
    }

    [Theory]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO,p=AAAA", "invalid SCRAM response")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AAAA", "malformed SCRAM message")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "malformed SCRAM message")]
    [InlineData("c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AAAA", "SCRAM channel binding check failed")]
    [InlineData("r=x,c=biws,p=AAAA", "malformed SCRAM message")]
    [InlineData("", "malformed SCRAM message")]
    public void A_last_message_out_of_order_is_refused(string message, string words)
    {
        ScramExchange exchange = Example();
        exchange.Begin(ScramExchange.Plain, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"u8);
        Assert.Equal(words, Assert.Throws<SqlException>(() => exchange.Finish(Encoding.UTF8.GetBytes(message))).Message);
    }

    [Fact]
    public void Whatever_a_client_sends_it_is_refused_and_nothing_else_goes_wrong()
    {
        byte[] first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"u8.ToArray(), last = Encoding.UTF8.GetBytes(
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        Random random = new(11);
        int letIn = 0;
        for (int i = 0; i < 20_000; i++)
        {
            ScramExchange exchange = Example();
            try
            {
                exchange.Begin(ScramExchange.Plain, i % 2 == 0 ? Mutate(first, random) : first);
                letIn += exchange.Finish(i % 2 == 1 ? Mutate(last, random) : last) is null ? 0 : 1;
            }
            catch (SqlException refused)
            {
                Assert.Contains(refused.State.Code, (string[])["08P01", "28000", "0A000"]);
            }
        }
        Assert.Equal(0, letIn);
    }

    private static byte[] Mutate(byte[] message, Random random)
    {
        byte[] mutated = [.. message];
        int at = random.Next(mutated.Length - 2); // the last bits of base64 say nothing
        if (random.Next(4) == 0)
            return mutated[..at];
        mutated[at] ^= (byte)(1 + random.Next(255));
        return mutated;
    }

    private static ScramExchange Example()
    {
        const string Pencil = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ=="
            + "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
        Assert.True(ScramVerifier.TryParse(Pencil, out ScramVerifier? verifier));
        return new ScramExchange(verifier, default, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
    }

    /// <summary>The client's side.</summary>
    private static string? Run(
        ScramExchange exchange, ScramVerifier verifier, string password, string mechanism, string header, byte[] certificate)
    {
        string bare = "n=,r=fyko+d2lbbFgONRv9qkxdawL";
        string serverFirst = exchange.Begin(mechanism, Encoding.UTF8.GetBytes(header + bare));
        byte[] binding = [.. Encoding.UTF8.GetBytes(header), .. mechanism == ScramExchange.Bound ? certificate : []];
        string without = $"c={Convert.ToBase64String(binding)},{serverFirst[..serverFirst.IndexOf(',')]}";
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(password, verifier.Salt.Span, verifier.Iterations, HashAlgorithmName.SHA256, 32);
        byte[] key = HMACSHA256.HashData(salted, "Client Key"u8), stored = SHA256.HashData(key);
        byte[] signature = HMACSHA256.HashData(stored, Encoding.UTF8.GetBytes($"{bare},{serverFirst},{without}"));
        byte[] proof = [.. key.Zip(signature, (left, right) => (byte)(left ^ right))];
        return exchange.Finish(Encoding.UTF8.GetBytes($"{without},p={Convert.ToBase64String(proof)}"));
    }
}
