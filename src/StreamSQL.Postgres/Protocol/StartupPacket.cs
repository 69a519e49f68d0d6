using System.Text;
using Npgsql;

namespace StreamSQL.Postgres.Protocol;

/// <summary>What a client sends first: a request for encryption, a request to cancel, or the start of a session.</summary>
internal abstract record StartupPacket
{
    /// <summary>The newest protocol version that is spoken: 3.2 (longer cancel keys than 3.0).</summary>
    public const int NewestVersion = (3 << 16) | 2;

    private const int CancelCode = (1234 << 16) | 5678;
    private const int SslCode = (1234 << 16) | 5679;
    private const int GssCode = (1234 << 16) | 5680;

    /// <summary>Reads a packet without its length.</summary>
    /// <exception cref="FatalProtocolException">It makes no sense, or asks for another major version.</exception>
    public static StartupPacket Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageBodyReader(body);
        var code = reader.ReadInt32();
        switch (code)
        {
            case SslCode or GssCode:
                return new EncryptionRequest(IsGss: code == GssCode);
            case CancelCode when reader.Remaining is >= sizeof(int) + BackendKey.ShortSecretBytes
                and <= sizeof(int) + BackendKey.MaxSecretBytes:
                return new CancelRequest(reader.ReadInt32(), reader.ReadBytes(reader.Remaining).ToArray());
        }

        if (code >> 16 != NewestVersion >> 16)
        {
            throw new FatalProtocolException(
                PostgresErrorCodes.FeatureNotSupported,
                $"unsupported frontend protocol {code >> 16}.{code & 0xFFFF}: server supports 3.0 to 3.2");
        }

        return new StartupMessage(code, ReadParameters(body[sizeof(int)..]));
    }

    /// <summary>Names and values, each ended by a zero byte, and a zero byte at the end.</summary>
    private static List<KeyValuePair<string, string>> ReadParameters(ReadOnlySpan<byte> rest)
    {
        var parameters = new List<KeyValuePair<string, string>>();
        while (true)
        {
            var name = ReadString(ref rest);
            if (name.Length == 0)
                break;
            parameters.Add(new(name, ReadString(ref rest)));
        }

        if (!rest.IsEmpty)
            FatalProtocolException.ThrowViolation("invalid startup packet layout: expected terminator as last byte");
        return parameters;
    }

    private static string ReadString(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)0);
        if (end < 0)
            FatalProtocolException.ThrowViolation("invalid startup packet layout: expected terminator as last byte");
        var value = Encoding.UTF8.GetString(rest[..end]);
        rest = rest[(end + 1)..];
        return value;
    }
}

/// <summary>SSLRequest or GSSENCRequest: answered with one byte.</summary>
internal sealed record EncryptionRequest(bool IsGss) : StartupPacket;

/// <summary>CancelRequest: the whole content of its connection.</summary>
internal sealed record CancelRequest(int ProcessId, byte[] Secret) : StartupPacket;

/// <summary>StartupMessage: protocol version, user, database, settings.</summary>
internal sealed record StartupMessage(int Version, IReadOnlyList<KeyValuePair<string, string>> Parameters) : StartupPacket
{
    private const string ProtocolOptionPrefix = "_pq_.";

    /// <summary>The version that is spoken with this client.</summary>
    public int AgreedVersion => Math.Min(Version, NewestVersion);

    /// <summary>Protocol options that the client asks for; none is known.</summary>
    public IReadOnlyList<string> ProtocolOptions =>
        [.. Parameters.Select(static p => p.Key).Where(static name => name.StartsWith(ProtocolOptionPrefix, StringComparison.Ordinal))];

    /// <summary>The value of a parameter, or null.</summary>
    public string? Find(string name) => Parameters.Where(p => p.Key == name).Select(static p => p.Value).LastOrDefault();

    /// <summary>The settings that the session begins with: those of <c>options</c> first, as in PostgreSQL.</summary>
    /// <exception cref="FatalProtocolException"><c>options</c> holds something else than settings.</exception>
    public IEnumerable<KeyValuePair<string, string>> Settings() => CommandLineOptions.Read(Find("options") ?? "")
        .Concat(Parameters.Where(static p =>
            p.Key is not ("user" or "database" or "options" or "replication")
                && !p.Key.StartsWith(ProtocolOptionPrefix, StringComparison.Ordinal)));
}
