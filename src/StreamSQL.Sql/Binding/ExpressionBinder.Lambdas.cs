using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Functions.Lambdas;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

internal sealed partial class ExpressionBinder
{
    // A state type that the body widens is found in a few rounds: each is a wider one.
    private const int MaxRounds = 8;

    private BoundLambdaCall LambdaCall(LambdaFunction function, FunctionCall call)
    {
        var values = call.Arguments.TakeWhile(static argument => argument is not LambdaExpression).ToArray();
        var lambdas = call.Arguments.Skip(values.Length).OfType<LambdaExpression>().ToArray();
        BoundExpression[] arguments = [.. values.Select(Bind)];
        if (values.Length + lambdas.Length != call.Arguments.Count)
            throw WrongArguments();
        for (var round = 0; round < MaxRounds; round++)
        {
            SqlType[] types = [.. arguments.Select(static argument => argument.Type)];
            var parameters = function.LambdaParameters(types, lambdas.Length) ?? throw WrongArguments();
            BoundLambda[] bodies = [.. lambdas.Select((lambda, i) => Lambda(lambda, parameters[i]))];
            var binding = function.Bind(types, [.. bodies.Select(static lambda => lambda.Body.Type)], context.Rules)
                ?? throw WrongArguments();
            if (binding.ParameterTypes.SequenceEqual(types))
            {
                return new BoundLambdaCall(function.Name, binding, arguments,
                    [.. bodies.Select((lambda, i) =>
                        lambda with { Body = Coercion.To(lambda.Body, binding.BodyTypes[i], context, lambdas[i].Position) })]);
            }

            arguments =
                [.. arguments.Select((argument, i) => Coercion.To(argument, binding.ParameterTypes[i], context, values[i].Position))];
        }

        throw WrongArguments();

        SqlException WrongArguments() => BindingErrors.WrongArguments(
            call, [.. arguments.Select(static argument => argument.Type)], lambdas.Select(static lambda => lambda.Parameters.Count),
            function.Doc.Signatures, context.Rules);
    }

    private BoundLambda Lambda(LambdaExpression lambda, IReadOnlyList<SqlType> types)
    {
        if (lambda.Parameters.Count != types.Count)
        {
            throw BindingErrors.Mismatch(
                $"a lambda with {types.Count} parameter{(types.Count == 1 ? "" : "s")} is expected here, not with " +
                    $"{lambda.Parameters.Count}", lambda.Position);
        }

        if (lambda.Parameters.GroupBy(static name => name.Name).FirstOrDefault(static same => same.Count() > 1) is { } twice)
            throw BindingErrors.Syntax($"lambda parameter {twice.Key} is there more than once", lambda.Position);
        var level = Lambdas.Count;
        BoundLambdaVariable[] parameters =
            [.. lambda.Parameters.Select((name, i) => new BoundLambdaVariable(level, i, name.Name, types[i]))];
        var inner = new ExpressionBinder(context, scope, null)
            { Clause = Clause, Aggregates = Aggregates, Lambdas = [.. Lambdas, parameters] };
        return new BoundLambda(level, parameters, inner.Bind(lambda.Body));
    }

    private BoundLambdaVariable? Variable(QualifiedName name)
    {
        for (var i = name.IsQualified ? -1 : Lambdas.Count - 1; i >= 0; i--)
        {
            if (Lambdas[i].FirstOrDefault(parameter => parameter.Name == name.Last.Name) is { } found)
                return found;
        }

        return null;
    }

    // ksqlDB's arithmetic takes no NULL, which shows where the value is one of many: in a lambda.
    private BoundExpression Strict(string symbol, BoundExpression expression) =>
        Lambdas.Count > 0 && context.Rules == RuleSet.Ksql && symbol is "+" or "-" or "*" or "/" or "%"
            && expression is BoundCall { Type.IsNumeric: true } call
            ? call with { Binding = call.Binding with { Kernel = new NullFailsKernel(call.Binding.Kernel) } }
            : expression;
}
