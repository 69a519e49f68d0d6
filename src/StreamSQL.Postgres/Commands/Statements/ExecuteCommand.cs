using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Types;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands.Statements;

/// <summary>EXECUTE of a prepared statement, however it was prepared.</summary>
internal sealed class ExecuteCommand(ClientState state, StatementBinder binder, ExecuteStatement syntax) : ClientStatement
{
    private readonly string _name = ObjectName.Of(syntax.Name);

    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns => state.Statements.Get(_name).Columns;

    /// <inheritdoc/>
    public override async ValueTask<Execution> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var statement = state.Statements.Use(_name);
        if (statement.Parameters.Count != syntax.Arguments.Count)
        {
            throw new SqlException(
                PostgresErrorCodes.SyntaxError, $"wrong number of parameters for prepared statement \"{_name}\"", position: syntax.Position,
                detail: $"Expected {statement.Parameters.Count} parameters but got {syntax.Arguments.Count}.");
        }

        var arguments = statement.Parameters.Count == 0 ? [] : await EvaluateAsync(statement.Parameters, cancellation);
        return await statement.ExecuteAsync(arguments, cancellation);
    }

    /// <summary>
    /// The arguments are expressions without columns: a SELECT of them gives their values, each brought to its parameter's type as text.
    /// </summary>
    private async ValueTask<object?[]> EvaluateAsync(IReadOnlyList<ClientParameter> parameters, CancellationToken cancellation)
    {
        var items = syntax.Arguments.Select(static argument => (SelectItem)new ExpressionItem(argument, null, argument.Position)).ToArray();
        var query = new QueryStatement(new Query(new SelectBody(items, syntax.Position), syntax.Position));
        await using var execution = await binder.Bind(new(query), []).ExecuteAsync([], cancellation);
        var rows = execution.Rows!;
        while (!rows.TryAdvance())
            await rows.WaitAsync(cancellation);
        var row = rows.TakeRow();
        var values = new object?[parameters.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (ColumnText.ToText(rows.Batch.Columns[i], row, TextStyle.Postgres) is not { } text)
                continue;
            var codec = PgCodec.ForParameter(parameters[i].Oid, state.TextSettings)!;
            values[i] = codec.Adapt(codec.ReadText(Encoding.UTF8.GetBytes(text)), parameters[i].Type, state.TextSettings);
        }

        return values;
    }
}
