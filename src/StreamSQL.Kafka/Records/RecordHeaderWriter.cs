using System.Buffers;

namespace StreamSQL.Kafka.Records;

/// <summary>
/// Encodes record headers for <see cref="RecordBatchBuilder.Append"/>. Reusable: call <see cref="Clear"/> between records.
/// </summary>
public sealed class RecordHeaderWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>How many headers were written.</summary>
    public int Count { get; private set; }

    /// <summary>The encoded headers. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Encoded => _buffer.WrittenSpan;

    /// <summary>Adds a header.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool hasValue = true)
    {
        WriteBytes(name);
        if (hasValue)
            WriteBytes(value);
        else
            _buffer.Advance(VarInt.WriteInt32(_buffer.GetSpan(VarInt.MaxSize32), -1));
        Count++;
    }

    /// <summary>Forgets all headers.</summary>
    public void Clear()
    {
        _buffer.ResetWrittenCount();
        Count = 0;
    }

    private void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        _buffer.Advance(VarInt.WriteInt32(_buffer.GetSpan(VarInt.MaxSize32), bytes.Length));
        _buffer.Write(bytes);
    }
}
