using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.State;

/// <summary>Which encoded keys a read wants.</summary>
/// <param name="Lower">The keys are not below these bytes.</param>
/// <param name="Upper">The keys are below these bytes; null for no end.</param>
internal readonly record struct KeyRange(byte[] Lower, byte[]? Upper)
{
    /// <summary>All keys.</summary>
    public static KeyRange All { get; } = new([], null);

    /// <summary>The keys of an index whose first column is within bounds.</summary>
    /// <param name="index">The index.</param>
    /// <param name="columns">How many columns its keys have.</param>
    /// <param name="bounds">The bounds.</param>
    public static KeyRange Of(KeyIndex index, int columns, KeyBounds bounds)
    {
        var range = All;
        var encoded = new KeyBatch();
        if (bounds.Lower is { } lower)
        {
            var key = Front(index, [lower], 0, encoded);
            range = range.From(bounds.IncludesLower ? key : Behind(key, isWhole: columns == 1) ?? key);
        }

        if (bounds.Upper is { } upper)
        {
            var key = Front(index, [upper], 0, encoded);
            range = range.To(bounds.IncludesUpper ? Behind(key, isWhole: columns == 1) : key);
        }

        if (bounds.TextFront is not { } text)
            return range;
        encoded.Begin(1);
        index.EncodeTextFront(text, encoded);
        encoded.End(0, 0);
        // No byte of UTF-8 is 255, nor is what ends a text.
        return range.From([.. encoded[0]]).To([.. encoded[0], byte.MaxValue]);
    }

    /// <summary>The rows of whole keys in an index whose keys go on with a window's start: one range for each key.</summary>
    /// <param name="index">The index.</param>
    /// <param name="keys">The keys' columns.</param>
    /// <param name="rows">The keys, without NULL.</param>
    /// <param name="startMin">Least start of a window.</param>
    /// <param name="startMax">Greatest start of a window.</param>
    public static KeyRange[] OfWindows(KeyIndex index, ReadOnlySpan<Column> keys, RowSelection rows, long startMin, long startMax)
    {
        var start = new FixedColumn<long>(SqlType.BigInt);
        start.Reset(1, constant: true);
        Column[] columns = [.. keys, start];
        var ranges = new KeyRange[rows.Count];
        var encoded = new KeyBatch();
        for (var i = 0; i < ranges.Length; i++)
        {
            start.Values[0] = startMin;
            var lower = Front(index, columns, rows[i], encoded);
            start.Values[0] = startMax;
            ranges[i] = new(lower, Behind(Front(index, columns, rows[i], encoded), isWhole: false));
        }

        return ranges;
    }

    /// <summary>What is left of the range above a key.</summary>
    public KeyRange After(ReadOnlySpan<byte> key) => this with { Lower = [.. key, 0] };

    private KeyRange From(byte[] key) => key.AsSpan().SequenceCompareTo(Lower) > 0 ? this with { Lower = key } : this;

    private KeyRange To(byte[]? key) =>
        key is not null && (Upper is null || key.AsSpan().SequenceCompareTo(Upper) < 0) ? this with { Upper = key } : this;

    private static byte[] Front(KeyIndex index, ReadOnlySpan<Column> columns, int row, KeyBatch encoded)
    {
        encoded.Begin(1);
        index.EncodeFront(columns, row, encoded);
        encoded.End(0, 0);
        return [.. encoded[0]];
    }

    /// <summary>The first bytes behind a whole key, or behind all keys that begin with some bytes; null where nothing is.</summary>
    private static byte[]? Behind(byte[] key, bool isWhole)
    {
        if (isWhole)
            return [.. key, 0];
        var last = key.AsSpan().LastIndexOfAnyExcept(byte.MaxValue);
        if (last < 0)
            return null;
        byte[] behind = [.. key.AsSpan(0, last + 1)];
        behind[last]++;
        return behind;
    }
}
