using StreamSQL.Data.Batches;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks.Output;

namespace StreamSQL.Engine.Tasks;

/// <summary>The operators of one task, each feeding the next, the last one the sink. Single-threaded.</summary>
internal sealed class OperatorChain(IReadOnlyList<Operator> operators, TaskSink sink)
{
    /// <summary>Takes a batch through all operators.</summary>
    public void Push(ChangeBatch batch) => PushFrom(0, batch);

    /// <summary>Lets every operator give out what it holds back, in order, so that the later ones see it before their own turn.</summary>
    public void Signal(OperatorSignal signal)
    {
        for (var i = 0; i < operators.Count; i++)
        {
            operators[i].Signal(signal);
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

        operators[index].Push(batch);
        PullFrom(index);
    }

    private void PullFrom(int index)
    {
        while (operators[index].Pull() is { } output)
            PushFrom(index + 1, output);
    }
}
