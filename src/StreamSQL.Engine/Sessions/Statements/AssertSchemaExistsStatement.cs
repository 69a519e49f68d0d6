using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>ASSERT [NOT EXISTS] SCHEMA [SUBJECT s] [ID n]: by one of them, or that the subject has the schema.</summary>
internal sealed class AssertSchemaExistsStatement(Session session, EngineServices services, AssertSchemaStatement syntax) : SessionStatement
{
    private const string DefaultTimeout = "ksql.assert.schema.default.timeout.ms";

    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (syntax.Subject is null && syntax.Id is null)
            throw new SqlException(PostgresErrorCodes.SyntaxError, "Must define a subject name or schema ID for ASSERT SCHEMA",
                position: syntax.Position);
        var registry = services.Tasks.Schemas
            ?? throw new SqlException(PostgresErrorCodes.ObjectNotInPrerequisiteState, "there is no schema registry",
                position: syntax.Position);
        return AssertionWait.RunAsync(
            session, services.Tasks.Time, syntax, syntax.Timeout, DefaultTimeout, token => FindDifferenceAsync(registry, token),
            cancellation);
    }

    private string What => (syntax.Subject, syntax.Id) switch
    {
        ({ } subject, { } id) => $"Schema with subject name {subject} id {id}",
        ({ } subject, null) => $"Schema with subject name {subject}",
        (null, var id) => $"Schema with id {id}",
    };

    private async ValueTask<string?> FindDifferenceAsync(ISchemaRegistry registry, CancellationToken cancellation)
    {
        var exists = await ExistsAsync(registry, cancellation);
        if (exists == syntax.MustExist)
            return null;
        return syntax.MustExist ? $"{What} does not exist" : $"{What} exists";
    }

    private async ValueTask<bool> ExistsAsync(ISchemaRegistry registry, CancellationToken cancellation)
    {
        if (syntax.Subject is not { } subject)
            return await registry.GetAsync(syntax.Id!.Value, cancellation) is not null;
        if (await registry.GetVersionAsync(subject, null, cancellation) is not { } latest)
            return false;
        if (syntax.Id is not { } id || latest.Schema.Id == id)
            return true;
        for (var version = latest.Version - 1; version > 0; version--)
        {
            if (await registry.GetVersionAsync(subject, version, cancellation) is { } found && found.Schema.Id == id)
                return true;
        }

        return false;
    }
}
