using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Catalog;

namespace StreamSQL.Postgres.Functions;

/// <summary>One signature of a function that asks about the session or the catalog.</summary>
/// <param name="Name">Upper-case name.</param>
/// <param name="Result">Type of the result.</param>
/// <param name="Parameters">Types of the parameters.</param>
/// <param name="Evaluate">Its value for one row; arguments are bool, int, long, double, string or object?[].</param>
internal sealed record SessionSignature(string Name, SqlType Result, SqlType[] Parameters,
    Func<CatalogObjects, object?[], object?> Evaluate)
{
    /// <summary>Whether it is asked about nulls too; else null in, null out.</summary>
    public bool TakesNulls { get; init; }
}

/// <summary>
/// A function of pg_catalog, bound to one session. Evaluated row by row: catalogs are small, and no stream passes through it.
/// </summary>
internal sealed class SessionFunction(string name, IReadOnlyList<SessionSignature> signatures, Func<CatalogObjects> objects)
    : ScalarFunction
{
    private const string Category = "System";

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override FunctionDoc Doc => new(
        Category, "PostgreSQL's function of that name, over streams and tables.",
        [.. signatures.Select(static s =>
            $"{s.Name}({string.Join(", ", s.Parameters.Select(static type => type.ToString()))}) -> {s.Result}")], []);

    /// <inheritdoc/>
    public override ScalarBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        SessionSignature? best = null;
        var bestCost = int.MaxValue;
        foreach (var signature in signatures)
        {
            var cost = Cost(signature, arguments, rules);
            if (cost >= 0 && cost < bestCost)
                (best, bestCost) = (signature, cost);
        }

        return best is null
            ? null
            : new(best.Parameters, best.Result, new RowKernel(best, objects)) { IsDeterministic = false };
    }

    private static int Cost(SessionSignature signature, IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (signature.Parameters.Length != arguments.Count)
            return -1;
        var total = 0;
        for (var i = 0; i < arguments.Count; i++)
        {
            var cost = TypeCoercion.Cost(arguments[i], signature.Parameters[i], rules);
            if (cost < 0)
                return -1;
            total += cost;
        }

        return total;
    }

    private sealed class RowKernel(SessionSignature signature, Func<CatalogObjects> objects) : ScalarKernel
    {
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var catalog = objects();
            var values = new object?[arguments.Length];
            for (var i = 0; i < context.Rows.Count; i++)
            {
                var row = context.Rows[i];
                var hasNull = false;
                for (var a = 0; a < values.Length; a++)
                {
                    values[a] = ColumnReader.Read(arguments[a], row);
                    hasNull |= values[a] is null;
                }

                if (hasNull && !signature.TakesNulls)
                    result.SetNull(row);
                else
                    EvaluateRow(context, catalog, values, row, result);
            }
        }

        private void EvaluateRow(in KernelContext context, CatalogObjects catalog, object?[] values, int row, Column result)
        {
            try
            {
                ColumnWriter.Write(result, row, signature.Evaluate(catalog, values));
            }
            catch (SqlException error)
            {
                context.Errors.Report(row, error.SqlState, error.Message);
                result.SetNull(row);
            }
        }
    }
}
