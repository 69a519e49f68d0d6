using System.Threading.Channels;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Commands;

namespace StreamSQL.UnitTests.Postgres.Support;

/// <summary>Statements with answers made up by a test; all others go to the session.</summary>
internal sealed class ScriptedStatements
{
    private readonly Dictionary<string, ScriptedStatement> _statements = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds a statement whose rows have one BIGINT column: the given numbers, in batches of two.</summary>
    public ScriptedStatements Numbers(string sql, string column, params long[] numbers)
    {
        _statements[sql] = new(column, SqlType.BigInt, [], _ => new ScriptedResult(column, numbers));
        return this;
    }

    /// <summary>Adds a statement that gives back its parameter.</summary>
    public ScriptedStatements Echo(string sql, SqlType type)
    {
        _statements[sql] = new("echo", type, [type], values => new ScriptedResult("echo", type, values[0]));
        return this;
    }

    /// <summary>Adds a statement that fails when it is executed.</summary>
    public ScriptedStatements Failing(string sql, SqlException error)
    {
        _statements[sql] = new("x", SqlType.BigInt, [], _ => throw error);
        return this;
    }

    /// <summary>Adds a push query: its rows are what the test writes to the channel.</summary>
    public Channel<long> Push(string sql, string column)
    {
        var rows = Channel.CreateUnbounded<long>();
        _statements[sql] = new(column, SqlType.BigInt, [], _ => new ScriptedPushResult(column, rows.Reader));
        return rows;
    }

    /// <summary>What a session's statements run with.</summary>
    public StatementRunner RunnerFor(Session session) => new(
        session.Parse,
        (parsed, types) => Find(parsed) is { } scripted
            ? new PreparedStatement(parsed, scripted.Parameters, [new ResultColumn(scripted.Column, scripted.Type)])
            : session.Prepare(parsed, types),
        (prepared, values, cancellation) => Find(prepared.Parsed) is { } scripted
            ? new(scripted.Execute(values))
            : session.ExecuteAsync(prepared, values, cancellation),
        session.OpenInsert);

    // The query inside DECLARE or COPY has the text of the whole statement.
    private ScriptedStatement? Find(ParsedStatement parsed) =>
        _statements.Where(entry => parsed.Text.Contains(entry.Key, StringComparison.OrdinalIgnoreCase)).Select(static entry => entry.Value)
            .FirstOrDefault();

    private sealed record ScriptedStatement(string Column, SqlType Type, IReadOnlyList<SqlType> Parameters,
        Func<IReadOnlyList<object?>, StatementResult> Execute);
}

/// <summary>Rows that are there from the start.</summary>
internal sealed class ScriptedResult : StatementResult
{
    private readonly Queue<ChangeBatch> _batches = new();

    public ScriptedResult(string column, long[] numbers)
    {
        Columns = [new ResultColumn(column, SqlType.BigInt)];
        foreach (var chunk in numbers.Chunk(2))
            _batches.Enqueue(Batches.Of(chunk));
    }

    public ScriptedResult(string column, SqlType type, object? value)
    {
        Columns = [new ResultColumn(column, type)];
        var batch = new ChangeBatch([type]);
        batch.Reset(1);
        Batches.Set(batch.Columns[0], 0, value);
        _batches.Enqueue(batch);
    }

    public override IReadOnlyList<ResultColumn> Columns { get; }

    public override string CommandTag => "SELECT";

    public override ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(_batches.TryDequeue(out var batch) ? batch : null);
    }
}

/// <summary>Rows that come when the test says so.</summary>
internal sealed class ScriptedPushResult(string column, ChannelReader<long> rows) : StatementResult
{
    public override IReadOnlyList<ResultColumn> Columns { get; } = [new ResultColumn(column, SqlType.BigInt)];

    public override string CommandTag => "SELECT";

    public override bool IsContinuous => true;

    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation) =>
        await rows.WaitToReadAsync(cancellation) && rows.TryRead(out var number) ? Batches.Of(number) : null;
}

/// <summary>Batches made by hand.</summary>
internal static class Batches
{
    public static ChangeBatch Of(params long[] numbers)
    {
        var batch = new ChangeBatch([SqlType.BigInt]);
        batch.Reset(numbers.Length);
        for (var i = 0; i < numbers.Length; i++)
            Set(batch.Columns[0], i, numbers[i]);
        return batch;
    }

    /// <summary>Sets a value: bool, int, long, double, Int128, Interval, NumericValue, string, byte[], object?[] or null.</summary>
    public static void Set(Column column, int row, object? value)
    {
        switch (column, value)
        {
            case (_, null):
                column.SetNull(row);
                break;
            case (FixedColumn<byte> c, bool v):
                c.Values[row] = v ? (byte)1 : (byte)0;
                break;
            case (FixedColumn<int> c, int v):
                c.Values[row] = v;
                break;
            case (FixedColumn<long> c, long v):
                c.Values[row] = v;
                break;
            case (FixedColumn<double> c, double v):
                c.Values[row] = v;
                break;
            case (FixedColumn<Int128> c, Int128 v):
                c.Values[row] = v;
                break;
            case (FixedColumn<Interval> c, Interval v):
                c.Values[row] = v;
                break;
            case (BytesColumn c, NumericValue v):
                NumericColumns.Set(c, row, v);
                break;
            case (BytesColumn c, string v):
                c.Set(row, System.Text.Encoding.UTF8.GetBytes(v));
                break;
            case (BytesColumn c, byte[] v):
                c.Set(row, v);
                break;
            case (ArrayColumn c, object?[] v):
                var start = c.Allocate(row, v.Length);
                for (var i = 0; i < v.Length; i++)
                    Set(c.Elements, start + i, v[i]);
                break;
            case (StructColumn c, object?[] v):
                for (var i = 0; i < v.Length; i++)
                    Set(c.Fields[i], row, v[i]);
                break;
            default:
                throw new ArgumentException($"{value.GetType()} does not go into {column.Type}");
        }
    }
}
