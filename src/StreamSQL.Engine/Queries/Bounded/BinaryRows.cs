using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>An operator over two inputs, of which one is pushed whole before the other.</summary>
internal sealed class BinaryRows(Operator operation, RowSource left, RowSource right, int firstPort) : RowSource
{
    private readonly RowSource[] _inputs = [left, right];
    private int _port = firstPort;
    private bool _isPulling;
    private bool _isEnded;

    /// <inheritdoc/>
    public override async ValueTask OpenAsync(CancellationToken cancellation)
    {
        await left.OpenAsync(cancellation);
        await right.OpenAsync(cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_isPulling)
            {
                if (operation.Pull() is { } output)
                    return output;
                _isPulling = false;
            }

            if (_isEnded)
                return null;
            if (await _inputs[_port].ReadAsync(cancellation) is { } batch)
            {
                operation.Push(batch, _port);
                _isPulling = true;
            }
            else if (_port == firstPort)
            {
                _port = 1 - firstPort;
            }
            else
            {
                _isEnded = true;
                operation.Signal(OperatorSignal.End);
                _isPulling = true;
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await left.DisposeAsync();
        await right.DisposeAsync();
        await base.DisposeAsync();
    }
}
