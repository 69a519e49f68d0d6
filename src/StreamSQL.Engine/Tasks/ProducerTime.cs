using System.Buffers.Binary;
using StreamSQL.Kafka.Records;

namespace StreamSQL.Engine.Tasks;

/// <summary>What a producing task says about itself in a record header of a repartition topic, once per partition and commit.</summary>
/// <param name="Producer">The task's partition of the stage before.</param>
/// <param name="StreamTime">Its stream time, milliseconds; <see cref="long.MinValue"/> when it has had no row.</param>
/// <param name="SourceOffset">The next offset that it will read of its source partition; of several partitions, the sum.</param>
internal readonly record struct ProducerTime(int Producer, long StreamTime, long SourceOffset)
{
    private const byte Version = 1;
    private const int Size = 1 + sizeof(int) + sizeof(long) + sizeof(long);

    private static ReadOnlySpan<byte> HeaderName => "streamsql.time"u8;

    /// <summary>Makes it the only header of the writer.</summary>
    public void WriteTo(RecordHeaderWriter headers)
    {
        Span<byte> value = stackalloc byte[Size];
        value[0] = Version;
        BinaryPrimitives.WriteInt32BigEndian(value[1..], Producer);
        BinaryPrimitives.WriteInt64BigEndian(value[5..], StreamTime);
        BinaryPrimitives.WriteInt64BigEndian(value[13..], SourceOffset);
        headers.Clear();
        headers.Add(HeaderName, value);
    }

    /// <summary>Finds it among a record's headers; false when the record carries none.</summary>
    /// <exception cref="InvalidDataException">It is of a version that this program does not know.</exception>
    public static bool TryRead(ReadOnlySpan<byte> headers, int count, out ProducerTime time)
    {
        var reader = new RecordHeaderReader(headers, count);
        while (reader.MoveNext())
        {
            if (!reader.Name.SequenceEqual(HeaderName))
                continue;
            var value = reader.Value;
            if (value.Length != Size || value[0] != Version)
                throw new InvalidDataException("a stream time header has an unknown format version");
            time = new ProducerTime(
                BinaryPrimitives.ReadInt32BigEndian(value[1..]), BinaryPrimitives.ReadInt64BigEndian(value[5..]),
                BinaryPrimitives.ReadInt64BigEndian(value[13..]));
            return true;
        }

        time = default;
        return false;
    }
}
