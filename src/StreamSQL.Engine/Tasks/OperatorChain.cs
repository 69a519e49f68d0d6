using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks.Output;

namespace StreamSQL.Engine.Tasks;

/// <summary>
/// The operators of one task, each feeding the next, the last one the sink. When the sink holds enough, an operator whose state tells what is still to come is left
/// until <see cref="GoOn"/>. Single-threaded.
/// </summary>
/// <param name="operators">The operators, in the order of the data.</param>
/// <param name="sink">Takes what comes out of the last.</param>
/// <param name="isFull">Whether the sink holds enough for a commit; null when it takes everything.</param>
internal sealed class OperatorChain(IReadOnlyList<Operator> operators, TaskSink sink, Func<bool>? isFull = null)
{
    /// <summary>Takes a batch through all operators.</summary>
    public void Push(ChangeBatch batch) => PushFrom(0, batch);

    /// <summary>Whether outputs of what was pushed are still to come, and the states tell which. They come before anything else that is pushed.</summary>
    public bool HasMore
    {
        get
        {
            for (var i = 0; i < operators.Count; i++)
            {
                if (operators[i].HasMore)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Takes outputs that are still to come through the later operators, until the sink is full again.</summary>
    public void GoOn()
    {
        for (var i = operators.Count - 1; i >= 0; i--)
        {
            if (operators[i].HasMore)
                PullFrom(i);
        }
    }

    /// <summary>Lets every operator give out what it holds back, in order, so that the later ones see it before their own turn.</summary>
    public void Signal(OperatorSignal signal)
    {
        for (var i = 0; i < operators.Count; i++)
        {
            operators[i].Signal(signal);
            if (!operators[i].HasMore)
                PullFrom(i);
        }
    }

    private void PushFrom(int index, ChangeBatch batch)
    {
        if (index == operators.Count)
        {
            sink.Write(batch);
            return;
        }

        if (operators[index].HasMore)
            PullAllFrom(index);
        operators[index].Push(batch);
        PullFrom(index);
    }

    private void PullFrom(int index)
    {
        if (isFull is null)
        {
            PullAllFrom(index);
            return;
        }

        while (!(operators[index].HasMore && isFull()) && operators[index].Pull() is { } output)
            PushFrom(index + 1, output);
    }

    private void PullAllFrom(int index)
    {
        while (operators[index].Pull() is { } output)
            PushFrom(index + 1, output);
    }
}
