using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>
/// CREATE INDEX: what it names has to be there. An index changes no result, so that it is taken, and a NOTICE says that none is built. What
/// a UNIQUE one says of the rows is kept, like UNIQUE of a table, and a WARNING says that nothing checks it.
/// </summary>
internal sealed class CreateIndexCommand(EngineServices services, CreateIndexStatement syntax) : SessionStatement
{
    private const string Hint = "A table is found by its primary key, by anything else with a scan.";

    /// <inheritdoc/>
    public override bool ChangesCatalog => syntax.IsUnique;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var source = SourceNames.Find(services.Log.Image, syntax.Table.Last);
        var columns = syntax.Items.OfType<ColumnReference>().Select(item => ColumnOf(source, item.Name.Last)).ToArray();
        if (!syntax.IsUnique || columns.Length < syntax.Items.Count)
        {
            return CommandResult.Of("CREATE INDEX", new Notice(
                "NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"no index on \"{DisplayName.Of(source.Name)}\" is built", Hint));
        }

        var name = syntax.Index is { } given
            ? DisplayName.Of(given.Name) : string.Join('_', columns.Prepend(source.Name).Select(DisplayName.Of).Append("idx"));
        var isNew = await services.Changes.AppendAsync(image => With(image, name, columns), cancellation);
        return CommandResult.Of("CREATE INDEX", isNew
            ? new Notice("WARNING", PostgresErrorCodes.SuccessfulCompletion, $"unique index \"{name}\" is kept, and not checked",
                "Only a primary key is unique. " + Hint)
            : new Notice("NOTICE", PostgresErrorCodes.DuplicateTable, $"relation \"{name}\" already exists, skipping"));
    }

    private static string ColumnOf(SourceDefinition source, Identifier name)
    {
        var folded = name.Text.ToUpperInvariant();
        return source.Columns.FirstOrDefault(known => known.Name == name.Name || known.Name == folded)?.Name ?? throw new SqlException(
            PostgresErrorCodes.UndefinedColumn, $"column \"{name.Text}\" does not exist", position: name.Position);
    }

    private CreateSourceRecord? With(CatalogImage image, string name, string[] columns)
    {
        var source = SourceNames.Find(image, syntax.Table.Last);
        if (UniqueIndexes.Find(image, name) is not null)
        {
            return syntax.IfNotExists ? null : throw new SqlException(
                PostgresErrorCodes.DuplicateTable, $"relation \"{name}\" already exists", position: syntax.Position);
        }

        var constraints = source.Constraints ?? TableConstraints.None;
        return new CreateSourceRecord(source with
        {
            Constraints = constraints with { Unique = [.. constraints.Unique, new UniqueConstraint(name, columns) { IsIndex = true }] },
        });
    }
}

/// <summary>DROP INDEX: of those that CREATE UNIQUE INDEX has made. Those of primary keys go with their tables.</summary>
internal sealed class DropIndexCommand(EngineServices services, DropIndexStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var notices = new List<Notice>();
        foreach (var name in syntax.Names)
        {
            var text = DisplayName.Of(name.Last.Name);
            if (await services.Changes.AppendAsync(image => Without(image, text), cancellation))
                continue;
            RequireNotKey(name.Last);
            if (!syntax.IfExists)
                throw new SqlException(PostgresErrorCodes.UndefinedObject, $"index \"{name.Last.Text}\" does not exist",
                    position: name.Position);
            notices.Add(new Notice(
                "NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"index \"{name.Last.Text}\" does not exist, skipping"));
        }

        return new CommandResult("DROP INDEX", notices: notices);
    }

    private static CreateSourceRecord? Without(CatalogImage image, string name) => UniqueIndexes.Find(image, name) is { } source
        ? new CreateSourceRecord(source with
        {
            Constraints = source.Constraints! with { Unique = [.. source.Constraints!.Unique.Where(unique => unique.Name != name)] },
        })
        : null;

    private void RequireNotKey(Identifier name)
    {
        const string Suffix = "_pkey";
        var table = name.Text.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) ? name.Text[..^Suffix.Length] : "";
        if (services.Log.Image.Sources.Keys.FirstOrDefault(key => key.Equals(table, StringComparison.OrdinalIgnoreCase)) is { } owner)
        {
            throw new SqlException(
                PostgresErrorCodes.DependentObjectsStillExist,
                $"cannot drop index {name.Text} because constraint {name.Text} on table {DisplayName.Of(owner)} requires it",
                position: name.Position);
        }
    }
}

/// <summary>Finds what CREATE UNIQUE INDEX has made.</summary>
internal static class UniqueIndexes
{
    /// <summary>The stream or table of an index; null when there is none of that name.</summary>
    public static SourceDefinition? Find(CatalogImage image, string name) => image.Sources.Values.FirstOrDefault(source =>
        source.Constraints is { } constraints && constraints.Unique.Any(unique => unique.IsIndex && unique.Name == name));
}
