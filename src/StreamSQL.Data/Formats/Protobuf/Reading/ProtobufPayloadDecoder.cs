using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Protobuf.Schema;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Protobuf.Reading;

/// <summary>
/// Decodes payloads that begin with the indexes of their message. Neighbours with the same indexes are decoded as one run.
/// </summary>
internal sealed class ProtobufPayloadDecoder : PayloadDecoder
{
    private readonly ProtoFile _file;
    private readonly StructField[] _columns;
    private readonly Dictionary<ProtoMessage, ProtobufRows> _messages = [];

    /// <summary>Creates a decoder for a writer's schema.</summary>
    public ProtobufPayloadDecoder(ProtoFile file, IReadOnlyList<FormatField> fields)
    {
        _file = file;
        _columns = [.. fields.Select(static field => new StructField(field.Name, field.Type))];
    }

    /// <inheritdoc/>
    public override void Attach(byte[] buffer, Column?[] columns) => SharedBuffer.Attach(buffer, columns, withBytes: true);

    /// <inheritdoc/>
    public override void Decode(SliceList source, int first, int end, Column?[] columns, DecodeErrors errors)
    {
        while (first < end)
        {
            var row = first;
            while (row < end && source.IsNull(row))
                row++;
            if (row == end)
            {
                SetNulls(first, end, columns);
                return;
            }

            var at = source.Starts[row];
            var message = MessageIndexes.Read(_file, source.Buffer, ref at, source.Starts[row] + source.Lengths[row], out var fault);
            if (message is null)
            {
                SetNulls(first, row + 1, columns);
                errors.Report(row, errors.WantsReason ? Describe(fault) : "");
                first = row + 1;
                continue;
            }

            var indexes = at - source.Starts[row];
            var next = EndOfRun(source, row, end, indexes);
            RowsOf(message).Decode(source, first, next, indexes, columns, errors);
            first = next;
        }
    }

    private ProtobufRows RowsOf(ProtoMessage message)
    {
        if (!_messages.TryGetValue(message, out var rows))
            _messages.Add(message, rows = new ProtobufRows(ReaderCompiler.Compile(message, _columns, "")));
        return rows;
    }

    private static int EndOfRun(SliceList source, int row, int end, int indexes)
    {
        var prefix = source[row][..indexes];
        var next = row + 1;
        while (next < end && (source.IsNull(next) || source[next].StartsWith(prefix)))
            next++;
        return next;
    }

    private static void SetNulls(int first, int end, Column?[] columns)
    {
        for (var row = first; row < end; row++)
        {
            foreach (var column in columns)
                column?.SetNull(row);
        }
    }

    private static string Describe(WireFault fault) => fault == WireFault.UnknownMessage
        ? "the indexes before the message name none of the schema"
        : "the indexes before the message are not complete";
}
