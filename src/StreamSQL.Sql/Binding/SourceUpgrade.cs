using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// What CREATE OR REPLACE and ALTER may change of a stream or table: columns may be added at the end; its key, its topic and its formats stay, since the
/// records in the topic, and those who read them, stay.
/// </summary>
public static class SourceUpgrade
{
    /// <summary>Plans ALTER STREAM or TABLE ... ADD COLUMN; the source itself where every column is there already, and may be.</summary>
    /// <exception cref="SqlException">There is no such source, or it cannot be altered so.</exception>
    public static SourceDefinition Alter(AlterSourceStatement alter, CatalogImage catalog)
    {
        var name = alter.Name.Last;
        var source = catalog.Sources.GetValueOrDefault(name.Name) ?? throw new SqlException(
            PostgresErrorCodes.UndefinedTable, $"Source {name.Name} does not exist.", BindingErrors.DidYouMean(name.Name, catalog.Sources.Keys), name.Position);
        if (source.Kind != alter.Kind)
            throw new SqlException(PostgresErrorCodes.WrongObjectType, $"Incompatible data source type is {Kind(source.Kind)}, but statement was ALTER {Kind(alter.Kind)}", position: name.Position);
        if (source.QueryId is not null)
            throw BindingErrors.NotSupported("ALTER command is not supported for CREATE ... AS statements.", alter.Position, "Use CREATE OR REPLACE.");
        if (source.IsReadOnly)
            throw BindingErrors.NotSupported($"Cannot alter {Kind(source.Kind).ToLowerInvariant()} '{source.Name}': ALTER operations are not supported on source {Kind(source.Kind).ToLowerInvariant()}s.", alter.Position);
        var columns = source.Columns.ToList();
        foreach (var (added, ifNotExists, _) in alter.Added)
        {
            if (columns.Any(column => column.Name == added.Name.Name))
            {
                if (ifNotExists)
                    continue;
                throw new SqlException(
                    PostgresErrorCodes.DuplicateColumn, $"Cannot add column `{added.Name.Name}` to schema. A column with the same name already exists.",
                    position: added.Position);
            }

            columns.Add(SourcePlanner.Column(alter.Kind, new ColumnElement(added.Name, added.Type, ColumnConstraint.None, null, added.Position), catalog.Types));
        }

        return columns.Count == source.Columns.Count ? source : source with { Columns = columns, Statement = $"{source.Statement};\n{alter.Text}" };
    }

    /// <summary>Checks that a definition can take the place of another.</summary>
    internal static void Check(SourceDefinition before, SourceDefinition after, TextPosition position)
    {
        Same("topic", before.Topic, after.Topic, before, position);
        Same("key format", before.KeyFormat.Name, after.KeyFormat.Name, before, position);
        Same("value format", before.ValueFormat.Name, after.ValueFormat.Name, before, position);
        Same("timestamp column", before.TimestampColumn ?? "none", after.TimestampColumn ?? "none", before, position);
        var keys = Changed(Columns(before, isKey: true), Columns(after, isKey: true));
        if (keys.Count == 0 && Columns(before, isKey: true).Count != Columns(after, isKey: true).Count)
            keys = Columns(after, isKey: true);
        if (keys.Count > 0)
        {
            throw Refuse(
                before, $"has schema {Describe(before.Columns)} which is not upgradeable to {Describe(after.Columns)}."
                + $" (Key columns must be identical. The following key columns are changed, missing or reordered: [{Describe(keys)}])", position);
        }

        var values = Changed(Columns(before, isKey: false), Columns(after, isKey: false));
        if (values.Count > 0)
        {
            throw Refuse(
                before, $"has schema {Describe(before.Columns)} which is not upgradeable to {Describe(after.Columns)}."
                + $" (The following columns are changed, missing or reordered: [{Describe(values)}])", position);
        }
    }

    private static void Same(string what, string before, string after, SourceDefinition source, TextPosition position)
    {
        if (!before.Equals(after, StringComparison.Ordinal))
            throw Refuse(source, $"has {what} = {before} which is not upgradeable to {after}", position);
    }

    private static SqlException Refuse(SourceDefinition source, string reason, TextPosition position) => BindingErrors.NotSupported(
        $"Cannot replace {Kind(source.Kind).ToLowerInvariant()} '{source.Name}': DataSource '{source.Name}' {reason}", position, "Columns can be added at the end; for all else DROP it and create it again.");

    private static List<SourceColumn> Columns(SourceDefinition source, bool isKey) => [.. source.Columns.Where(column => column.IsKey == isKey)];

    private static List<SourceColumn> Changed(List<SourceColumn> before, List<SourceColumn> after) =>
        [.. before.Where((column, i) => i >= after.Count || after[i] != column)];

    private static string Describe(IEnumerable<SourceColumn> columns) =>
        string.Join(", ", columns.Select(static column => $"`{column.Name}` {BindingErrors.Name(column.Type)}{(column.IsKey ? " KEY" : "")}"));

    private static string Kind(RelationKind kind) => kind == RelationKind.Stream ? "STREAM" : "TABLE";
}
