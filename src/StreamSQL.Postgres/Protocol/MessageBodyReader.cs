using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Postgres.Protocol;

/// <summary>
/// Reads the fields of one message body in order. A field that does not fit into what is left is a protocol violation (08P01).
/// </summary>
internal ref struct MessageBodyReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _rest.Length;

    public byte ReadByte()
    {
        Require(sizeof(byte));
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public short ReadInt16()
    {
        Require(sizeof(short));
        var value = BinaryPrimitives.ReadInt16BigEndian(_rest);
        _rest = _rest[sizeof(short)..];
        return value;
    }

    public int ReadInt32()
    {
        Require(sizeof(int));
        var value = BinaryPrimitives.ReadInt32BigEndian(_rest);
        _rest = _rest[sizeof(int)..];
        return value;
    }

    /// <summary>Reads a count of fields that each take at least <paramref name="fieldBytes"/>, so that it can be allocated for.</summary>
    public int ReadCount(int fieldBytes)
    {
        var count = (ushort)ReadInt16();
        Require((long)count * fieldBytes);
        return count;
    }

    /// <summary>Reads that many bytes, in place.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count < 0)
            ThrowInsufficient();
        Require(count);
        var value = _rest[..count];
        _rest = _rest[count..];
        return value;
    }

    /// <summary>Reads a string that ends with a zero byte.</summary>
    /// <exception cref="SqlException">It is not UTF-8 (22021).</exception>
    public string ReadString()
    {
        var end = _rest.IndexOf((byte)0);
        if (end < 0)
            throw new SqlException(PostgresErrorCodes.ProtocolViolation, "invalid string in message");
        var value = Decode(_rest[..end]);
        _rest = _rest[(end + 1)..];
        return value;
    }

    /// <summary>Refuses a body that goes on after its last field.</summary>
    public readonly void RequireEnd()
    {
        if (!_rest.IsEmpty)
            throw new SqlException(PostgresErrorCodes.ProtocolViolation, "invalid message format");
    }

    /// <summary>UTF-8 to text.</summary>
    /// <exception cref="SqlException">It is not UTF-8 (22021).</exception>
    public static string Decode(ReadOnlySpan<byte> utf8)
    {
        RequireUtf8(utf8);
        return Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Checks that bytes are UTF-8 text without a zero, which PostgreSQL's text cannot hold.</summary>
    /// <exception cref="SqlException">They are not (22021).</exception>
    public static void RequireUtf8(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes) || bytes.Contains((byte)0))
            throw new SqlException(PostgresErrorCodes.CharacterNotInRepertoire,
                $"invalid byte sequence for encoding \"UTF8\": {FirstInvalid(bytes)}");
    }

    /// <summary>The first bytes that are no text, as PostgreSQL shows them: as many as the first of them announces.</summary>
    private static string FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        while (System.Text.Rune.DecodeFromUtf8(bytes, out var rune, out var length) == System.Buffers.OperationStatus.Done
            && rune.Value != 0)
            bytes = bytes[length..];
        var announced = bytes[0] switch { < 0x80 => 1, < 0xe0 and >= 0xc0 => 2, < 0xf0 and >= 0xe0 => 3, < 0xf8 and >= 0xf0 => 4, _ => 1 };
        return string.Join(' ', bytes[..Math.Min(announced, bytes.Length)].ToArray().Select(static value => $"0x{value:x2}"));
    }

    private readonly void Require(long bytes)
    {
        if (bytes > _rest.Length)
            ThrowInsufficient();
    }

    [DoesNotReturn]
    private static void ThrowInsufficient() =>
        throw new SqlException(PostgresErrorCodes.ProtocolViolation, "insufficient data left in message");
}
