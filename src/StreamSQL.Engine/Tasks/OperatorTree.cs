using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks.Output;

namespace StreamSQL.Engine.Tasks;

/// <summary>Where batches go within a task.</summary>
/// <param name="Operator">The index of the operator; below 0 the complement of a sink's index.</param>
/// <param name="Port">The side of an operator with two inputs: 0 is left.</param>
internal readonly record struct OperatorTarget(int Operator, int Port);

/// <summary>An operator, and where its results go: to a later one, or to a sink.</summary>
internal sealed record OperatorLink(Operator Operator, OperatorTarget Target);

/// <summary>
/// The operators of one task, each feeding a later one or a sink. When the sinks hold enough, an operator whose state tells what is still
/// to come is left until <see cref="GoOn"/>. Single-threaded.
/// </summary>
internal sealed class OperatorTree
{
    private readonly Operator[] _operators;
    private readonly OperatorTarget[] _targets;
    private readonly OperatorTarget[] _entries;
    private readonly IReadOnlyList<TaskSink> _sinks;
    private readonly Func<bool>? _isFull;

    /// <summary>Creates a tree.</summary>
    /// <param name="operators">The operators, each after those that feed it.</param>
    /// <param name="entries">Where the batches of each input go.</param>
    /// <param name="sinks">Take what comes out.</param>
    /// <param name="isFull">Whether the sinks hold enough for a commit; null when they take everything.</param>
    public OperatorTree(IReadOnlyList<OperatorLink> operators, IReadOnlyList<OperatorTarget> entries, IReadOnlyList<TaskSink> sinks,
        Func<bool>? isFull = null)
    {
        _operators = [.. operators.Select(static link => link.Operator)];
        _targets = [.. operators.Select(static link => link.Target)];
        _entries = [.. entries];
        _sinks = sinks;
        _isFull = isFull;
    }

    /// <summary>A tree without branches: one input, each operator feeding the next, the last one the sink.</summary>
    public static OperatorTree Chain(IReadOnlyList<Operator> operators, TaskSink sink, Func<bool>? isFull = null) => new(
        [.. operators.Select((@operator, i) => new OperatorLink(@operator, new OperatorTarget(i + 1 < operators.Count ? i + 1 : ~0, 0)))],
        [new OperatorTarget(operators.Count > 0 ? 0 : ~0, 0)], [sink], isFull);

    /// <summary>
    /// Whether outputs of what was pushed are still to come, and the states tell which. They come before anything else that is pushed.
    /// </summary>
    public bool HasMore
    {
        get
        {
            foreach (var @operator in _operators)
            {
                if (@operator.HasMore)
                    return true;
            }

            return false;
        }
    }

    /// <summary>The least time of the rows that operators hold back, or the time given when that is less.</summary>
    public long HeldTime(long time)
    {
        foreach (var @operator in _operators)
            time = Math.Min(time, @operator.HeldTime);
        return time;
    }

    /// <summary>Takes a batch of an input through all operators.</summary>
    public void Push(ChangeBatch batch, int input = 0) => PushTo(_entries[input], batch);

    /// <summary>Takes a batch through the operators behind one, as if that had given it.</summary>
    public void PushFrom(Operator @operator, ChangeBatch batch) => PushTo(_targets[Array.IndexOf(_operators, @operator)], batch);

    /// <summary>Takes outputs that are still to come through the later operators, until the sinks are full again.</summary>
    public void GoOn()
    {
        for (var i = _operators.Length - 1; i >= 0; i--)
        {
            if (_operators[i].HasMore)
                PullFrom(i);
        }
    }

    /// <summary>Lets every operator give out what it holds back, in order, so that the later ones see it before their own turn.</summary>
    public void Signal(OperatorSignal signal)
    {
        for (var i = 0; i < _operators.Length; i++)
        {
            _operators[i].Signal(signal);
            if (!_operators[i].HasMore)
                PullFrom(i);
        }
    }

    private void PushTo(OperatorTarget target, ChangeBatch batch)
    {
        var index = target.Operator;
        if (index < 0)
        {
            _sinks[~index].Write(batch);
            return;
        }

        if (_operators[index].HasMore)
            PullAllFrom(index);
        _operators[index].Push(batch, target.Port);
        PullFrom(index);
    }

    private void PullFrom(int index)
    {
        if (_isFull is null)
        {
            PullAllFrom(index);
            return;
        }

        while (!(_operators[index].HasMore && _isFull()) && _operators[index].Pull() is { } output)
            PushTo(_targets[index], output);
    }

    private void PullAllFrom(int index)
    {
        while (_operators[index].Pull() is { } output)
            PushTo(_targets[index], output);
    }
}
