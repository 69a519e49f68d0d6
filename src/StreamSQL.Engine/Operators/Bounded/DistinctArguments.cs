using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>Lets equal arguments reach an aggregate once per group (COUNT(DISTINCT x)).</summary>
internal sealed class DistinctArguments
{
    private readonly RowSet _seen;
    private readonly FixedColumn<int> _group = new(SqlType.Integer);
    private readonly Column[] _key;

    /// <summary>Creates an empty set.</summary>
    public DistinctArguments(AggregateCall call, MemoryBudget budget)
    {
        _seen = new RowSet([SqlType.Integer, .. call.Binding.ParameterTypes], budget);
        _key = new Column[1 + call.Binding.ParameterTypes.Count];
        _key[0] = _group;
    }

    /// <summary>The rows whose arguments are new to their group.</summary>
    public RowSelection Narrow(ReadOnlySpan<int> slotByRow, ReadOnlySpan<Column> arguments, RowSelection rows)
    {
        _group.Reset(slotByRow.Length);
        for (var i = 0; i < rows.Count; i++)
            _group.Values[rows[i]] = slotByRow[rows[i]];
        arguments.CopyTo(_key.AsSpan(1));
        return _seen.AddNew(_key, rows);
    }
}
