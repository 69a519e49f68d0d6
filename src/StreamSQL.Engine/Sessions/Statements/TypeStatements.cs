using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>CREATE TYPE: a name for a type.</summary>
internal sealed class NamedTypeStatement(EngineServices services, CreateTypeStatement syntax) : SessionStatement
{
    private static readonly Notice KeptAsText = new(
        "NOTICE", PostgresErrorCodes.SuccessfulCompletion, "values of this type are kept as text, and sorted as text",
        "Columns of new tables with this type take its values only.");

    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var name = syntax.Name.Name;
        NamedTypes.Check(syntax.Name);
        if (await services.Changes.CreateTypeAsync(name, image => NamedTypes.Resolve(syntax.Type, image), syntax.Labels, cancellation))
            return syntax.Labels is null ? new CommandResult("CREATE TYPE") : CommandResult.Of("CREATE TYPE", KeptAsText);
        if (syntax.IfNotExists)
            return CommandResult.Of("CREATE TYPE",
                new Notice("NOTICE", PostgresErrorCodes.DuplicateObject, $"type {name} already exists, skipping"));
        throw new SqlException(
            PostgresErrorCodes.DuplicateObject,
            $"Cannot register custom type '{name}' since it is already registered with type: " +
                $"{services.Log.Image.Types.GetValueOrDefault(name)}",
            "Write IF NOT EXISTS, or DROP TYPE it first.", syntax.Name.Position);
    }
}

/// <summary>DROP TYPE: what was made with it stays as it is.</summary>
internal sealed class DropNamedTypeStatement(EngineServices services, DropTypeStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override bool ChangesCatalog => true;

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var name = syntax.Name.Name;
        if (await services.Changes.DropTypeAsync(name, cancellation))
            return new CommandResult("DROP TYPE");
        if (!syntax.IfExists)
            throw new SqlException(PostgresErrorCodes.UndefinedObject, $"Type {name} does not exist.", "SHOW TYPES lists the types.",
                syntax.Name.Position);
        return CommandResult.Of("DROP TYPE",
            new Notice("NOTICE", PostgresErrorCodes.SuccessfulCompletion, $"type {name} does not exist, skipping"));
    }
}
