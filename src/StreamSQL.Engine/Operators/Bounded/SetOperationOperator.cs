using StreamSQL.Data.Batches;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>
/// UNION, INTERSECT and EXCEPT of finished rows. Push the whole input of <see cref="FirstPort"/> first, then the other.
/// </summary>
internal sealed class SetOperationOperator : BatchOperator
{
    private readonly SetOperationKind _kind;
    private readonly bool _all;
    private readonly MemoryBudget _budget;
    private readonly KeyIndex _index;
    private int[] _slots = [];
    private int[] _rows = [];
    private int[] _countBySlot = [];
    private int _rightSlots;
    private long _charged;
    private ChangeBatch? _output;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The query's context.</param>
    /// <param name="kind">Which operation.</param>
    /// <param name="all">Whether duplicates count (ALL).</param>
    /// <param name="schema">Both inputs and the output.</param>
    public SetOperationOperator(OperatorContext context, SetOperationKind kind, bool all, PlanSchema schema)
    {
        _kind = kind;
        _all = all;
        _budget = context.Budget.Part(kind.ToString().ToUpperInvariant());
        _index = KeyIndex.Create(schema.Columns.Select(static column => column.Type).ToArray(), nullable: true);
    }

    /// <summary>The input that is to be pushed whole before the other one.</summary>
    public int FirstPort => _kind == SetOperationKind.Union ? 0 : 1;

    /// <inheritdoc/>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        var output = BatchViews.View(input, ref _output);
        if (_kind == SetOperationKind.Union && _all)
            return output;
        var before = _index.SlotLimit;
        Find(input);
        if (_kind != SetOperationKind.Union && Port == 1)
        {
            for (var i = 0; i < input.Selection.Count; i++)
                _countBySlot[_slots[i]]++;
            _rightSlots = _index.SlotLimit;
            return null;
        }

        output.Selection = Choose(input.Selection, before);
        return output.Selection.Count > 0 ? output : null;
    }

    private void Find(ChangeBatch input)
    {
        if (_slots.Length < input.Selection.Count)
        {
            _slots = new int[Math.Max(64, input.Selection.Count)];
            _rows = new int[_slots.Length];
        }

        _index.FindOrAdd(input.Columns, input.Selection, _slots);
        if (_countBySlot.Length < _index.SlotLimit)
            Array.Resize(ref _countBySlot, Math.Max(_index.SlotLimit, _countBySlot.Length * 2));
        var bytes = _index.MemoryBytes + (4L * _countBySlot.Length);
        _budget.Charge(bytes - _charged);
        _charged = bytes;
    }

    private RowSelection Choose(RowSelection rows, int nextSlot)
    {
        var count = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var isNew = _slots[i] == nextSlot;
            if (isNew)
                nextSlot++;
            if (IsGiven(_slots[i], isNew))
                _rows[count++] = rows[i];
        }

        return RowSelection.Of(_rows, count);
    }

    private bool IsGiven(int slot, bool isNew)
    {
        ref var rightCount = ref _countBySlot[slot];
        switch (_kind)
        {
            case SetOperationKind.Union:
                return isNew;
            case SetOperationKind.Intersect when rightCount == 0:
                return false;
            case SetOperationKind.Intersect:
                rightCount = _all ? rightCount - 1 : 0;
                return true;
            case SetOperationKind.Except when !_all:
                return isNew && slot >= _rightSlots;
            default:
                return rightCount == 0 || rightCount-- == 0;
        }
    }
}
