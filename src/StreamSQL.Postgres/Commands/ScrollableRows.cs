using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands;

/// <summary>
/// The rows of a SCROLL cursor, kept as far as it has gone, and where it stands: 0 is before the first row, one more than there are is
/// behind the last. It moves by the rules of PostgreSQL's FETCH.
/// </summary>
/// <param name="source">The rows of its query, which are read when they are needed.</param>
/// <param name="columns">Their columns.</param>
/// <param name="maxBytes">The most memory that kept rows take.</param>
internal sealed class ScrollableRows(RowReader source, IReadOnlyList<ResultColumn> columns, long maxBytes)
{
    private const int PageRows = 1024;

    private readonly List<Column[]> _pages = [];
    private long _count;
    private long _place;

    /// <summary>Moves, and gives the rows that it passes.</summary>
    /// <param name="direction">Which way.</param>
    /// <param name="count">How many rows, or which one; null is ALL.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SqlException">The query failed; 54000: too many rows to keep.</exception>
    public async ValueTask<StatementResult> MoveAsync(FetchDirection direction, long? count, CancellationToken cancellation)
    {
        // Everything beyond what there can be is the same as all.
        var n = Math.Clamp(count ?? long.MaxValue, -long.MaxValue / 2, long.MaxValue / 2);
        return direction switch
        {
            FetchDirection.Absolute => One(n < 0 ? await FromEndAsync(n, cancellation) : n,
                await FillAsync(n < 0 ? long.MaxValue : n, cancellation)),
            FetchDirection.Relative when n != 0 => One(_place + n, await FillAsync(_place + n, cancellation)),
            _ when n == 0 || direction == FetchDirection.Relative => Rows(_place, _place > 0 && _place <= _count ? 1 : 0, 1),
            FetchDirection.Backward when n > 0 => Backward(n),
            FetchDirection.Forward when n < 0 => Backward(-n),
            _ => await ForwardAsync(Math.Abs(n), cancellation),
        };
    }

    private async ValueTask<KeptRows> ForwardAsync(long n, CancellationToken cancellation)
    {
        await FillAsync(_place + n, cancellation);
        var first = _place + 1;
        var rows = Math.Clamp(_count - _place, 0, n);
        _place = rows < n ? _count + 1 : _place + n;
        return Rows(first, rows, 1);
    }

    private KeptRows Backward(long n)
    {
        var first = _place - 1;
        var rows = Math.Clamp(first, 0, n);
        _place = rows < n ? 0 : _place - n;
        return Rows(first, rows, -1);
    }

    private async ValueTask<long> FromEndAsync(long n, CancellationToken cancellation) =>
        await FillAsync(long.MaxValue, cancellation) + 1 + n;

    private KeptRows One(long place, long count)
    {
        _place = Math.Clamp(place, 0, count + 1);
        return Rows(_place, _place > 0 && _place <= count ? 1 : 0, 1);
    }

    private KeptRows Rows(long first, long rows, int step) => new(columns, _pages, first - 1, rows, step);

    /// <summary>Reads the query's rows up to a place or its end; gives how many are kept then.</summary>
    private async ValueTask<long> FillAsync(long place, CancellationToken cancellation)
    {
        while (_count < place)
        {
            if (!source.TryAdvance())
            {
                await source.WaitAsync(cancellation);
                continue;
            }

            if (source.Ended)
                break;
            Keep(source.Batch, source.TakeRow());
        }

        return _count;
    }

    private void Keep(ChangeBatch batch, int row)
    {
        var at = (int)(_count % PageRows);
        if (at == 0)
            AddPage();
        var page = _pages[^1];
        for (var i = 0; i < page.Length; i++)
            page[i].CopyRow(batch.Columns[i], row, at);
        _count++;
    }

    private void AddPage()
    {
        if (_pages.Sum(static page => page.Sum(static column => column.MemoryBytes)) > maxBytes)
        {
            throw new SqlException(
                PostgresErrorCodes.ProgramLimitExceeded, $"a SCROLL cursor keeps at most {maxBytes} bytes of rows",
                "Declare it NO SCROLL, or let the query give fewer rows.");
        }

        var page = columns.Select(static column => Column.Create(column.Type)).ToArray();
        foreach (var column in page)
            column.Reset(PageRows);
        _pages.Add(page);
    }

    /// <summary>A run of kept rows, forwards or backwards.</summary>
    private sealed class KeptRows(IReadOnlyList<ResultColumn> columns, List<Column[]> pages, long first, long count, int step)
        : StatementResult
    {
        private long _next = first;
        private long _left = count;

        /// <inheritdoc/>
        public override IReadOnlyList<ResultColumn> Columns => columns;

        /// <inheritdoc/>
        public override string CommandTag => "FETCH";

        /// <inheritdoc/>
        public override ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
        {
            if (_left == 0)
                return new((ChangeBatch?)null);
            var page = _next / PageRows;
            var rows = new List<int>();
            for (; _left > 0 && _next / PageRows == page && _next >= 0; _left--, _next += step)
                rows.Add((int)(_next % PageRows));
            return new(new ChangeBatch(pages[(int)page]) { RowCount = PageRows, Selection = RowSelection.Of([.. rows], rows.Count) });
        }
    }
}
