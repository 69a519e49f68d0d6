using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Tasks;

/// <summary>The plan schema of a whole stream or table.</summary>
internal static class SourceSchemas
{
    /// <summary>Keys, window bounds where the key has them, values.</summary>
    public static PlanSchema Of(SourceDefinition source)
    {
        var columns = source.Columns.Where(static column => column.IsKey)
            .Select(static column => new PlanColumn(column.Name, column.Type, ColumnRole.Key)).ToList();
        if (source.Window is not null)
        {
            columns.Add(new PlanColumn("WINDOWSTART", SqlType.BigInt, ColumnRole.WindowStart));
            columns.Add(new PlanColumn("WINDOWEND", SqlType.BigInt, ColumnRole.WindowEnd));
        }

        columns.AddRange(source.Columns.Where(static column => !column.IsKey)
            .Select(static column => new PlanColumn(column.Name, column.Type, ColumnRole.Value)));
        return new PlanSchema(columns, source.Kind, source.Window);
    }
}
