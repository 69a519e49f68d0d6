using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>An operator over two inputs, of which one is pushed whole before the other.</summary>
internal sealed class BinaryRows : RowSource
{
    private readonly Operator _operation;
    private readonly RowSource[] _inputs;
    private readonly int _firstPort;
    private int _port;
    private bool _isPulling;
    private bool _isEnded;

    /// <summary>Creates the node.</summary>
    /// <param name="operation">The operator.</param>
    /// <param name="left">The input of port 0.</param>
    /// <param name="right">The input of port 1.</param>
    /// <param name="firstPort">The port whose input is pushed whole before the other one.</param>
    public BinaryRows(Operator operation, RowSource left, RowSource right, int firstPort)
    {
        _operation = operation;
        _inputs = [left, right];
        _firstPort = _port = firstPort;
    }

    /// <inheritdoc/>
    public override async ValueTask OpenAsync(CancellationToken cancellation)
    {
        await _inputs[0].OpenAsync(cancellation);
        await _inputs[1].OpenAsync(cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask<ChangeBatch?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_isPulling)
            {
                if (_operation.Pull() is { } output)
                    return output;
                _isPulling = false;
            }

            if (_isEnded)
                return null;
            if (await _inputs[_port].ReadAsync(cancellation) is { } batch)
            {
                _operation.Push(batch, _port);
                _isPulling = true;
            }
            else if (_port == _firstPort)
            {
                _port = 1 - _firstPort;
            }
            else
            {
                _isEnded = true;
                _operation.Signal(OperatorSignal.End);
                _isPulling = true;
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _inputs[0].DisposeAsync();
        await _inputs[1].DisposeAsync();
        await base.DisposeAsync();
    }
}
