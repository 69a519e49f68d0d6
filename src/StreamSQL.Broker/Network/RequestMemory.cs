namespace StreamSQL.Broker.Network;

/// <summary>
/// The bytes of large requests that may arrive at once, over all connections (<c>queued.max.request.bytes</c>). While they are used up,
/// further large requests stay in their sockets, which slows their senders down; the first of them comes next. As in Kafka, a request may
/// begin while a single byte is left, so that one larger than the bound still comes.
/// </summary>
/// <param name="limit">The bound; negative for none.</param>
internal sealed class RequestMemory(long limit)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(TaskCompletionSource Turn, int Bytes)> _waiting = new();
    private long _taken;

    /// <summary>Bytes that are taken.</summary>
    public long Taken
    {
        get
        {
            lock (_gate)
                return _taken;
        }
    }

    private bool HasRoom => limit < 0 || _taken < limit;

    /// <summary>Takes bytes, in turn, as soon as there is room.</summary>
    public ValueTask TakeAsync(int bytes, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && HasRoom)
            {
                _taken += bytes;
                return ValueTask.CompletedTask;
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new(WaitAsync(_waiting.AddLast((turn, bytes)), cancellation));
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(int bytes)
    {
        lock (_gate)
        {
            _taken -= bytes;
            while (_waiting.First is { } next && HasRoom)
            {
                _waiting.RemoveFirst();
                _taken += next.Value.Bytes;
                next.Value.Turn.SetResult();
            }
        }
    }

    private async Task WaitAsync(LinkedListNode<(TaskCompletionSource Turn, int Bytes)> place, CancellationToken cancellation)
    {
        await using CancellationTokenRegistration registration = cancellation.Register(() => GiveUp(place, cancellation));
        await place.Value.Turn.Task;
    }

    private void GiveUp(LinkedListNode<(TaskCompletionSource Turn, int Bytes)> place, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (place.List is null)
                return; // its turn has come
            _waiting.Remove(place);
            place.Value.Turn.SetCanceled(cancellation);
        }
    }
}
