using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>CREATE, ALTER and DROP SEQUENCE.</summary>
internal sealed class SequenceCommand(EngineServices services, Statement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation) =>
        syntax switch
    {
        CreateSequenceStatement create => await CreateAsync(create, cancellation),
        AlterSequenceStatement alter => await AlterAsync(alter, cancellation),
        _ => await DropAsync((DropSequenceStatement)syntax, cancellation),
    };

    private async ValueTask<StatementResult> CreateAsync(CreateSequenceStatement create, CancellationToken cancellation)
    {
        var sequence = SequencePlanner.Define(create);
        Notice? notice = null;
        await services.Changes.AppendAsync(
            image =>
            {
                if (!image.IsRelation(sequence.Name))
                    return new SetSequenceRecord(sequence);
                var message = $"relation \"{DisplayName.Of(sequence.Name)}\" already exists";
                if (!create.IfNotExists)
                    throw new SqlException(PostgresErrorCodes.DuplicateTable, message, position: create.Name.Position);
                notice = new Notice("NOTICE", PostgresErrorCodes.DuplicateTable, message + ", skipping");
                return null;
            },
            cancellation);
        if (notice is null)
            services.Sequences.Forget(sequence.Name);
        return CommandResult.Of("CREATE SEQUENCE", notice);
    }

    private async ValueTask<StatementResult> AlterAsync(AlterSequenceStatement alter, CancellationToken cancellation)
    {
        if (Find(services.Log.Image, alter.Name) is not { } name)
        {
            return alter.IfExists
                ? CommandResult.Of("ALTER SEQUENCE", Skipped(alter.Name, "relation"))
                : throw Unknown(alter.Name, "relation");
        }

        // What was set aside and not handed out is left out; the values go on behind it.
        await services.Changes.AppendAsync(
            image => image.Sequences.TryGetValue(name, out var sequence) ? new SetSequenceRecord(SequencePlanner.Alter(sequence, alter))
                : null, cancellation);
        services.Sequences.Forget(name);
        return new CommandResult("ALTER SEQUENCE");
    }

    private async ValueTask<StatementResult> DropAsync(DropSequenceStatement drop, CancellationToken cancellation)
    {
        var notices = new List<Notice>();
        foreach (var written in drop.Names)
        {
            if (Find(services.Log.Image, written) is not { } name)
            {
                notices.Add(drop.IfExists ? Skipped(written, "sequence") : throw Unknown(written, "sequence"));
                continue;
            }

            await services.Changes.AppendAsync(image => !image.Sequences.TryGetValue(name, out var sequence)
                ? null : Droppable(sequence, image), cancellation);
            services.Sequences.Forget(name);
        }

        return new CommandResult("DROP SEQUENCE", notices: notices);
    }

    private static DropSequenceRecord Droppable(SequenceDefinition sequence, CatalogImage image)
    {
        if (sequence.OwnerTable is { } table && image.Sources.ContainsKey(table))
        {
            throw new SqlException(
                PostgresErrorCodes.DependentObjectsStillExist,
                $"cannot drop sequence {DisplayName.Of(sequence.Name)} because other objects depend on it",
                $"It counts the rows of table {DisplayName.Of(table)}, and goes with it.");
        }

        return new DropSequenceRecord(sequence.Name);
    }

    private static string? Find(CatalogImage image, QualifiedName name) =>
        image.Sequences.ContainsKey(name.Last.Name) ? name.Last.Name
        : image.Sequences.ContainsKey(name.Last.Text.ToUpperInvariant()) ? name.Last.Text.ToUpperInvariant() : null;

    private static Notice Skipped(QualifiedName name, string what) =>
        new("NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"{what} \"{name.Last.Text}\" does not exist, skipping");

    private static SqlException Unknown(QualifiedName name, string what) =>
        new(PostgresErrorCodes.UndefinedTable, $"{what} \"{name.Last.Text}\" does not exist", position: name.Position);
}
