using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>COMMENT ON: kept in the catalog, and shown by obj_description and its kin.</summary>
internal sealed class CommentCommand(Session session, EngineServices services, CommentStatement syntax) : SessionStatement
{
    private static readonly string[] Schemas = ["public", "pg_catalog", "information_schema", "streamsql"];

    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var text = string.IsNullOrEmpty(syntax.Comment) ? null : syntax.Comment;
        await services.Changes.AppendAsync(
            image => Key(image) is var key && image.Comments.GetValueOrDefault(key) == text ? null : new SetCommentRecord(key, text),
            cancellation);
        return new CommandResult("COMMENT");
    }

    private string Key(CatalogImage image) => syntax.Kind switch
    {
        CommentedKind.Database => Database(),
        CommentedKind.Schema => Schema(),
        CommentedKind.Column => Column(image),
        _ => CommentKeys.Relation(Relation(image, syntax.Name.Last)),
    };

    private string Database()
    {
        var name = syntax.Name.Last;
        return name.Text.Equals(session.Snapshot.DatabaseName, StringComparison.OrdinalIgnoreCase)
            ? CommentKeys.Database : throw new SqlException(
                PostgresErrorCodes.InvalidCatalogName, $"database \"{name.Text}\" does not exist", position: name.Position);
    }

    private string Schema()
    {
        var name = syntax.Name.Last;
        return Schemas.FirstOrDefault(schema => schema.Equals(name.Text, StringComparison.OrdinalIgnoreCase)) is { } found
            ? CommentKeys.Schema(found)
            : throw new SqlException(PostgresErrorCodes.InvalidSchemaName, $"schema \"{name.Text}\" does not exist",
                position: name.Position);
    }

    private string Column(CatalogImage image)
    {
        if (!syntax.Name.IsQualified)
            throw new SqlException(PostgresErrorCodes.SyntaxError, "column name must be qualified", position: syntax.Name.Position);
        var relation = Relation(image, syntax.Name.Parts[^2]);
        var columns = image.Sources.TryGetValue(relation, out var source)
            ? source.Columns.Select(static column => column.Name)
            : image.Views[relation].Columns.Select(static column => column.Name);
        var name = syntax.Name.Last;
        var folded = name.Text.ToUpperInvariant();
        var found = columns.FirstOrDefault(column => column == name.Name) ?? columns.FirstOrDefault(column => column == folded);
        return found is not null ? CommentKeys.Column(relation, found) : throw new SqlException(
            PostgresErrorCodes.UndefinedColumn, $"column \"{name.Text}\" of relation \"{DisplayName.Of(relation)}\" does not exist",
            position: name.Position);
    }

    private string Relation(CatalogImage image, Identifier name)
    {
        var found = SourceNames.Resolve(image, name);
        if (image.Sources.TryGetValue(found, out var source))
            return IsMeant(source) ? found : throw WrongKind(name);
        found = image.Views.ContainsKey(name.Name) ? name.Name : name.Name.ToUpperInvariant();
        if (!image.Views.ContainsKey(found))
            throw SourceNames.Unknown(image, name);
        return syntax.Kind is CommentedKind.View or CommentedKind.Column ? found : throw WrongKind(name);
    }

    private bool IsMeant(SourceDefinition source) => syntax.Kind switch
    {
        CommentedKind.Column => true,
        CommentedKind.Stream => source.Kind == RelationKind.Stream,
        CommentedKind.MaterializedView => source.QueryId is not null,
        CommentedKind.Table => source.IsOf(RelationKind.Table),
        _ => false,
    };

    private SqlException WrongKind(Identifier name)
    {
        var kind = syntax.Kind == CommentedKind.MaterializedView ? "materialized view" : syntax.Kind.ToString().ToLowerInvariant();
        return new(PostgresErrorCodes.WrongObjectType, $"\"{name.Text}\" is not a {kind}", position: name.Position);
    }
}
