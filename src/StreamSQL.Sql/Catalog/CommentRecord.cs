namespace StreamSQL.Sql.Catalog;

/// <summary>COMMENT ON.</summary>
/// <param name="Object">What it is on (see <see cref="CommentKeys"/>).</param>
/// <param name="Comment">The text; null takes it back.</param>
public sealed record SetCommentRecord(string Object, string? Comment) : CatalogRecord;

/// <summary>The objects that comments are on, as text.</summary>
public static class CommentKeys
{
    private const char Separator = '\0';

    /// <summary>A stream, table or view.</summary>
    public static string Relation(string name) => "relation" + Separator + name;

    /// <summary>A column of one.</summary>
    public static string Column(string relation, string column) => Relation(relation) + Separator + column;

    /// <summary>The database.</summary>
    public static string Database => "database";

    /// <summary>A schema.</summary>
    public static string Schema(string name) => "schema" + Separator + name;

    /// <summary>Whether a comment goes with a stream, table or view.</summary>
    public static bool IsOf(string key, string relation) =>
        key == Relation(relation) || key.StartsWith(Relation(relation) + Separator, StringComparison.Ordinal);
}
