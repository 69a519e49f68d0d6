using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Tasks;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>DESCRIBE a stream or table: its columns; with EXTENDED also topic, formats, queries and what happened to their rows.</summary>
internal sealed class DescribeStatement(EngineServices services, DescribeSourceStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } = syntax.IsExtended
        ? SourceDetails.ColumnsOfOne
        : [new("field", SqlType.Varchar), new("type", SqlType.Varchar), new("key", SqlType.Varchar)];

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var source = SourceNames.Find(services.Log.Image, syntax.Name.Last);
        return new ListResult(
            "DESCRIBE", Columns!, syntax.IsExtended ? await new SourceDetails(services).OfAsync(source, cancellation)
                : SourceDetails.Fields(source));
    }
}

/// <summary>DESCRIBE STREAMS or TABLES: the columns of all of them; with EXTENDED all about them.</summary>
internal sealed class DescribeAllSourcesStatement(EngineServices services, DescribeAllStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } = syntax.IsExtended
        ? SourceDetails.ColumnsOfAll
        : [new("name", SqlType.Varchar), new("field", SqlType.Varchar), new("type", SqlType.Varchar)];

    /// <inheritdoc/>
    public override async ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var rows = syntax.IsExtended
            ? await new SourceDetails(services).OfAllAsync(syntax.Kind, cancellation)
            : services.Log.Image.Sources.Values.Where(source => source.Kind == syntax.Kind)
                .SelectMany(static source =>
                    SourceSchemas.Of(source).Columns.Select(column => new object?[] { source.Name, column.Name, column.Type.ToString() }));
        return new ListResult("DESCRIBE", Columns!, rows);
    }
}

/// <summary>DESCRIBE FUNCTION.</summary>
internal sealed class DescribeFunctionSignatures(EngineServices services, DescribeFunctionStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } =
        [new("name", SqlType.Varchar), new("signature", SqlType.Varchar), new("description", SqlType.Varchar)];

    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var name = syntax.Name.Last.Name.ToUpperInvariant();
        var functions = services.Engine.Functions;
        var docs = functions.FindScalar(name).Select(static function => function.Doc).ToList();
        if (functions.FindAggregate(name) is { } aggregate)
            docs.Add(aggregate.Doc);
        if (functions.FindLambda(name) is { } lambda)
            docs.Add(lambda.Doc);
        if (functions.FindTable(name) is { } table)
            docs.Add(table.Doc);
        if (docs.Count == 0)
            throw new SqlException(PostgresErrorCodes.UndefinedFunction, $"function {name} does not exist",
                "SHOW FUNCTIONS lists the functions.", syntax.Position);
        var rows = docs.SelectMany(doc => doc.Signatures.Select(signature => new object?[] { name, signature, doc.Description }));
        return ValueTask.FromResult<StatementResult>(new ListResult("DESCRIBE", Columns!, rows));
    }
}
