using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Engine.Tasks;
using StreamSQL.Kafka.Records;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions.Writing;

/// <summary>Checks and encodes the rows that clients write to one stream or table. Not thread-safe.</summary>
internal sealed class RowEncoder
{
    private readonly int _keyCount;
    private readonly int _valueCount;
    private readonly RecordEncoder _keyEncoder;
    private readonly RecordEncoder _valueEncoder;

    private RowEncoder(SourceDefinition target, TaskEnvironment tasks)
    {
        Target = target;
        _keyCount = target.Columns.Count(static column => column.IsKey);
        _valueCount = target.Columns.Count(static column => column is { IsKey: false, Header: null });
        _keyEncoder = RecordFormats.KeyEncoder(target, tasks.Schemas);
        _valueEncoder = RecordFormats.ValueEncoder(target, tasks.Schemas);
    }

    /// <summary>The stream or table, with the ids of its schemas.</summary>
    public SourceDefinition Target { get; }

    /// <summary>Opens a stream or table, with the schemas that its records are written with.</summary>
    /// <exception cref="SqlException">The schema registry refuses a schema, does not have it, or cannot be reached.</exception>
    public static async ValueTask<RowEncoder> OpenAsync(SourceDefinition target, TaskEnvironment tasks, CancellationToken cancellation) =>
        new(await SinkSchemas.PrepareAsync(target, tasks.Schemas, cancellation), tasks);

    /// <summary>Encodes all rows of a write.</summary>
    /// <exception cref="SqlException">23502: a table's key is null; 22023: a negative time.</exception>
    public void Encode(RowWrite write)
    {
        Check(write);
        EncodeKeys(write);
        write.Values.Reset();
        if (!write.IsDelete)
            _valueEncoder.Encode(write.Rows.Columns.AsSpan(_keyCount, _valueCount), write.Rows.Selection, write.Values);
        long bytes = 0;
        for (var i = 0; i < write.Count; i++)
            bytes += Math.Max(0, write.Keys.Lengths[i]) + (write.IsDelete ? 0 : Math.Max(0, write.Values.Lengths[i]));
        write.Bytes = bytes + write.MemoryOfColumns();
    }

    /// <summary>Encodes the keys, which tell the partitions.</summary>
    public void EncodeKeys(RowWrite write)
    {
        write.Keys.Reset();
        _keyEncoder.Encode(write.Rows.Columns.AsSpan(0, _keyCount), write.Rows.Selection, write.Keys);
        write.Partitions = new int[write.Count];
        for (var i = 0; i < write.Count; i++)
            write.Partitions[i] = _keyCount == 0
                || write.Keys.IsNull(i) ? -1 : KeyPartitioner.PartitionOf(write.Keys[i], Target.Partitions);
    }

    /// <summary>Refuses rows that cannot be in the target.</summary>
    /// <exception cref="SqlException">23502: a table's key is null, or a column that is NOT NULL; 22023: a negative time.</exception>
    public void Check(RowWrite write)
    {
        var rows = write.Rows;
        foreach (var row in rows.Selection)
        {
            if (rows.RowTime.Values[row] < 0)
                throw new SqlException(PostgresErrorCodes.InvalidParameterValue, "ROWTIME must not be negative");
        }

        for (var c = 0; Target.Kind == RelationKind.Table && c < _keyCount; c++)
        {
            if (HasNull(rows.Columns[c], write))
            {
                throw new SqlException(
                    PostgresErrorCodes.NotNullViolation,
                    $"null value in primary key column {Target.Columns[c].Name} of table {Target.Name}");
            }
        }

        for (var c = 0; !write.IsDelete && c < Target.Columns.Count; c++)
        {
            if (Target.Columns[c].MaxLength is { } length && rows.Columns[c] is BytesColumn text && HasLonger(text, length, write))
            {
                throw new SqlException(
                    PostgresErrorCodes.StringDataRightTruncation, $"value too long for type character varying({length})",
                    $"It is for column {DisplayName.Of(Target.Columns[c].Name)}.");
            }

            if (Target.Columns[c].IsNotNull && HasNull(rows.Columns[c], write))
            {
                throw new SqlException(
                    PostgresErrorCodes.NotNullViolation,
                    $"null value in column \"{DisplayName.Of(Target.Columns[c].Name)}\" of relation \"{DisplayName.Of(Target.Name)}\" " +
                        "violates not-null constraint");
            }
        }
    }

    // What is too much may be spaces, which SQL would cut off.
    private static bool HasLonger(BytesColumn column, int length, RowWrite write)
    {
        foreach (var row in write.Rows.Selection)
        {
            if (!column.IsNull(row) && column[row].Length > length
                && System.Text.Encoding.UTF8.GetString(column[row].TrimEnd((byte)' ')).EnumerateRunes().Count() > length)
                return true;
        }

        return false;
    }

    private static bool HasNull(Column column, RowWrite write)
    {
        foreach (var row in write.Rows.Selection)
        {
            if (column.IsNull(row))
                return true;
        }

        return false;
    }
}
