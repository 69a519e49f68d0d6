using StreamSQL.Data.Errors;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Authentication;

/// <summary>SASLInitialResponse: the mechanism that a client chooses, and its first message, or null.</summary>
internal sealed record SaslInitialResponse(string Mechanism, byte[]? Message)
{
    /// <summary>Reads a message body.</summary>
    /// <exception cref="SqlException">08P01: it is malformed.</exception>
    public static SaslInitialResponse Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageBodyReader(body);
        var mechanism = reader.ReadString();
        var length = reader.ReadInt32();
        var message = length == -1 ? null : reader.ReadBytes(length).ToArray();
        reader.RequireEnd();
        return new(mechanism, message);
    }
}
