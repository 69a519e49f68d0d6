using StreamSQL.Data.Batches;

namespace StreamSQL.Engine.Operators;

/// <summary>An operator that gives at most one output batch for each input batch and holds nothing back.</summary>
internal abstract class BatchOperator : Operator
{
    private ChangeBatch? _input;

    /// <inheritdoc/>
    public sealed override void Push(ChangeBatch input, int port = 0)
    {
        _input = input;
        Port = port;
    }

    /// <inheritdoc/>
    public sealed override ChangeBatch? Pull()
    {
        var input = _input;
        _input = null;
        return input is null ? null : Process(input);
    }

    /// <summary>The port that the input came in by.</summary>
    protected int Port { get; private set; }

    /// <summary>The output for an input; null for none.</summary>
    protected abstract ChangeBatch? Process(ChangeBatch input);

    /// <summary>Whether a batch has something to tell: rows, or how far stream time has come.</summary>
    protected static bool IsWorthGiving(ChangeBatch batch) => batch.Selection.Count > 0 || batch.StreamTime is not null;
}
