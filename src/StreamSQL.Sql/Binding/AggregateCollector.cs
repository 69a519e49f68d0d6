using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>The aggregates of one query level, each once.</summary>
internal sealed class AggregateCollector
{
    private readonly List<AggregateCall> _calls = [];

    public IReadOnlyList<AggregateCall> Calls => _calls;

    /// <summary>The place of a call's result.</summary>
    public AggregateReference Add(AggregateCall call)
    {
        var index = _calls.FindIndex(known => known.Name == call.Name && known.Distinct == call.Distinct
            && BoundExpressionComparer.AreSame(known.Arguments, call.Arguments)
            && BoundExpressionComparer.AreSame(known.Filter, call.Filter)
            && known.OrderBy.Count == call.OrderBy.Count
            && known.OrderBy.Zip(call.OrderBy).All(static pair => WindowCollector.AreSame(pair.First, pair.Second)));
        if (index < 0)
        {
            index = _calls.Count;
            _calls.Add(call);
        }

        return new AggregateReference(index, call.Binding.ResultType);
    }
}

/// <summary>The result of an aggregate, by its number; replaced by a column once it is known where the aggregates stand.</summary>
internal sealed record AggregateReference(int Index, SqlType Type) : BoundExpression(Type);
