using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Something in FROM, planned: its plan and what can be named in it.</summary>
internal sealed record Relation(LogicalPlan Plan, Scope Scope);

/// <summary>Finds and reads streams and tables of the catalog.</summary>
internal static class CatalogRelations
{
    /// <summary>The stream or table of a name; null when there is none.</summary>
    public static SourceDefinition? Find(QualifiedName name, BindingContext context)
    {
        if (name.IsQualified && !name.Parts[^2].Name.Equals("PUBLIC", StringComparison.OrdinalIgnoreCase))
            return null;
        var sources = context.Planning.Catalog.Sources;
        if (sources.TryGetValue(name.Last.Name, out var exact))
            return exact;
        return context.Rules == Data.Functions.RuleSet.Postgres
            && name.Last.IsQuoted ? sources.GetValueOrDefault(name.Last.Text.ToUpperInvariant()) : null;
    }

    /// <summary>The stream or table of a name.</summary>
    /// <exception cref="Data.Errors.SqlException">42P01: there is none.</exception>
    public static SourceDefinition Get(QualifiedName name, BindingContext context) =>
        Find(name, context) ?? throw (ViewPlanner.Find(name, context) is { } view ? ViewPlanner.NoSource(view, name)
            : BindingErrors.UnknownRelation(name, context.Planning.Catalog.Sources.Keys, context.Rules));

    /// <summary>A read of all columns.</summary>
    public static LogicalScan Scan(SourceDefinition source, ScanMode mode)
    {
        var columns = source.Columns.Where(static c => c.IsKey).Select(static c => new PlanColumn(c.Name, c.Type, ColumnRole.Key)).ToList();
        if (source.Window is not null)
            columns.AddRange(WindowBounds);
        columns.AddRange(source.Columns.Where(static c => !c.IsKey).Select(static c => new PlanColumn(c.Name, c.Type, ColumnRole.Value)));
        int[] order =
        [
            .. Enumerable.Range(0, source.Columns.Count).Where(i => source.Columns[i].IsKey),
            .. Enumerable.Range(0, source.Columns.Count).Where(i => !source.Columns[i].IsKey),
        ];
        var kind = mode == ScanMode.Continuous ? source.Kind : RelationKind.Rows;
        return new LogicalScan(source, mode, order, null, new PlanSchema(columns, kind, source.Window));
    }

    /// <summary>The columns of a key's window.</summary>
    public static IReadOnlyList<PlanColumn> WindowBounds { get; } =
    [
        new("WINDOWSTART", Data.Types.SqlType.BigInt, ColumnRole.WindowStart),
        new("WINDOWEND", Data.Types.SqlType.BigInt, ColumnRole.WindowEnd),
    ];
}
