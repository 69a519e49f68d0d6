using System.Buffers.Binary;

namespace StreamSQL.Data.Schemas;

/// <summary>What stands before the payload of a record with a schema: a byte 0, then the schema's id, 4 bytes big-endian.</summary>
public static class SchemaFrame
{
    /// <summary>Its length.</summary>
    public const int Length = 1 + sizeof(int);

    private const byte Magic = 0;

    /// <summary>The id in a record's first bytes; false when it has no frame.</summary>
    public static bool TryReadId(ReadOnlySpan<byte> record, out int id)
    {
        var framed = record.Length >= Length && record[0] == Magic;
        id = framed ? BinaryPrimitives.ReadInt32BigEndian(record[1..]) : 0;
        return framed;
    }

    /// <summary>The frame of an id.</summary>
    public static byte[] Of(int id)
    {
        var frame = new byte[Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), id);
        return frame;
    }
}
