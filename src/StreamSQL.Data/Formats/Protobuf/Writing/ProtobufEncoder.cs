using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Protobuf.Schema;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Formats.Protobuf.Writing;

/// <summary>Writes rows as messages, each behind a constant prefix: the frame and the indexes of the message, or nothing.</summary>
internal sealed class ProtobufEncoder : RecordEncoder
{
    private readonly MessageWriter _message;
    private readonly byte[] _prefix;
    private readonly bool _isKey;
    private readonly WireOutput _output = new();

    /// <summary>Creates an encoder.</summary>
    /// <param name="message">The type of the messages.</param>
    /// <param name="fields">The columns.</param>
    /// <param name="prefix">What stands before each message.</param>
    /// <param name="isKey">Whether a record whose columns are all NULL is null: what has no key would
    /// else come back with one of defaults.</param>
    /// <exception cref="Errors.SqlException">22023: the message cannot hold the fields.</exception>
    public ProtobufEncoder(ProtoMessage message, IReadOnlyList<FormatField> fields, byte[] prefix, bool isKey)
    {
        _message = WriterCompiler.Compile(message, [.. fields.Select(static field => new StructField(field.Name, field.Type))], "");
        _prefix = prefix;
        _isKey = isKey;
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<Column> columns, RowSelection rows, SliceList target)
    {
        _message.Bind(columns);
        foreach (var row in rows)
        {
            if (_isKey && IsAllNull(columns, row))
            {
                target.AddNull();
                continue;
            }

            _output.Clear();
            _message.Write(_output, row);
            _output.Bytes(_prefix);
            target.Append(_output.Written);
        }
    }

    private static bool IsAllNull(ReadOnlySpan<Column> columns, int row)
    {
        foreach (var column in columns)
        {
            if (!column.IsNull(row))
                return false;
        }

        return true;
    }
}
