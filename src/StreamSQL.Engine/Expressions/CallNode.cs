using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Engine.Expressions;

/// <summary>
/// A call of a kernel. One of a deterministic function with constant arguments is evaluated once a run and stays a constant column.
/// </summary>
internal sealed class CallNode : ExpressionNode
{
    private readonly ScalarBinding _binding;
    private readonly ExpressionNode[] _arguments;
    private readonly Column[] _columns;
    private readonly Column _result;
    private readonly EvaluationErrors _trial = new();
    private readonly bool _settles;
    private bool _isFolded;

    // The run in which folding was tried.
    private long _triedRun = -1;

    public CallNode(BoundCall call, ExpressionNode[] arguments)
    {
        var binding = call.Binding;
        _binding = binding;
        _settles = call.SettlesArguments;
        _arguments = arguments;
        _columns = new Column[arguments.Length];
        _result = Column.Create(binding.ResultType);
        IsConstant = binding.IsDeterministic && arguments.All(static argument => argument.IsConstant);
    }

    public override bool IsConstant { get; }

    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        if (_isFolded && _triedRun == scope.Run)
            return _result;
        if (rows.Count == 0)
        {
            _result.Reset(scope.RowCount);
            return _result;
        }

        for (var i = 0; i < _arguments.Length; i++)
            _columns[i] = _settles ? scope.EvaluateSettled(_arguments[i], rows) : _arguments[i].Evaluate(scope, rows);
        if (IsConstant && _triedRun != scope.Run && TryFold(scope))
            return _result;
        _result.Reset(scope.RowCount);
        _binding.Kernel.Evaluate(new KernelContext(rows, scope.RowCount, scope.Errors, scope.Time), _columns, _result);
        return _result;
    }

    /// <summary>Evaluates constant arguments for one row; a failure is left to be reported for each row that asks.</summary>
    private bool TryFold(EvaluationScope scope)
    {
        _triedRun = scope.Run;
        _isFolded = false;
        foreach (var column in _columns)
        {
            if (!column.IsConstant)
                return false;
        }

        _trial.Clear();
        _result.Reset(1, constant: true);
        _binding.Kernel.Evaluate(new KernelContext(RowSelection.All(1), 1, _trial, scope.Time), _columns, _result);
        _isFolded = _trial.Count == 0;
        return _isFolded;
    }
}
