using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Queries.Bounded;

/// <summary>
/// What a correlated sub-query answered, by the values that it read of the rows around it. At most so many answers are kept.
/// </summary>
internal sealed class KnownAnswers
{
    private const int MaxAnswers = 16_384;
    private const int BytesPerValue = 32;

    private readonly OuterColumns _reads;
    private readonly SqlType[] _types;
    private readonly MemoryBudget _budget;
    private readonly List<(bool IsThere, object? Value)> _answers = [];
    private KeyIndex _index;
    private int[] _slots = [];
    private long _values;
    private long _charged;

    private KnownAnswers(OuterColumns reads, MemoryBudget budget)
    {
        _reads = reads;
        _types = [.. reads.Columns.Select(static column => column.Type)];
        _budget = budget.Part("a sub-query");
        _index = KeyIndex.Create(_types, nullable: true);
    }

    /// <summary>
    /// Makes room for the answers of a sub-query; null where equal rows may be answered differently, or what it reads has no key form.
    /// </summary>
    public static KnownAnswers? For(BoundSubquery subquery, MemoryBudget budget)
    {
        var reads = OuterColumns.Of(subquery.Plan);
        var hasNoKey = reads.Columns.Any(static column => column.Type.IsNested || KeyValueCodec.LosesForm(column.Type));
        return reads.IsVolatile || reads.Columns.Count == 0 || hasNoKey ? null : new(reads, budget);
    }

    /// <summary>A place for each row's answer, equal for rows that are equal in what is read.</summary>
    public ReadOnlySpan<int> SlotsOf(ChangeBatch outer, RowSelection rows, IReadOnlyList<OuterRow> further)
    {
        if (_answers.Count > MaxAnswers)
            Forget();
        if (_slots.Length < rows.Count)
            _slots = new int[Math.Max(64, rows.Count)];
        var columns = _reads.Columns.Select(column => column.Depth == 1 ? outer.Columns[column.Index]
            : Constant(further[column.Depth - 2], column)).ToArray();
        _index.FindOrAdd(columns, rows, _slots);
        while (_answers.Count < _index.SlotLimit)
            _answers.Add(default);
        Charge();
        return _slots.AsSpan(0, rows.Count);
    }

    /// <summary>The answer at a place, if it is known.</summary>
    public bool TryGet(int slot, out object? value)
    {
        (var isThere, value) = _answers[slot];
        return isThere;
    }

    /// <summary>Keeps an answer.</summary>
    /// <exception cref="Data.Errors.SqlException">53200: over the budget.</exception>
    public void Add(int slot, object? value)
    {
        _answers[slot] = (true, value);
        _values += value switch
        {
            object?[] array => array.Length + 1,
            SubqueryValues set => set.Count + 1,
            _ => 1,
        };
        Charge();
    }

    private static Column Constant(OuterRow row, BoundOuterColumn read)
    {
        var column = Column.Create(read.Type);
        column.Reset(1, constant: true);
        column.CopyRow(row.Batch!.Columns[read.Index], row.Row, 0);
        return column;
    }

    private void Forget()
    {
        _answers.Clear();
        _index = KeyIndex.Create(_types, nullable: true);
        _values = 0;
    }

    private void Charge()
    {
        var bytes = _index.MemoryBytes + (BytesPerValue * (_values + _answers.Count));
        _budget.Charge(bytes - _charged);
        _charged = bytes;
    }

    /// <summary>The columns of enclosing rows that a sub-query's plan reads, and whether it calls what is not the same each time.</summary>
    private sealed class OuterColumns : ExpressionRewriter
    {
        private readonly HashSet<BoundOuterColumn> _columns = [];

        /// <summary>The columns, by how far out they are from the sub-query.</summary>
        public List<BoundOuterColumn> Columns => [.. _columns];

        /// <summary>Whether something is not the same each time.</summary>
        public bool IsVolatile { get; private set; }

        public static OuterColumns Of(LogicalPlan plan)
        {
            var found = new OuterColumns();
            found.Visit(plan);
            return found;
        }

        protected override BoundExpression RewriteOuterColumn(BoundOuterColumn column)
        {
            if (column.Depth > Depth)
                _columns.Add(column with { Depth = column.Depth - Depth });
            return column;
        }

        protected override BoundExpression RewriteCall(BoundCall call)
        {
            IsVolatile |= !call.Binding.IsDeterministic;
            return base.RewriteCall(call);
        }

        private LogicalPlan Visit(LogicalPlan plan) => plan.MapInputs(Visit).MapExpressions(Rewrite);
    }
}
