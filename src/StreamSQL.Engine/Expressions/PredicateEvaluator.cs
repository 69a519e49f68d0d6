using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Engine.Expressions;

/// <summary>
/// Finds the rows for which a condition is true; NULL and (in a continuous query) a failed row do not pass. The operands of a top-level AND
/// narrow the rows one after the other. Not thread-safe.
/// </summary>
internal sealed class PredicateEvaluator
{
    private readonly ExpressionNode[] _operands;
    private readonly EvaluationScope _scope;
    private readonly OperatorContext _context;
    private int[] _passed = [];

    /// <summary>Builds the evaluator.</summary>
    public PredicateEvaluator(BoundExpression predicate, OperatorContext context)
    {
        var operands = new List<BoundExpression>();
        Flatten(predicate, operands);
        _operands = ExpressionBuilder.BuildAll(operands, context);
        _scope = new EvaluationScope(context);
        _context = context;
    }

    /// <summary>
    /// The rows that pass, in their order, judged by the batch's new columns. The list is valid until the next evaluation.
    /// </summary>
    /// <exception cref="Data.Errors.SqlException">A row failed, and the context says that this ends the query.</exception>
    public RowSelection Evaluate(ChangeBatch batch, RowSelection rows) => Evaluate(batch, batch.Columns, rows);

    /// <summary>The same, judged by the old columns.</summary>
    public RowSelection EvaluateOld(ChangeBatch batch, RowSelection rows) => Evaluate(batch, batch.OldColumns!, rows);

    private RowSelection Evaluate(ChangeBatch batch, Column[] columns, RowSelection rows)
    {
        _scope.Begin(batch, columns);
        if (_passed.Length < rows.Count)
            _passed = new int[Math.Max(rows.Count, 64)];
        foreach (var operand in _operands)
        {
            if (rows.Count == 0)
                return rows;
            var condition = (FixedColumn<byte>)operand.Evaluate(_scope, rows);
            rows = Narrow(condition, rows);
        }

        return _scope.Errors.Count + _scope.Errors.SettledCount == 0 ? rows : DropFailed(rows);
    }

    private RowSelection Narrow(FixedColumn<byte> condition, RowSelection rows)
    {
        if (condition.IsConstant)
            return condition[0] != 0 && !condition.IsNull(0) ? rows : RowSelection.All(0);
        int passed;
        if (condition.MayHaveNulls)
            passed = NarrowNullable(condition, rows);
        else if (rows.IsDense)
            passed = NarrowDense(condition.Values.AsSpan(0, rows.Count), _passed);
        else
            passed = NarrowSparse(condition.Values, rows.Rows, _passed);
        return passed == rows.Count ? rows : RowSelection.Of(_passed, passed);
    }

    private int NarrowNullable(FixedColumn<byte> condition, RowSelection rows)
    {
        var passed = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            _passed[passed] = row;
            if (condition.Values[row] != 0 && !condition.IsNull(row))
                passed++;
        }

        return passed;
    }

    /// <summary>Without branches, since the outcome is hard to predict; eight failing rows at once are skipped.</summary>
    private static int NarrowDense(ReadOnlySpan<byte> values, int[] passed)
    {
        var count = 0;
        var row = NarrowVectors(values, passed, ref count);
        foreach (var eight in MemoryMarshal.Cast<byte, ulong>(values[row..]))
        {
            if (eight != 0)
            {
                for (var i = row; i < row + 8; i++)
                {
                    passed[count] = i;
                    count += values[i];
                }
            }

            row += 8;
        }

        for (; row < values.Length; row++)
        {
            passed[count] = row;
            count += values[row];
        }

        return count;
    }

    /// <summary>Lists sixteen rows at a time, as far as there are so many; returns how many rows were looked at.</summary>
    private static int NarrowVectors(ReadOnlySpan<byte> values, int[] passed, ref int count)
    {
        if (!Avx512F.IsSupported || passed.Length < values.Length)
            return 0;
        ref var first = ref MemoryMarshal.GetReference(values);
        ref var list = ref MemoryMarshal.GetArrayDataReference(passed);
        var rows = Vector512<int>.Indices;
        var row = 0;
        for (; row <= values.Length - Vector512<int>.Count; row += Vector512<int>.Count)
        {
            var passes = Vector512.GreaterThan(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(ref first, (nuint)row)),
                Vector512<int>.Zero);
            // Fewer rows are listed than were looked at, so there is room for sixteen.
            Avx512F.Compress(Vector512<int>.Zero, passes, rows).StoreUnsafe(ref list, (nuint)count);
            count += BitOperations.PopCount(passes.ExtractMostSignificantBits());
            rows += Vector512.Create(Vector512<int>.Count);
        }

        return row;
    }

    private static int NarrowSparse(byte[] values, ReadOnlySpan<int> rows, int[] passed)
    {
        var count = 0;
        foreach (var row in rows)
        {
            passed[count] = row;
            count += values[row];
        }

        return count;
    }

    private RowSelection DropFailed(RowSelection rows)
    {
        ExpressionFailure.Handle(_scope.Errors, _context);
        var failed = new HashSet<int>(_scope.Errors.Rows);
        var passed = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (!failed.Contains(row))
                _passed[passed++] = row;
        }

        return RowSelection.Of(_passed, passed);
    }

    private static void Flatten(BoundExpression predicate, List<BoundExpression> operands)
    {
        if (predicate is not BoundLogical { IsAnd: true } and)
        {
            operands.Add(predicate);
            return;
        }

        foreach (var operand in and.Operands)
            Flatten(operand, operands);
    }
}
