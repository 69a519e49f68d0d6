using Microsoft.Extensions.Logging;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks.Input;

/// <summary>
/// What one consumer sees of decoded records: its columns, and a selection of its own. A record that does not parse in a column that it
/// wants, or whose event time is missing, is counted, logged and left out.
/// </summary>
internal sealed class SourceView
{
    private readonly SourceDefinition _source;
    private readonly IReadOnlyList<int> _columns;
    private readonly PlanSchema _schema;
    private readonly TopicPartition _partition;
    private readonly QueryCounters _counters;
    private readonly ILogger _logger;
    private readonly bool[] _wanted;
    private readonly ChangeBatch _batch;
    private FixedColumn<long>? _ownTimes;
    private FixedColumn<long>? _ownOffsets;
    private SourceColumns? _from;
    private bool[] _dropped = [];
    private int[] _rows = [];

    /// <summary>Creates a view.</summary>
    /// <param name="source">The stream or table.</param>
    /// <param name="columns">Indexes into its columns that are wanted, ascending.</param>
    /// <param name="schema">The batch's schema: those columns, with window bounds after the keys of a windowed source.</param>
    /// <param name="partition">What is read, for messages.</param>
    /// <param name="counters">Where rows are counted.</param>
    /// <param name="logger">Where bad rows are logged.</param>
    public SourceView(
        SourceDefinition source, IReadOnlyList<int> columns, PlanSchema schema, TopicPartition partition, QueryCounters counters,
        ILogger logger)
    {
        _source = source;
        _columns = columns;
        _schema = schema;
        _partition = partition;
        _counters = counters;
        _logger = logger;
        _wanted = new bool[source.Columns.Count];
        foreach (var column in columns)
            _wanted[column] = true;
        _batch = new ChangeBatch(new Column[schema.Columns.Count]) { Partition = partition.Partition };
    }

    /// <summary>The stream or table.</summary>
    public SourceDefinition Source => _source;

    /// <summary>Whether a record without a valid event time ends the query.</summary>
    public bool FailsOnBadTime { get; init; }

    /// <summary>What is read.</summary>
    public TopicPartition Partition => _partition;

    /// <summary>By index in the source: whether a column is wanted.</summary>
    public ReadOnlySpan<bool> Wanted => _wanted;

    /// <summary>The rows of a decoding, lent like them (selection may be empty).</summary>
    public ChangeBatch Show(SourceColumns from)
    {
        if (!ReferenceEquals(from, _from))
            Bind(from);
        var count = from.RowCount;
        _counters.AddRowsIn(count);
        _batch.RowCount = count;
        _batch.StreamTime = _batch.StreamTimeFloor = null;
        _batch.SetFlags(from.Flags);

        // A projection nulls what it computes for rows without a value, also where it computes nothing: ROWTIME is this very column.
        _batch.RowTime = from.Flags is null ? from.RowTime : Copy(from.RowTime, count, ref _ownTimes);
        _batch.Headers = from.Headers;
        _batch.Offsets = from.Flags is null ? from.Offsets : Copy(from.Offsets, count, ref _ownOffsets);
        _batch.Selection = from.Errors.Count == 0 && !from.HasBadTimes
            && from.RowsWithoutKey is null ? RowSelection.All(count) : SelectGood(from);
        return _batch;
    }

    private void Bind(SourceColumns from)
    {
        _from = from;
        var next = 0;
        for (var i = 0; i < _schema.Columns.Count; i++)
        {
            _batch.Columns[i] = _schema.Columns[i].Role switch
            {
                ColumnRole.WindowStart => from.WindowStarts!,
                ColumnRole.WindowEnd => from.WindowEnds!,
                _ => from[_columns[next++]],
            };
        }
    }

    private static FixedColumn<long> Copy(FixedColumn<long> source, int count, ref FixedColumn<long>? own)
    {
        own ??= new FixedColumn<long>(SqlType.BigInt);
        own.Reset(count);
        source.Values.AsSpan(0, count).CopyTo(own.Values);
        return own;
    }

    private RowSelection SelectGood(SourceColumns from)
    {
        var count = from.RowCount;
        if (_dropped.Length < count)
        {
            _dropped = new bool[Math.Max(count, 256)];
            _rows = new int[_dropped.Length];
        }

        _dropped.AsSpan(0, count).Clear();
        DropBadRecords(from);
        for (var i = 0; from.RowsWithoutKey is { } withoutKey && i < count; i++)
            _dropped[i] |= withoutKey[i];
        if (from.HasBadTimes)
            DropBadTimes(from);
        var selected = 0;
        for (var i = 0; i < count; i++)
        {
            if (!_dropped[i])
                _rows[selected++] = i;
        }

        return selected == count ? RowSelection.All(count) : RowSelection.Of(_rows, selected);
    }

    private void DropBadRecords(SourceColumns from)
    {
        var bad = 0;
        var first = int.MaxValue;
        var reason = "";
        foreach (var (column, errors) in from.Errors)
        {
            if (column != ColumnErrors.WholeRow && column != from.TimeIndex && !_wanted[column])
                continue;
            foreach (var row in errors.Rows)
            {
                bad += _dropped[row] ? 0 : 1;
                _dropped[row] = true;
            }

            if (errors.Rows[0] >= first)
                continue;
            first = errors.Rows[0];
            reason = errors.FirstReason;
        }

        if (bad > 0)
            Report(bad, from.Offsets[first], reason);
    }

    private void DropBadTimes(SourceColumns from)
    {
        var bad = 0;
        var first = 0;
        for (var i = 0; i < from.RowCount; i++)
        {
            if (from.RowTime.Values[i] >= 0 || _dropped[i])
                continue;
            first = bad++ == 0 ? i : first;
            _dropped[i] = true;
        }

        if (bad == 0)
            return;
        var reason = _source.TimestampColumn is null ? "the timestamp is negative"
            : $"no valid timestamp in column {_source.TimestampColumn}";
        if (FailsOnBadTime)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidDatetimeFormat,
                $"Fatal user code error in TimestampExtractor callback for record at {_partition.Topic} partition " +
                    $"{_partition.Partition} offset {from.Offsets[first]}: {reason}");
        }

        Report(bad, from.Offsets[first], reason);
    }

    private void Report(int rows, long firstOffset, string reason)
    {
        var message = $"{_partition.Topic} partition {_partition.Partition} offset {firstOffset}: {reason}";
        _counters.AddBadRows(rows, message);
        TaskLog.BadRecords(_logger, rows, _source.Name, message);
    }
}
