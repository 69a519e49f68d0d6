using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Parsing;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>ALTER STREAM or TABLE. Queries that run go on with the columns that they were made with.</summary>
internal sealed class AlterStatement(Session session, EngineServices services, AlterSourceStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var tag = syntax.Kind == RelationKind.Stream ? "ALTER STREAM" : "ALTER TABLE";
        var name = syntax.Name.Last;
        if (!services.Log.Image.Sources.TryGetValue(name.Name, out var source) && syntax.IfExists)
            return CommandResult.Of(tag,
                new Notice("NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"relation \"{name.Text}\" does not exist, skipping"));
        AddedColumn[] skipped = [.. syntax.Alterations.OfType<AddedColumn>()
            .Where(added => added.IfNotExists && source is not null
                && source.Columns.Any(column => column.Name == added.Column.Name.Name))];
        AddedColumn[] added = [.. syntax.Alterations.OfType<AddedColumn>().Except(skipped)];
        foreach (var column in added)
        {
            if (column.Column is { IsNotNull: true, Default: null })
                await RequireNoRowsAsync(column, cancellation);
        }

        await services.Changes.AlterAsync(syntax, session.Settings.Properties, session.Functions, cancellation);
        var filled = new List<Notice?>();
        foreach (var column in added)
        {
            if (column.Column.Default is not null && source is { Kind: RelationKind.Table })
                filled.Add(await FillAsync(column, cancellation));
        }

        return new CommandResult(tag, notices: [.. skipped.Select(Skipped), .. filled.OfType<Notice>(), .. Notices(source, added)]);
    }

    private Notice Skipped(AddedColumn column) => new(
        "NOTICE", PostgresErrorCodes.DuplicateColumn,
        $"column \"{column.Column.Name.Text}\" of relation \"{syntax.Name.Last.Text}\" already exists, skipping");

    private IEnumerable<Notice> Notices(SourceDefinition? source, AddedColumn[] added)
    {
        if (source is { Kind: RelationKind.Stream } && added.Any(static column => column.Column.Default is not null))
        {
            yield return new Notice(
                "WARNING", PostgresErrorCodes.SuccessfulCompletion, "rows that are there have NULL in the new column",
                "The rows of a stream, or of a table without primary key, stay as they are: DEFAULT is for those that come.");
        }

        if (syntax.Alterations.Any(static change => change is LayoutChange))
        {
            yield return new Notice(
                "NOTICE", PostgresErrorCodes.SuccessfulCompletion,
                "what says how PostgreSQL stores a table, or whose it is, changes nothing here");
        }

        foreach (var warning in ConstraintWarnings.Of(
            [.. syntax.Alterations.OfType<AddedConstraint>().Select(static change => change.Constraint),
                .. added.SelectMany(static column => column.Constraints)]))
            yield return warning;
    }

    private async ValueTask RequireNoRowsAsync(AddedColumn column, CancellationToken cancellation)
    {
        var query = SqlParser.ParseStatement($"SELECT 1 FROM {Quoted(syntax.Name.Last)} LIMIT 1");
        await using var rows = await StatementFamilies.BindRows(session, services, query, []).ExecuteAsync([], cancellation);
        if (await rows.ReadAsync(cancellation) is { Selection.Count: > 0 })
        {
            throw new SqlException(
                PostgresErrorCodes.NotNullViolation,
                $"column \"{column.Column.Name.Text}\" of relation \"{syntax.Name.Last.Text}\" contains null values",
                "There are rows: write DEFAULT, too.", column.Position);
        }
    }

    /// <summary>Gives the rows that are there the default of a new column; tells the client when one of them may not be written.</summary>
    private async ValueTask<Notice?> FillAsync(AddedColumn column, CancellationToken cancellation)
    {
        var update = SqlParser.ParseStatement($"UPDATE {Quoted(syntax.Name.Last)} SET {Quoted(column.Column.Name)} = DEFAULT");
        try
        {
            await using var done = await StatementFamilies.BindRows(session, services, update, []).ExecuteAsync([], cancellation);
            return null;
        }
        catch (SqlException error) when (error.SqlState is PostgresErrorCodes.NotNullViolation or PostgresErrorCodes.CheckViolation)
        {
            return new Notice(
                "WARNING", error.SqlState, $"rows that are there have NULL in the new column: {error.Message}",
                $"They were written before that was asked of them. Mend them, then: {update.Text}");
        }
    }

    private static string Quoted(Identifier name) => $"\"{name.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

/// <summary>What a client is told of constraints that are kept, and that nothing checks.</summary>
internal static class ConstraintWarnings
{
    /// <summary>One for each.</summary>
    public static IEnumerable<Notice> Of(IEnumerable<TableConstraintSyntax> constraints)
    {
        foreach (var constraint in constraints)
        {
            if (constraint is UniqueSyntax unique)
                yield return Of($"UNIQUE ({Names(unique.Columns)})", "Only a primary key is unique.");
            else if (constraint is ForeignKeySyntax key)
                yield return Of($"FOREIGN KEY ({Names(key.Columns)})",
                    "It is shown in the catalog. Join the tables to find rows without another.");
        }
    }

    private static Notice Of(string what, string hint) =>
        new("WARNING", PostgresErrorCodes.SuccessfulCompletion, $"{what} is kept, and not checked", hint);

    private static string Names(IEnumerable<Identifier> columns) => string.Join(", ", columns.Select(static column => column.Text));
}

/// <summary>ALTER SYSTEM 'property' = 'value': for this session and all that begin later.</summary>
internal sealed class AlterPropertyStatement(Session session, EngineServices services, AlterSystemStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (!SessionSettings.IsProperty(syntax.Property))
        {
            throw new SqlException(
                PostgresErrorCodes.FeatureNotSupported, $"ALTER SYSTEM sets ksqlDB's properties, not \"{syntax.Property}\"",
                "Use SET, or the server's options.", syntax.Position);
        }

        session.Identity.RequireSuperuser($"permission denied to set parameter \"{syntax.Property}\"");
        // Setting it here checks the value.
        session.Settings.Set(syntax.Property, syntax.Value);
        await services.Changes.AlterSystemAsync(syntax.Property, session.Settings.Get(syntax.Property), cancellation);
        return new CommandResult("ALTER SYSTEM");
    }
}
