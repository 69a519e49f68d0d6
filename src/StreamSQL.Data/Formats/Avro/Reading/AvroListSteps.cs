using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>An array as ARRAY.</summary>
internal sealed unsafe class AvroArrayStep(AvroStep element, int elementSize) : AvroStep
{
    /// <inheritdoc/>
    public override byte* Read(AvroContext context, byte* position, byte* end, Column column, int row)
    {
        var list = (ArrayColumn)column;
        var first = list.Allocate(row, 0);
        var total = 0;
        while (true)
        {
            position = context.ReadBlock(position, end, elementSize, out var count, out _);
            if (position == null || count == 0)
                break;
            // Blocks of one array lie one after the other: nothing else is allocated in between.
            var at = list.Allocate(row, (int)count);
            position = element.ReadMany(context, position, end, list.Elements, at, (int)count);
            if (position == null)
                return null;
            total += (int)count;
        }

        list.Starts[row] = first;
        list.Lengths[row] = total;
        return position;
    }
}

/// <summary>
/// A map, or an array of map entries, as MAP. Of entries with one key the last one's value counts, at the first one's place.
/// </summary>
internal sealed unsafe class AvroMapStep(AvroEntryStep entry, int entrySize) : AvroStep
{
    private readonly AvroMapKeys _keys = new();

    /// <inheritdoc/>
    public override byte* Read(AvroContext context, byte* position, byte* end, Column column, int row)
    {
        var map = (MapColumn)column;
        var first = map.Allocate(row, 0);
        var total = 0;
        while (true)
        {
            position = context.ReadBlock(position, end, entrySize, out var count, out _);
            if (position == null || count == 0)
                break;
            var at = map.Allocate(row, (int)count);
            for (var i = 0; i < (int)count; i++)
            {
                position = entry.Read(context, position, end, map, at + i);
                if (position == null)
                    return null;
                if (map.Keys.IsNull(at + i))
                    return Fail(context, AvroFault.NullKey);
            }

            total += (int)count;
        }

        map.Starts[row] = first;
        map.Lengths[row] = position == null ? 0 : _keys.RemoveRepeated(map, first, total);
        return position;
    }
}

/// <summary>
/// One entry of a map: the key, then the value, unless a record of both has them in the other order or with others between.
/// </summary>
internal sealed unsafe class AvroEntryStep(AvroFieldPart[] parts)
{
    /// <summary>The part that is the key.</summary>
    public const int Key = 0;

    /// <summary>The part that is the value.</summary>
    public const int Value = 1;

    /// <summary>Reads an entry into rows of the keys and the values.</summary>
    public byte* Read(AvroContext context, byte* position, byte* end, MapColumn map, int row)
    {
        foreach (var part in parts)
        {
            position = part.Step is { } step
                ? step.Read(context, position, end, part.Target == Key ? map.Keys : map.Values, row)
                : part.Skip!.Skip(context, position, end);
            if (position == null)
                return null;
        }

        return position;
    }
}
