using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats.Avro.Reading;

/// <summary>Takes out keys that a map has more than once. Values are moved only when one is found, which is rare.</summary>
internal sealed class AvroMapKeys
{
    private readonly MapKeys _found = new();

    /// <summary>Leaves one entry of each key, with the value of the last; returns how many entries are left.</summary>
    public int RemoveRepeated(MapColumn map, int first, int count)
    {
        _found.Clear(count);
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            var entry = _found.Place(map.Keys, first, i, kept);
            if (entry < i)
            {
                if (entry == kept)
                    map.Keys.CopyRow(map.Keys, first + i, first + entry);
                map.Values.CopyRow(map.Values, first + i, first + entry);
            }

            kept = Math.Max(kept, entry + 1);
        }

        return kept;
    }
}
