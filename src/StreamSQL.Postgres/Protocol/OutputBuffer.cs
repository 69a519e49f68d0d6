using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Postgres.Protocol;

/// <summary>
/// Messages on their way to the pipe: a rented buffer that grows, so that lengths can be filled in behind their content. It is given back
/// when the messages are sent: an idle connection holds none. Not thread-safe.
/// </summary>
internal sealed class OutputBuffer : IBufferWriter<byte>, IDisposable
{
    /// <summary>The most bytes held: lengths are signed 32-bit, and the client has to hold a message too.</summary>
    public const int MaxBytes = 1 << 30;

    private const int FirstBytes = 1024;

    private byte[] _bytes = [];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Forgets what was written from a position on.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>What was written from a position on, to be changed in place; valid until the next write.</summary>
    public Span<byte> From(int start) => _bytes.AsSpan(start, Length - start);

    /// <summary>Forgets all and gives the buffer back.</summary>
    public void Release()
    {
        Length = 0;
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    /// <inheritdoc/>
    public void Dispose() => Release();

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(Length);
    }

    /// <summary>The next bytes, to be filled by the caller.</summary>
    public Span<byte> Take(int count)
    {
        Ensure(count);
        var taken = _bytes.AsSpan(Length, count);
        Length += count;
        return taken;
    }

    public void WriteByte(byte value) => Take(1)[0] = value;

    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(sizeof(long)), value);

    public void WriteBytes(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>Writes text as UTF-8.</summary>
    public void WriteText(ReadOnlySpan<char> value)
    {
        Ensure(Encoding.UTF8.GetMaxByteCount(value.Length));
        Length += Encoding.UTF8.GetBytes(value, _bytes.AsSpan(Length));
    }

    /// <summary>Writes text as UTF-8 with a zero byte behind it. A zero inside would end it early, so it is left out.</summary>
    public void WriteString(string value)
    {
        WriteText(value.Contains('\0', StringComparison.Ordinal) ? value.Replace("\0", "", StringComparison.Ordinal) : value);
        WriteByte(0);
    }

    /// <summary>Writes a number as decimal text.</summary>
    public void WriteNumber(long value)
    {
        const int MaxDigits = 20;
        Ensure(MaxDigits);
        value.TryFormat(_bytes.AsSpan(Length), out var written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    /// <summary>Leaves room for a 32-bit length; <see cref="EndLength"/> fills it.</summary>
    public int BeginLength()
    {
        Take(sizeof(int));
        return Length - sizeof(int);
    }

    /// <summary>Fills a length with the bytes written behind it.</summary>
    public void EndLength(int start) => BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(start), Length - start - sizeof(int));

    /// <summary>Begins a message; <see cref="EndMessage"/> fills its length.</summary>
    public int BeginMessage(BackendMessageType type)
    {
        WriteByte((byte)type);
        return BeginLength();
    }

    /// <summary>Ends a message: its length counts itself.</summary>
    public void EndMessage(int start) => BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(start), Length - start);

    private void Ensure(int count)
    {
        if (count <= _bytes.Length - Length)
            return;
        if (count > MaxBytes - Length)
            throw new SqlException(PostgresErrorCodes.ProgramLimitExceeded, $"a row or message would be longer than {MaxBytes} bytes");
        var grown = ArrayPool<byte>.Shared.Rent(
            Math.Max(FirstBytes, Math.Max(Length + count, (int)Math.Min(2L * _bytes.Length, MaxBytes))));
        Written.CopyTo(grown);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = grown;
    }
}
