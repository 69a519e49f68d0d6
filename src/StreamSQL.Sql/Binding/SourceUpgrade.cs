using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// What CREATE OR REPLACE and ALTER may change of a stream or table: columns may be added at the end; its key, its topic and its formats
/// stay, since the records in the topic, and those who read them, stay.
/// </summary>
public static class SourceUpgrade
{
    /// <summary>Plans ALTER STREAM or TABLE; the source itself where nothing changes.</summary>
    /// <exception cref="SqlException">There is no such source, or it cannot be altered so.</exception>
    public static SourceDefinition Alter(AlterSourceStatement alter, PlanningContext planning)
    {
        var name = alter.Name.Last;
        var catalog = planning.Catalog;
        var source = catalog.Sources.GetValueOrDefault(name.Name) ?? throw new SqlException(
            PostgresErrorCodes.UndefinedTable, $"Source {name.Name} does not exist.",
            BindingErrors.DidYouMean(name.Name, catalog.Sources.Keys), name.Position);
        if (!source.IsOf(alter.Kind))
            throw new SqlException(PostgresErrorCodes.WrongObjectType,
                $"Incompatible data source type is {Kind(source.Kind)}, but statement was ALTER {Kind(alter.Kind)}",
                position: name.Position);
        if (source.QueryId is not null)
            throw BindingErrors.NotSupported("ALTER command is not supported for CREATE ... AS statements.", alter.Position,
                "Use CREATE OR REPLACE.");
        if (source.IsReadOnly)
            throw BindingErrors.NotSupported($"Cannot alter {Kind(source.Kind).ToLowerInvariant()} '{source.Name}': ALTER operations are " +
                $"not supported on source {Kind(source.Kind).ToLowerInvariant()}s.", alter.Position);
        var columns = source.Columns.ToList();
        foreach (var alteration in alter.Alterations)
        {
            if (alteration is AddedColumn added)
                Add(added with { Column = added.Column with { Type = StoredTypes.Of(added.Column.Type, planning) } }, source.Kind,
                    columns, catalog);
            else
                Change(alteration, source, columns, planning);
        }

        return columns.SequenceEqual(source.Columns)
            ? source : source with { Columns = columns, Statement = $"{source.Statement};\n{alter.Text}" };
    }

    private static void Add(AddedColumn alteration, RelationKind kind, List<SourceColumn> columns, CatalogImage catalog)
    {
        var added = alteration.Column;
        if (!columns.Any(column => column.Name == added.Name.Name))
        {
            columns.Add(SourcePlanner.Column(
                kind, new ColumnElement(added.Name, added.Type, ColumnConstraint.None, null, added.Position), catalog.Types));
        }
        else if (!alteration.IfNotExists)
        {
            throw new SqlException(
                PostgresErrorCodes.DuplicateColumn,
                $"Cannot add column `{added.Name.Name}` to schema. A column with the same name already exists.",
                position: added.Position);
        }
    }

    private static void Change(Alteration alteration, SourceDefinition source, List<SourceColumn> columns, PlanningContext planning)
    {
        var name = alteration is DefaultChange change ? change.Column : ((NotNullChange)alteration).Column;
        var place = columns.FindIndex(column => column.Name == name.Name);
        if (place < 0)
        {
            throw new SqlException(
                PostgresErrorCodes.UndefinedColumn, $"column \"{name.Text}\" of relation \"{DisplayName.Of(source.Name)}\" does not exist",
                BindingErrors.DidYouMean(name.Name, columns.Select(static column => column.Name)), name.Position);
        }

        if (alteration is NotNullChange { IsNotNull: false } && source.Kind == RelationKind.Table && columns[place].IsKey)
            throw new SqlException(PostgresErrorCodes.InvalidTableDefinition, $"column \"{name.Text}\" is in a primary key",
                position: name.Position);
        columns[place] = alteration switch
        {
            DefaultChange other => ColumnDefaults.Set(columns[place], other.Default, planning),
            NotNullChange nullability => columns[place] with { IsNotNull = nullability.IsNotNull },
            _ => columns[place],
        };
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
                + $" (Key columns must be identical. The following key columns are changed, missing or reordered: [{Describe(keys)}])",
                position);
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
        $"Cannot replace {Kind(source.Kind).ToLowerInvariant()} '{source.Name}': DataSource '{source.Name}' {reason}", position,
        "Columns can be added at the end; for all else DROP it and create it again.");

    private static List<SourceColumn> Columns(SourceDefinition source, bool isKey) =>
        [.. source.Columns.Where(column => column.IsKey == isKey)];

    private static List<SourceColumn> Changed(List<SourceColumn> before, List<SourceColumn> after) =>
        [.. before.Where((column, i) => i >= after.Count || Stored(after[i]) != Stored(column))];

    // What clients' statements may write is no part of what the records hold.
    private static SourceColumn Stored(SourceColumn column) => column with { IsNotNull = false, Default = null };

    private static string Describe(IEnumerable<SourceColumn> columns) =>
        string.Join(", ",
            columns.Select(static column => $"`{column.Name}` {BindingErrors.Name(column.Type)}{(column.IsKey ? " KEY" : "")}"));

    private static string Kind(RelationKind kind) => kind == RelationKind.Stream ? "STREAM" : "TABLE";
}
