using System.Buffers.Binary;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>
/// COPY's binary format: a signature, flags and an extension; then rows of a count and values with their lengths; a count of -1 at the end.
/// </summary>
internal sealed class CopyBinaryReader(CopyRows rows, int maxRowBytes) : CopyReader(rows, maxRowBytes)
{
    private const int FixedHeaderBytes = 11 + (2 * sizeof(int));
    private const int MaxExtensionBytes = 64 * 1024;
    private const int CriticalFlags = unchecked((int)0xFFFF0000);

    private bool _headerRead;

    private static ReadOnlySpan<byte> Signature =>
        [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0];

    /// <inheritdoc/>
    protected override bool TryReadRow(bool isLast)
    {
        if (!_headerRead && !TryReadHeader())
            return isLast ? throw Malformed("COPY file signature not recognized") : false;
        if (!IsRowWhole(out var length))
            return isLast ? throw Malformed("unexpected EOF in COPY data") : false;
        var row = Rest[..length];
        Skip(length);
        if (BinaryPrimitives.ReadInt16BigEndian(row) == -1)
        {
            HasEnded = true;
            return false;
        }

        ReadFields(row[sizeof(short)..]);
        Rows.EndRow(Line++);
        return true;
    }

    private bool TryReadHeader()
    {
        var rest = Rest;
        if (rest.Length < FixedHeaderBytes)
            return false;
        if (!rest.StartsWith(Signature))
            throw Malformed("COPY file signature not recognized");
        if ((BinaryPrimitives.ReadInt32BigEndian(rest[Signature.Length..]) & CriticalFlags) != 0)
            throw Malformed("unrecognized critical flags in COPY file header");
        var extension = BinaryPrimitives.ReadInt32BigEndian(rest[(Signature.Length + sizeof(int))..]);
        if (extension is < 0 or > MaxExtensionBytes)
            throw Malformed("invalid COPY file header (wrong length)");
        if (rest.Length < FixedHeaderBytes + extension)
            return false;
        Skip(FixedHeaderBytes + extension);
        _headerRead = true;
        return true;
    }

    /// <summary>Whether all of the next row is there; checks its counts and lengths.</summary>
    private bool IsRowWhole(out int length)
    {
        var rest = Rest;
        length = sizeof(short);
        if (rest.Length < length)
            return false;
        var count = BinaryPrimitives.ReadInt16BigEndian(rest);
        if (count == -1)
            return true;
        if (count != Rows.ColumnCount)
            throw Malformed($"row field count is {count}, expected {Rows.ColumnCount}");
        for (var i = 0; i < count; i++)
        {
            if (rest.Length - length < sizeof(int))
                return false;
            var bytes = BinaryPrimitives.ReadInt32BigEndian(rest[length..]);
            length += sizeof(int);
            if (bytes < -1)
                throw Malformed("invalid field size");
            if (bytes > rest.Length - length)
                return false;
            length += Math.Max(bytes, 0);
        }

        return true;
    }

    private void ReadFields(ReadOnlySpan<byte> fields)
    {
        for (var i = 0; i < Rows.ColumnCount; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(fields);
            fields = fields[sizeof(int)..];
            if (length < 0)
            {
                Rows.SetNull(i);
                continue;
            }

            Rows.Set(i, fields[..length], Line);
            fields = fields[length..];
        }
    }
}
