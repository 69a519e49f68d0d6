using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Benchmarks.Columns;

/// <summary>Ready columns and the plan nodes over them.</summary>
internal static class ColumnPlans
{
    /// <summary>A context without limits.</summary>
    public static OperatorContext Context() => new()
    {
        Partition = 0,
        Time = TimeProvider.System,
        Rules = RuleSet.Ksql,
        Emission = EmissionMode.PerCommit,
        Counters = new QueryCounters(),
        Budget = new MemoryBudget("benchmark", long.MaxValue, null),
        FailOnError = false,
    };

    /// <summary>A BIGINT column of the input.</summary>
    public static BoundColumn Column(int index) => new(index, $"C{index}", SqlType.BigInt);

    /// <summary>A call over BIGINT.</summary>
    public static BoundCall Call(string name, params BoundExpression[] arguments)
    {
        var types = arguments.Select(static argument => argument.Type).ToArray();
        return new BoundCall(name, BuiltInFunctions.Registry.FindScalar(name).Select(f => f.Bind(types, RuleSet.Ksql))
            .First(static b => b is not null)!, arguments);
    }

    /// <summary>A schema of BIGINT columns, the first some of them the key.</summary>
    public static PlanSchema Schema(RelationKind kind, params ColumnRole[] roles) =>
        new(roles.Select(static (role, i) => new PlanColumn($"C{i}", SqlType.BigInt, role)).ToArray(), kind);

    /// <summary>
    /// Batches of two BIGINT columns: a key from 1 to <paramref name="keys"/>, and a number below 1,000. 100 rows a millisecond.
    /// </summary>
    public static ChangeBatch[] Batches(int rows, int keys)
    {
        var random = new Random(1);
        var batches = new ChangeBatch[rows / ChangeBatch.MaxRows];
        for (var b = 0; b < batches.Length; b++)
        {
            var batch = new ChangeBatch([SqlType.BigInt, SqlType.BigInt]);
            batch.Reset(ChangeBatch.MaxRows);
            for (var r = 0; r < ChangeBatch.MaxRows; r++)
            {
                Values(batch, 0)[r] = 1 + random.Next(keys);
                Values(batch, 1)[r] = random.Next(1000);
                batch.RowTime.Values[r] = (((long)b * ChangeBatch.MaxRows) + r) / 100;
            }

            batches[b] = batch;
        }

        return batches;
    }

    /// <summary>The values of a BIGINT column.</summary>
    public static long[] Values(ChangeBatch batch, int column) => ((FixedColumn<long>)batch.Columns[column]).Values;
}

/// <summary>A plan node that stands for ready columns.</summary>
internal sealed record ReadyColumns(PlanSchema Schema) : LogicalLeaf(Schema);
