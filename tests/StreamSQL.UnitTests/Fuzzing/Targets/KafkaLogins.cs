using System.Text;
using StreamSQL.Broker.Security;
using StreamSQL.Engine.Roles;

namespace StreamSQL.UnitTests.Fuzzing.Targets;

/// <summary>What a Kafka client sends that has not logged in yet: the messages of its SASL mechanism.</summary>
internal static class KafkaLogins
{
    // The example of RFC 7677.
    private const string ClientNonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static readonly ScramVerifier Verifier =
        ScramVerifier.Create("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

    private static readonly SaslOptions Users = new(
        static name => new(
            name, static _ => new(Verifier.Salt, Verifier.Iterations, Verifier.StoredKey, Verifier.ServerKey),
            static password => password == "pencil"),
        new([1]));

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("kafka-plain", PlainMessages, static input => new PlainExchange(Users).Next(input), typeof(SaslException))
            { Share = 16, IsText = true },
        new("kafka-scram-first", FirstMessages, static input => new ScramExchange(ScramMechanism.Sha256, Users, ServerNonce).Next(input), typeof(SaslException))
            { Share = 24 },
        new("kafka-scram-final", FinalMessages, Finish, typeof(SaslException)) { Share = 24 },
    ];

    private static void Finish(byte[] input)
    {
        var exchange = new ScramExchange(ScramMechanism.Sha256, Users, ServerNonce);
        exchange.Next(Encoding.UTF8.GetBytes($"n,,n=user,r={ClientNonce}"));
        exchange.Next(input);
    }

    private static IEnumerable<byte[]> PlainMessages()
    {
        yield return Encoding.UTF8.GetBytes("\0ann\0pencil");
        yield return Encoding.UTF8.GetBytes("ann\0ann\0pencil");
    }

    private static IEnumerable<byte[]> FirstMessages()
    {
        yield return Encoding.UTF8.GetBytes("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        yield return Encoding.UTF8.GetBytes("y,a=us=2Cer,n=us=2Cer,r=abc,tokenauth=true");
    }

    private static IEnumerable<byte[]> FinalMessages()
    {
        yield return Encoding.UTF8.GetBytes($"c=biws,r={ClientNonce}{ServerNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    }
}
