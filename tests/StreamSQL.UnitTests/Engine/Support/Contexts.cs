using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.UnitTests.Engine.Support;

/// <summary>Contexts and plan nodes for operator tests.</summary>
internal static class Contexts
{
    public static OperatorContext Create(
        EmissionMode emission = EmissionMode.PerCommit, bool failOnError = false, bool compat = false, RuleSet rules = RuleSet.Ksql,
        long budget = long.MaxValue) => new()
    {
        Partition = 3,
        Time = TimeProvider.System,
        Rules = rules,
        Emission = emission,
        Counters = new QueryCounters(),
        Budget = new MemoryBudget("test", budget, null),
        FailOnError = failOnError,
        KsqlCompat = compat,
    };

    public static BoundColumn Column(int index, SqlType type) => new(index, $"C{index}", type);

    public static BoundLiteral Literal(object? value, SqlType type) => new(value, type);

    public static BoundCall Call(string name, params BoundExpression[] arguments)
    {
        var types = arguments.Select(static argument => argument.Type).ToArray();
        var binding = BuiltInFunctions.Registry.FindScalar(name).Select(function => function.Bind(types, RuleSet.Ksql))
            .First(static found => found is not null)!;
        return new BoundCall(name, binding, arguments);
    }

    public static PlanSchema Schema(RelationKind kind, params (SqlType Type, ColumnRole Role)[] columns) =>
        new(columns.Select((column, i) => new PlanColumn($"C{i}", column.Type, column.Role)).ToArray(), kind);

    public static LogicalScanless Input(RelationKind kind, params SqlType[] types) =>
        new(Schema(kind, types.Select(static type => (type, ColumnRole.Value)).ToArray()));

    /// <summary>An aggregate that groups column 0 and lists column 1.</summary>
    public static LogicalAggregate ListPerKey(SqlType keyType, WindowSpec? window, bool emitFinal = false,
        RelationKind input = RelationKind.Stream)
    {
        (SqlType, ColumnRole)[] bounds = window is null
            ? [] : [(SqlType.BigInt, ColumnRole.WindowStart), (SqlType.BigInt, ColumnRole.WindowEnd)];
        return new LogicalAggregate(
            Input(input, keyType, SqlType.BigInt), [Column(0, keyType)],
            [new AggregateCall("LIST", ListState.Binding, [Column(1, SqlType.BigInt)])], window, emitFinal,
            Schema(RelationKind.Table, [(keyType, ColumnRole.Key), .. bounds, (SqlType.Varchar, ColumnRole.Value)]));
    }
}

/// <summary>A plan node that only has a schema.</summary>
internal sealed record LogicalScanless(PlanSchema Schema) : LogicalLeaf(Schema);
