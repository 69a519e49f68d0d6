using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Engine.Expressions;

/// <summary>
/// A call of a function with lambdas: the kernel flattens the elements and asks for the bodies over many of them at once.
/// </summary>
internal sealed class LambdaNode : ExpressionNode
{
    private readonly LambdaKernel _kernel;
    private readonly ExpressionNode[] _arguments;
    private readonly Closure[] _bodies;
    private readonly Column[] _columns;
    private readonly Column _result;

    public LambdaNode(BoundLambdaCall call, OperatorContext context)
    {
        _kernel = call.Binding.CreateKernel();
        _arguments = ExpressionBuilder.BuildAll(call.Arguments, context);
        _bodies = call.Lambdas.Select(lambda => new Closure(lambda, context)).ToArray();
        _columns = new Column[_arguments.Length];
        _result = Column.Create(call.Type);
    }

    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        for (var i = 0; i < _arguments.Length; i++)
            _columns[i] = scope.EvaluateSettled(_arguments[i], rows);
        foreach (var body in _bodies)
            body.Begin(scope, rows);
        _result.Reset(scope.RowCount);
        _kernel.Evaluate(new KernelContext(rows, scope.RowCount, scope.Errors, scope.Time), _columns, _bodies, _result);
        return _result;
    }

    /// <summary>
    /// A lambda's body over a batch of its own: a row per element, the parameters first, then the
    /// columns of the rows around it that it reads, repeated by element.
    /// </summary>
    private sealed class Closure : LambdaBody
    {
        private readonly ExpressionNode _body;
        private readonly ExpressionNode[] _captured;
        private readonly Column[] _around;
        private readonly Column[] _repeated;
        private readonly EvaluationScope _scope;
        private readonly ChangeBatch _batch;
        private readonly int _parameters;
        private EvaluationErrors _errors = null!;

        public Closure(BoundLambda lambda, OperatorContext context)
        {
            var conversion = new ClosureConversion(lambda);
            _body = ExpressionBuilder.Build(conversion.Body, context);
            _captured = ExpressionBuilder.BuildAll(conversion.Captured, context);
            _around = new Column[_captured.Length];
            _repeated = conversion.Captured.Select(static expression => Column.Create(expression.Type)).ToArray();
            _parameters = lambda.Parameters.Count;
            _batch = new ChangeBatch(new Column[_parameters + _captured.Length]);
            _scope = new EvaluationScope(context);
        }

        public void Begin(EvaluationScope scope, RowSelection rows)
        {
            _errors = scope.Errors;
            for (var i = 0; i < _captured.Length; i++)
                _around[i] = _captured[i].Evaluate(scope, rows);
        }

        public override Column Evaluate(ReadOnlySpan<Column> parameters, ReadOnlySpan<int> rows)
        {
            parameters.CopyTo(_batch.Columns);
            for (var i = 0; i < _around.Length; i++)
                _batch.Columns[_parameters + i] = Repeat(_around[i], rows, _repeated[i]);
            _batch.RowCount = rows.Length;
            _batch.Selection = RowSelection.All(rows.Length);
            _scope.Begin(_batch, _batch.Columns);
            var result = _body.Evaluate(_scope, _batch.Selection);
            _errors.AddSettled(_scope.Errors);
            foreach (var element in _scope.Errors.Rows)
                _errors.Report(rows[element], _scope.Errors.FirstSqlState, _scope.Errors.FirstMessage);
            return result;
        }

        private static Column Repeat(Column source, ReadOnlySpan<int> rows, Column copy)
        {
            if (source.IsConstant)
                return source;
            copy.Reset(rows.Length);
            copy.Gather(source, rows, 0);
            return copy;
        }
    }

    /// <summary>Turns the parameters of a lambda, and what its body reads from around it, into columns of the body's own batch.</summary>
    private sealed class ClosureConversion : ExpressionRewriter
    {
        private readonly BoundLambda _lambda;
        private readonly List<BoundExpression> _captured = [];
        private int _hidden;

        public ClosureConversion(BoundLambda lambda)
        {
            _lambda = lambda;
            Body = Rewrite(lambda.Body);
        }

        public BoundExpression Body { get; }

        public IReadOnlyList<BoundExpression> Captured => _captured;

        protected override BoundExpression? Replace(BoundExpression expression) => expression switch
        {
            BoundLambdaVariable variable when variable.Level == _lambda.Level && _hidden == 0 =>
                new BoundColumn(variable.Index, variable.Name, variable.Type),
            BoundColumn or BoundPseudoColumn => Capture(expression),
            _ => null,
        };

        // A lambda of the same level inside has parameters of its own.
        protected override BoundLambda RewriteLambda(BoundLambda lambda)
        {
            _hidden += lambda.Level == _lambda.Level ? 1 : 0;
            var rewritten = base.RewriteLambda(lambda);
            _hidden -= lambda.Level == _lambda.Level ? 1 : 0;
            return rewritten;
        }

        private BoundColumn Capture(BoundExpression expression)
        {
            var index = _captured.FindIndex(known => BoundExpressionComparer.AreSame(known, expression));
            if (index < 0)
            {
                index = _captured.Count;
                _captured.Add(expression);
            }

            return new BoundColumn(_lambda.Parameters.Count + index, "", expression.Type);
        }
    }
}
