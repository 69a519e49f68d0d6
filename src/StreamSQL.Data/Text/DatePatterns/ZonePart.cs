using System.Text;

namespace StreamSQL.Data.Text.DatePatterns;

/// <summary>How a zone is named.</summary>
internal enum ZoneStyle : byte
{
    /// <summary>Europe/Berlin (VV).</summary>
    Id,

    /// <summary>CET, CEST (z).</summary>
    Short,

    /// <summary>Central European Standard Time (zzzz).</summary>
    Full,

    /// <summary>CET at all times (v).</summary>
    GenericShort,

    /// <summary>Central European Time (vvvv).</summary>
    GenericFull,
}

/// <summary>
/// A zone by its name. Where names are read, ids and offsets are too; a name of summer or winter time stands for the zone, as in Java.
/// </summary>
internal sealed class ZonePart(ZoneStyle style) : DatePatternPart
{
    /// <inheritdoc/>
    public override PatternNeeds Needs => PatternNeeds.Zone;

    private const int MaxNameLength = 64;

    private readonly OffsetPart _offset = new(OffsetStyle.ColonMinutes, usesZ: true);

    /// <inheritdoc/>
    public override int MaxLength => 3 * MaxNameLength;

    /// <inheritdoc/>
    public override bool TryRead(ref ReadOnlySpan<byte> text, ref DateFieldValues values)
    {
        if (!text.IsEmpty && text[0] is (byte)'+' or (byte)'-')
            return _offset.TryRead(ref text, ref values);
        if (style != ZoneStyle.Id && ZoneTexts.TryRead(ref text, out var named))
        {
            (values.HasZone, values.Zone) = (true, named);
            return true;
        }

        var length = 0;
        while (length < text.Length && length < MaxNameLength && IsOfName(text[length]))
            length++;
        var name = text[..length];
        text = text[length..];
        if (name.Length == 1 && (name[0] | 0x20) == 'z')
        {
            values.HasOffset = true;
            return true;
        }

        if (name.Length > 3 && (name.StartsWith("GMT"u8) || name.StartsWith("UTC"u8)) && name[3] is (byte)'+' or (byte)'-')
            return TryReadOffset(name[3..], ref values);
        values.HasZone = Zones.TryFind(name, out values.Zone);
        return values.HasZone;
    }

    /// <inheritdoc/>
    public override int Write(in LocalMoment moment, Span<byte> target)
    {
        var name = ZoneTexts.Of(moment, style);
        return Encoding.UTF8.GetBytes(name.AsSpan(0, Math.Min(name.Length, MaxNameLength)), target);
    }

    // UTC+2 and UTC+02:00.
    private bool TryReadOffset(ReadOnlySpan<byte> offset, ref DateFieldValues values)
    {
        if (offset.Length != 2)
            return _offset.TryRead(ref offset, ref values) && offset.IsEmpty;
        values.HasOffset = true;
        values.OffsetMillis = (offset[1] - '0') * (offset[0] == '-' ? -3_600_000L : 3_600_000L);
        return char.IsAsciiDigit((char)offset[1]);
    }

    private static bool IsOfName(byte character) =>
        char.IsAsciiLetterOrDigit((char)character) || character is (byte)'/' or (byte)'_' or (byte)'-' or (byte)'+' or (byte)':';
}
