using System.Security.Cryptography;
using System.Text;
using StreamSQL.Engine.Roles;
using StreamSQL.Postgres.Authentication;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.UnitTests.Postgres.Authentication;

public class ScramExchangeTests
{
    private const string ClientNonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string BindingHeader = "p=tls-server-end-point,,";
    private static readonly byte[] s_salt = Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");
    private static readonly byte[] s_endPoint = [1, 2, 3, 4];

    [Fact]
    public void The_exchange_of_RFC_7677()
    {
        var exchange = Exchange(endPoint: null);
        exchange.Choose("SCRAM-SHA-256");

        Text(exchange.Begin(Bytes($"n,,n=user,r={ClientNonce}")))
            .ShouldBe($"r={ClientNonce}{ServerNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        var proof = exchange.Finish(Bytes($"c=biws,r={ClientNonce}{ServerNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));

        Text(proof!).ShouldBe("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    [Fact]
    public void A_wrong_password_gets_no_proof() => Run(Exchange(endPoint: null), ScramExchange.Plain, "n,,", [], "pen").ShouldBeNull();

    [Fact]
    public void A_mock_gives_no_proof_even_to_the_right_password() =>
        Run(new(Verifier(), isMock: true, null, ServerNonce), ScramExchange.Plain, "n,,", [], "pencil").ShouldBeNull();

    [Fact]
    public void Binding_is_offered_first_with_TLS_and_holds_for_the_same_certificate()
    {
        Exchange(s_endPoint).Mechanisms.ShouldBe(["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]);
        Exchange(endPoint: null).Mechanisms.ShouldBe(["SCRAM-SHA-256"]);
        Run(Exchange(s_endPoint), ScramExchange.Plus, BindingHeader, s_endPoint, "pencil").ShouldNotBeNull();
        Run(Exchange(s_endPoint), ScramExchange.Plus, BindingHeader, s_endPoint, "pen").ShouldBeNull();
    }

    [Fact]
    public void A_client_that_has_seen_another_certificate_is_refused() =>
        Should.Throw<FatalProtocolException>(() => Run(Exchange(s_endPoint), ScramExchange.Plus, BindingHeader, [9, 9], "pencil"))
            .SqlState.ShouldBe("28000");

    [Fact]
    public void A_client_whose_offer_of_binding_was_taken_away_between_is_refused() =>
        Should.Throw<FatalProtocolException>(() => Run(Exchange(s_endPoint), ScramExchange.Plain, "y,,", [], "pencil")).SqlState.ShouldBe(
            "28000");

    [Fact]
    public void Binding_cannot_be_chosen_without_TLS() =>
        Should.Throw<FatalProtocolException>(() => Exchange(endPoint: null).Choose(ScramExchange.Plus)).SqlState.ShouldBe("08P01");

    private static ScramVerifier Verifier() => ScramVerifier.Create("pencil", s_salt, 4096);

    private static ScramExchange Exchange(byte[]? endPoint) => new(Verifier(), isMock: false, endPoint, ServerNonce);

    /// <summary>The client's side (RFC 5802, 3).</summary>
    private static byte[]? Run(ScramExchange exchange, string mechanism, string header, byte[] endPoint, string password)
    {
        exchange.Choose(mechanism);
        var bare = $"n=user,r={ClientNonce}";
        var challenge = Text(exchange.Begin(Bytes(header + bare)));
        var final = $"c={Convert.ToBase64String([.. Bytes(header), .. endPoint])},r={ClientNonce}{ServerNonce}";
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, s_salt, 4096, HashAlgorithmName.SHA256, 32);
        var key = HMACSHA256.HashData(salted, "Client Key"u8);
        var signature = HMACSHA256.HashData(SHA256.HashData(key), Bytes($"{bare},{challenge},{final}"));
        var proof = key.Zip(signature, static (one, other) => (byte)(one ^ other)).ToArray();
        return exchange.Finish(Bytes($"{final},p={Convert.ToBase64String(proof)}"));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
