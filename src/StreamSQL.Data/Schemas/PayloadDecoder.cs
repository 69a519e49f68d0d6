using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;

namespace StreamSQL.Data.Schemas;

/// <summary>
/// Turns payloads that were all written with one schema into columns: a <see cref="RecordDecoder"/>
/// without the frame, over a run of rows. Not thread-safe.
/// </summary>
public abstract class PayloadDecoder
{
    /// <summary>
    /// Lets columns share the payloads' buffer where values stay as they lie in it (<see cref="BytesColumn.Attach"/>); called once for each
    /// <see cref="RecordDecoder.Decode"/>, before its runs. Decoders that copy do nothing here, and nothing attaches anywhere else: all
    /// writers of a topic fill the same columns, so either every decoder of the format attaches a column or none does.
    /// </summary>
    public abstract void Attach(byte[] buffer, Column?[] columns);

    /// <summary>
    /// Decodes rows <paramref name="first"/> to <paramref name="end"/> (exclusive) into the same rows
    /// of the columns; the rest of the contract is that of <see cref="RecordDecoder.Decode"/>. Slices begin behind the frame.
    /// </summary>
    public abstract void Decode(SliceList source, int first, int end, Column?[] columns, DecodeErrors errors);
}
