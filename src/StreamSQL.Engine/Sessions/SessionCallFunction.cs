using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;

namespace StreamSQL.Engine.Sessions;

/// <summary>A function that does something to its session, once for each row.</summary>
/// <param name="name">Upper-case name.</param>
/// <param name="parameters">Types of its parameters.</param>
/// <param name="result">Type of its result.</param>
/// <param name="text">What it does.</param>
/// <param name="evaluate">Does it, and gives the result.</param>
internal sealed class SessionCallFunction(
    string name, SqlType[] parameters, SqlType result, string text, Func<object?[], object?> evaluate) : ScalarFunction
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <summary>Whether it is called with nulls too; else null in, null out, and nothing is done.</summary>
    public bool TakesNulls { get; init; }

    /// <inheritdoc/>
    public override FunctionDoc Doc => new(
        "System", text, [$"{name}({string.Join(", ", parameters.Select(static type => type.ToString()))}) -> {result}"], []);

    /// <inheritdoc/>
    public override ScalarBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules) =>
        arguments.Count == parameters.Length && arguments.Zip(parameters)
            .All(pair => TypeCoercion.Cost(pair.First, pair.Second, rules) >= 0)
            ? new ScalarBinding(parameters, result, new Kernel(evaluate, TakesNulls)) { IsDeterministic = false }
            : null;

    private sealed class Kernel(Func<object?[], object?> evaluate, bool takesNulls) : ScalarKernel
    {
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var values = new object?[arguments.Length];
            for (var i = 0; i < context.Rows.Count; i++)
            {
                var row = context.Rows[i];
                for (var a = 0; a < values.Length; a++)
                    values[a] = ColumnReader.Read(arguments[a], row);
                if (takesNulls || !values.Contains(null))
                    Evaluate(context, values, row, result);
                else
                    result.SetNull(row);
            }
        }

        private void Evaluate(in KernelContext context, object?[] values, int row, Column result)
        {
            try
            {
                ColumnWriter.Write(result, row, evaluate(values));
            }
            catch (SqlException error)
            {
                context.Errors.Report(row, error.SqlState, error.Message);
                result.SetNull(row);
            }
        }
    }
}
