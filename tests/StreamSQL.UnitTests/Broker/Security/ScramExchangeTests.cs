using System.Security.Cryptography;
using System.Text;
using StreamSQL.Broker.Security;
using StreamSQL.Engine.Roles;

namespace StreamSQL.UnitTests.Broker.Security;

/// <summary>The exchange of RFC 7677, section 3, and what is refused.</summary>
public class ScramExchangeTests
{
    private const string ClientNonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string First = $"n,,n=user,r={ClientNonce}";
    private const string Bound = $"c=biws,r={ClientNonce}{ServerNonce}";
    private const string Final = $"{Bound},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    [Fact]
    public void The_example_of_the_RFC_logs_in()
    {
        ScramExchange exchange = Open();

        Say(exchange, First).ShouldBe($"r={ClientNonce}{ServerNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        exchange.User.ShouldBeNull();
        Say(exchange, Final).ShouldBe("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        exchange.User.ShouldBe("user");
    }

    [Theory]
    [InlineData("")]
    [InlineData("n,,n=user")]
    [InlineData("n,,r=abc,n=user")]
    [InlineData("p=tls-unique,,n=user,r=abc")] // there is no channel binding
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=us=er,r=abc")] // = stands for itself only as =3D
    [InlineData("n,,m=ext,n=user,r=abc")]
    [InlineData("n,a=other,n=user,r=abc")]
    public void A_first_message_that_makes_no_sense_is_refused(string first) => Should.Throw<SaslException>(() => Say(Open(), first));

    [Theory]
    [InlineData("")]
    [InlineData(Bound)] // no proof
    [InlineData($"c=eSws,r={ClientNonce}{ServerNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")] // of another header: y,,
    [InlineData($"c=biws,r={ClientNonce}{ServerNonce}x,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData($"c=biws,r={ServerNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData($"{Bound},p=dHzbZapWIk4=")]
    [InlineData($"{Bound},p=!!!!")]
    [InlineData($"{Bound},p=AHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")] // a wrong one
    public void A_last_message_that_proves_nothing_is_refused(string final)
    {
        ScramExchange exchange = Open();
        Say(exchange, First);
        Should.Throw<SaslException>(() => Say(exchange, final));
        exchange.User.ShouldBeNull();
    }

    [Fact]
    public void Who_is_not_there_is_asked_like_anybody_and_refused_like_with_a_wrong_password()
    {
        string challenge = Say(Open(), "n,,n=nobody,r=abc");
        Say(Open(), "n,,n=nobody,r=abc").ShouldBe(challenge); // the same salt each time
        challenge.ShouldEndWith(",i=4096");

        string unknown = Refusal("n,,n=nobody,r=abc", "abc");
        unknown.ShouldBe(Refusal("n,,n=user,r=abc", "abc"));

        static string Refusal(string first, string nonce)
        {
            ScramExchange exchange = Open();
            Say(exchange, first);
            string final = $"c=biws,r={nonce}{ServerNonce},p={Convert.ToBase64String(new byte[32])}";
            return Should.Throw<SaslException>(() => Say(exchange, final)).Message;
        }
    }

    [Fact]
    public void Names_may_have_commas_and_equals_signs()
    {
        string? asked = null;
        var options = new SaslOptions(name => { asked = name; return null; }, new([1]));
        Say(new ScramExchange(ScramMechanism.Sha256, options, ServerNonce), "n,,n=a=2Cb=3D2C,r=abc");
        asked.ShouldBe("a,b=2C");
    }

    [Fact]
    public void A_password_of_the_other_mechanism_is_none()
    {
        var exchange = new ScramExchange(ScramMechanism.Sha512, new(Find, new([1, 2, 3])), ServerNonce);
        string challenge = Say(exchange, First);
        challenge.ShouldNotContain("W22ZaJ0SNY7soEsUEjb6gQ==");
        string final = $"{Bound},p={Convert.ToBase64String(new byte[64])}";
        Should.Throw<SaslException>(() => Say(exchange, final)).Message.ShouldContain("SCRAM-SHA-512");
    }

    [Fact]
    public void Sha512_proves_what_a_client_computes_by_the_RFC()
    {
        byte[] salt = [1, 2, 3, 4];
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2("pencil", salt, 4096, HashAlgorithmName.SHA512, 64);
        ScramCredential kept = ScramMechanisms.CredentialOf(ScramMechanism.Sha512, salt, 4096, salted);
        var exchange = new ScramExchange(
            ScramMechanism.Sha512, new(name => new(name, mechanism => mechanism == ScramMechanism.Sha512 ? kept : null, _ => false), new([1])),
            ServerNonce);

        string challenge = Say(exchange, First);
        challenge.ShouldBe($"r={ClientNonce}{ServerNonce},s={Convert.ToBase64String(salt)},i=4096");
        byte[] exchanged = Encoding.UTF8.GetBytes($"{First[3..]},{challenge},{Bound}");
        byte[] clientKey = HMACSHA512.HashData(salted, "Client Key"u8);
        byte[] signature = HMACSHA512.HashData(SHA512.HashData(clientKey), exchanged);
        byte[] proof = [.. clientKey.Zip(signature, static (key, sign) => (byte)(key ^ sign))];

        string answer = Say(exchange, $"{Bound},p={Convert.ToBase64String(proof)}");

        byte[] serverKey = HMACSHA512.HashData(salted, "Server Key"u8);
        answer.ShouldBe("v=" + Convert.ToBase64String(HMACSHA512.HashData(serverKey, exchanged)));
        exchange.User.ShouldBe("user");
    }

    private static ScramExchange Open() => new(ScramMechanism.Sha256, new(Find, new([1, 2, 3])), ServerNonce);

    private static SaslUser? Find(string name)
    {
        if (name != "user")
            return null;
        ScramVerifier verifier = ScramVerifier.Create("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
        var credential = new ScramCredential(verifier.Salt, verifier.Iterations, verifier.StoredKey, verifier.ServerKey);
        return new(name, mechanism => mechanism == ScramMechanism.Sha256 ? credential : null, verifier.Matches);
    }

    private static string Say(ScramExchange exchange, string message) =>
        Encoding.UTF8.GetString(exchange.Next(Encoding.UTF8.GetBytes(message)));
}
