using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;

namespace StreamSQL.Data.Formats;

/// <summary>The format NONE, for keys without columns: nothing is read.</summary>
internal sealed class NoneDecoder : RecordDecoder
{
    /// <inheritdoc/>
    public override void Decode(SliceList source, Column?[] columns, DecodeErrors errors)
    {
    }
}

/// <summary>The format NONE: every record's key or value is null.</summary>
internal sealed class NoneEncoder : RecordEncoder
{
    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<Column> columns, RowSelection rows, SliceList target)
    {
        for (var i = 0; i < rows.Count; i++)
            target.AddNull();
    }
}
