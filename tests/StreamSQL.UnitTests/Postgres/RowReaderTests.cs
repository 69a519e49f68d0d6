using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Commands;

namespace StreamSQL.UnitTests.Postgres;

public class RowReaderTests
{
    [Fact]
    public async Task A_batch_that_is_filled_again_while_it_is_waited_for_is_read_from_its_first_row()
    {
        var result = new RefillingResult();
        await using var reader = new RowReader(result);
        result.Fill(2);
        reader.TryAdvance().ShouldBeTrue();
        reader.Skip(reader.Available);
        result.MakeWait();
        reader.TryAdvance().ShouldBeFalse();

        // The read has filled the batch, and has not ended yet.
        result.Fill(5);

        reader.TryAdvance().ShouldBeFalse();
        result.EndWait();
        await reader.WaitAsync(CancellationToken.None);
        reader.TryAdvance().ShouldBeTrue();
        reader.Available.ShouldBe(5);
        reader.TakeRow().ShouldBe(0);
    }

    /// <summary>Lends one batch again and again, as sources do.</summary>
    private sealed class RefillingResult : StatementResult
    {
        private readonly ChangeBatch _batch = new([new FixedColumn<long>(SqlType.BigInt)]);
        private TaskCompletionSource? _wait;

        public override IReadOnlyList<ResultColumn>? Columns => [new ResultColumn("N", SqlType.BigInt)];

        public override string CommandTag => "SELECT";

        public void Fill(int rows)
        {
            _batch.RowCount = rows;
            _batch.Selection = RowSelection.All(rows);
        }

        public void MakeWait() => _wait = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void EndWait() => _wait!.SetResult();

        public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
        {
            if (_wait is not null)
                await _wait.Task;
            return _batch;
        }
    }
}
