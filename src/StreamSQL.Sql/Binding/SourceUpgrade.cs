using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// What CREATE OR REPLACE may change of a stream or table: columns may be added at the end; its key, its topic and its formats
/// stay, since the records in the topic, and those who read them, stay.
/// </summary>
internal static class SourceUpgrade
{
    /// <summary>Checks that a definition can take the place of another.</summary>
    public static void Check(SourceDefinition before, SourceDefinition after, TextPosition position)
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
    private static SourceColumn Stored(SourceColumn column) => column with
        { IsNotNull = false, Default = null, MaxLength = null };

    private static string Describe(IEnumerable<SourceColumn> columns) =>
        string.Join(", ",
            columns.Select(static column => $"`{column.Name}` {BindingErrors.Name(column.Type)}{(column.IsKey ? " KEY" : "")}"));

    private static string Kind(RelationKind kind) => kind == RelationKind.Stream ? "STREAM" : "TABLE";
}
