using StreamSQL.Data.Types;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.SystemRelations;

/// <summary>A virtual table of pg_catalog, information_schema or streamsql. Stateless; read whole at each scan.</summary>
public abstract class SystemRelation
{
    /// <summary>Schema-qualified lower-case name, such as <c>pg_catalog.pg_class</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Its columns, with their exact (lower-case) names.</summary>
    public abstract PlanSchema Schema { get; }

    /// <summary>Appends its rows to <paramref name="rows"/>.</summary>
    public abstract ValueTask ReadAsync(SystemSnapshot snapshot, SystemRows rows, CancellationToken cancellation);

    /// <summary>A schema of plain columns.</summary>
    protected static PlanSchema SchemaOf(params (string Name, SqlType Type)[] columns) =>
        new([.. columns.Select(static column => new PlanColumn(column.Name, column.Type, ColumnRole.Value))], RelationKind.Rows);
}

/// <summary>Collects the rows of a system relation into a batch. Values: bool, int, long, double, string, null; one per column.</summary>
public sealed class SystemRows
{
    private readonly List<object?[]> _rows = [];

    /// <summary>The rows so far.</summary>
    public IReadOnlyList<object?[]> Rows => _rows;

    /// <summary>Adds a row.</summary>
    public void Add(params object?[] values) => _rows.Add(values);
}
