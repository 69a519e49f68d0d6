using System.Text;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Tasks;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Engine.Planning;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>PRINT topic: its records as they come, as text where they are text.</summary>
internal sealed class PrintTopicStatement(EngineServices services, PrintStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool NeedsCommitted => true;

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => PrintResult.ResultColumns;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        InternalTopics.RefuseCatalog(syntax.Topic);
        var topics = await services.Tasks.Broker.GetTopicsAsync([syntax.Topic], cancellation);
        if (topics.Count == 0)
        {
            throw new SqlException(
                PostgresErrorCodes.UndefinedObject, $"topic {syntax.Topic} does not exist",
                "SHOW TOPICS lists the topics; their names keep their case.", syntax.Position);
        }

        var result = new PrintResult(services.Tasks, syntax);
        await result.OpenAsync(topics[0], cancellation);
        return result;
    }
}

/// <summary>The records of a topic, one row each.</summary>
internal sealed class PrintResult(TaskEnvironment environment, PrintStatement syntax) : StatementResult
{
    private readonly WorkerSignal _wake = new();
    private readonly List<PartitionReader> _readers = [];
    private readonly ChangeBatch _rows = new(ResultColumns.Select(static column => column.Type).ToArray());
    private long _seen;
    private long _given;
    private int _next;

    /// <summary>The columns.</summary>
    public static IReadOnlyList<ResultColumn> ResultColumns { get; } =
    [
        new("rowtime", SqlType.Timestamp), new("partition", SqlType.Integer), new("offset", SqlType.BigInt),
        new("key", SqlType.Varchar), new("value", SqlType.Varchar),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => ResultColumns;

    /// <inheritdoc/>
    public override string CommandTag => "SELECT";

    /// <inheritdoc/>
    public override bool IsContinuous => true;

    /// <summary>Fixes where reading begins.</summary>
    public async ValueTask OpenAsync(TopicMetadata topic, CancellationToken cancellation)
    {
        for (var i = 0; i < topic.PartitionCount; i++)
        {
            var partition = new TopicPartition(topic.Name, i);
            var offsets = await environment.Broker.GetOffsetsAsync(partition, cancellation);
            var start = syntax.FromBeginning ? offsets.LogStart : offsets.LastStable;
            _readers.Add(new PartitionReader(environment.Broker, partition, start, withHeaders: false, _wake.Callback));
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        while (syntax.Limit is null || _given < syntax.Limit)
        {
            cancellation.ThrowIfCancellationRequested();
            var hasRead = false;
            for (var i = 0; i < _readers.Count; i++)
            {
                var index = (_next + i) % _readers.Count;
                if (_readers[index].TryRead() is not { } run)
                    continue;
                hasRead = true;
                _next = index + 1;
                if (Fill(run, index) > 0)
                    return _rows;
            }

            if (!hasRead)
                await _wake.WaitAsync(cancellation);
        }

        return null;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers)
            await reader.DisposeAsync();

        await base.DisposeAsync();
    }

    private int Fill(RecordRun run, int partition)
    {
        _rows.Reset(run.Count);
        var count = 0;
        for (var i = 0; i < run.Count && (syntax.Limit is null || _given < syntax.Limit); i++)
        {
            if (syntax.Interval is { } interval && _seen++ % interval != 0)
                continue;
            ((FixedColumn<long>)_rows.Columns[0]).Values[count] = run.Timestamps[i];
            ((FixedColumn<int>)_rows.Columns[1]).Values[count] = partition;
            ((FixedColumn<long>)_rows.Columns[2]).Values[count] = run.Offsets[i];
            Write((BytesColumn)_rows.Columns[3], count, run.Keys, i);
            Write((BytesColumn)_rows.Columns[4], count, run.Values, i);
            count++;
            _given++;
        }

        _rows.RowCount = count;
        _rows.Selection = RowSelection.All(count);
        return count;
    }

    private static void Write(BytesColumn column, int row, SliceList source, int index)
    {
        if (source.IsNull(index))
            column.SetNull(row);
        else if (IsText(source[index]))
            column.Set(row, source[index]);
        else
            column.Set(row, Encoding.ASCII.GetBytes("\\x" + Convert.ToHexStringLower(source[index])));
    }

    private static bool IsText(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes)
        && !bytes.ContainsAnyInRange((byte)0, (byte)8);
}
