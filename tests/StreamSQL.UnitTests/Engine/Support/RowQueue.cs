using StreamSQL.Engine.Sessions;

namespace StreamSQL.UnitTests.Engine.Support;

/// <summary>Takes the rows of a result one by one, however they come in batches.</summary>
internal sealed class RowQueue(StatementResult result) : IAsyncDisposable
{
    private readonly Queue<string> _rows = new();

    public StatementResult Result => result;

    public async Task<List<string>> TakeAsync(int count)
    {
        while (_rows.Count < count)
        {
            var batch = await EngineHarness.TakeAsync(result, 1);
            batch.ShouldNotBeEmpty();
            batch.ForEach(_rows.Enqueue);
        }

        return [.. Enumerable.Range(0, count).Select(_ => _rows.Dequeue())];
    }

    public ValueTask DisposeAsync() => result.DisposeAsync();
}
