using StreamSQL.Data.Batches;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>
/// COPY ... FROM STDIN on its way: bytes become rows, and rows are appended some hundred at a time, so that a file of any size takes no
/// more memory than a small one. What was appended stays when a later row is bad: its error says from which line on the rows are missing.
/// In a transaction rows are held, and none stays.
/// </summary>
internal sealed class CopyIn
{
    private readonly RowInserter _target;
    private readonly CopyRows _rows;
    private readonly CopyReader _reader;

    /// <summary>Begins with nothing read.</summary>
    public CopyIn(RowInserter target, CopyOptions options, TextSettings settings, int maxRowBytes)
    {
        _target = target;
        IsBinary = options.Format == CopyFormatKind.Binary;
        _rows = new CopyRows(target.Target, target.Columns, IsBinary, settings);
        _reader = CopyReader.Create(options, _rows, maxRowBytes);
    }

    /// <summary>Whether the data is binary.</summary>
    public bool IsBinary { get; }

    /// <summary>Values of a row.</summary>
    public int ColumnCount => _rows.ColumnCount;

    /// <summary>Rows appended.</summary>
    public long RowsAppended { get; private set; }

    /// <summary>Takes a piece of the data.</summary>
    /// <exception cref="SqlException">It is malformed, or a row cannot be in the target.</exception>
    public ValueTask AcceptAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        _reader.Append(data.Span);
        return ReadRowsAsync(isLast: false, cancellation);
    }

    /// <summary>Ends the data and appends what is left.</summary>
    /// <exception cref="SqlException">It is malformed, or a row cannot be in the target.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        await ReadRowsAsync(isLast: true, cancellation);
        await AppendAsync(cancellation);
    }

    private async ValueTask ReadRowsAsync(bool isLast, CancellationToken cancellation)
    {
        while (TryRead(isLast))
        {
            if (_rows.IsFull)
                await AppendAsync(cancellation);
        }
    }

    private bool TryRead(bool isLast)
    {
        try
        {
            return _reader.TryRead(isLast);
        }
        catch (SqlException error) when (RowsAppended > 0 && !_target.IsHeld)
        {
            throw Kept(error);
        }
    }

    private async ValueTask AppendAsync(CancellationToken cancellation)
    {
        if (_rows.Count == 0)
            return;
        ChangeBatch batch;
        try
        {
            batch = _rows.ToBatch();
        }
        catch (SqlException error) when (RowsAppended > 0 && !_target.IsHeld)
        {
            throw Kept(error);
        }

        await _target.AppendAsync(batch, cancellation);
        RowsAppended += _rows.Count;
        _rows.Clear();
    }

    private SqlException Kept(SqlException error) => new(
        error.SqlState, error.Message, error.Hint, detail: $"The first {RowsAppended} rows have been written and stay.",
        inner: error) { Context = error.Context };
}
