using System.Text;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Roles;
using StreamSQL.Postgres.Authentication;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.UnitTests.Fuzzing.Targets;

/// <summary>
/// What a client sends that has not been let in yet (SASL and SCRAM messages), and the texts that say who is: rules and password verifiers.
/// </summary>
internal static class PostgresLogins
{
    private const string Nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("postgres-sasl", InitialResponses, static input => SaslInitialResponse.Read(input), typeof(FatalProtocolException),
            typeof(SqlException)) { Share = 16 },
        new("postgres-scram-first", FirstMessages, static input => ScramClientFirst.Read(input), typeof(FatalProtocolException))
            { Share = 24 },
        new("postgres-scram-final", FinalMessages, static input => ScramClientFinal.Read(input), typeof(FatalProtocolException))
            { Share = 24 },
        new("postgres-hba", Rules, static input => AuthenticationRulesReader.Read(Encoding.UTF8.GetString(input), "hba"),
            typeof(AuthenticationRulesException))
        {
            Share = 16, IsText = true, AllocationFactor = 64,
        },
        new("postgres-verifier", Verifiers, static input => ScramVerifier.TryParse(Encoding.UTF8.GetString(input), out _))
            { Share = 16, IsText = true },
        new("saslprep", Passwords, static input => SaslPrep.Prepare(Encoding.UTF8.GetString(input)))
            { Share = 8, IsText = true, AllocationFactor = 256 },
    ];

    private static IEnumerable<byte[]> InitialResponses()
    {
        yield return [.. "SCRAM-SHA-256\0"u8, 0, 0, 0, 11, .. "n,,n=,r=abc"u8];
        yield return [.. "SCRAM-SHA-256-PLUS\0"u8, 255, 255, 255, 255];
    }

    private static IEnumerable<byte[]> FirstMessages()
    {
        yield return Bytes("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        yield return Bytes("y,,n=,r=abc,x=more");
        yield return Bytes("p=tls-server-end-point,,n=us=2Cer,r=abc");
    }

    private static IEnumerable<byte[]> FinalMessages()
    {
        yield return Bytes($"c=biws,r={Nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        yield return Bytes($"c=eSws,r={Nonce},x=more,y=,p=AAAA");
    }

    private static IEnumerable<byte[]> Rules()
    {
        yield return Bytes("# remark\nlocal all all trust\nhost \"all\" ann,bob 10.0.0.0/8 scram-sha-256\n");
        yield return Bytes("hostssl orders carol ::1/128 reject\r\nhostnossl all all samehost trust\n");
        yield return Bytes("host all all 192.168.7.0/24 scram-sha-256\nhost all all \\\n all trust\n");
    }

    private static IEnumerable<byte[]> Verifiers()
    {
        yield return Bytes(ScramVerifier.Create("pencil", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], 4096).Format());
        yield return Bytes("SCRAM-SHA-256$1:AA==$AA==:AA==");
    }

    private static IEnumerable<byte[]> Passwords()
    {
        yield return Bytes("I\u00adX \u00a0\u2168 \u00aa");
        yield return Bytes("\u0627\u0628 \u05d0 a\u0301\u0323 \ud83d\ude00");
        yield return Bytes("\ud55c\uae00 \u1112\u1161\u11ab \u0007");
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
