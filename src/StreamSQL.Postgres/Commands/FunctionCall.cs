using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Postgres.Catalog;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands;

/// <summary>
/// A function that is called by message: a SELECT of it, whose parameters have the types that the function takes. A function has one
/// identifier whatever it takes, so the
/// number of arguments, and where that leaves a choice the binder, say which one is meant.
/// </summary>
internal sealed class FunctionCall(ClientState state, StatementBinder binder, BackendMessageWriter writer)
{
    /// <summary>Calls the function and writes its value.</summary>
    /// <exception cref="SqlException">42883: there is none; 0A000: it cannot be called so; or it failed.</exception>
    public async ValueTask RunAsync(FunctionCallMessage message, CancellationToken cancellation)
    {
        binder.RequireUsableBlock();
        var statement = Bind(message);
        var values = ReadArguments(message, statement.Parameters);
        await using var execution = await statement.ExecuteAsync(values, cancellation);
        var rows = execution.Rows!;
        while (!rows.TryAdvance())
            await rows.WaitAsync(cancellation);
        var row = rows.TakeRow();
        await state.Session.EndImplicitAsync(cancellation);
        var codec = PgCodec.For(statement.Columns![0].Type, state.TextSettings);
        writer.FunctionCallResponse(codec, message.ResultFormat, rows.Batch.Columns[0], row);
    }

    private ClientStatement Bind(FunctionCallMessage message)
    {
        if (!CatalogFunctions.All.TryGetValue(message.FunctionOid, out var function))
            throw new SqlException(PostgresErrorCodes.UndefinedFunction, $"function with OID {message.FunctionOid} does not exist");
        if (function.IsAggregate || function.ReturnsSet)
        {
            throw new SqlException(
                PostgresErrorCodes.FeatureNotSupported, $"cannot call function \"{function.Name}\" via fastpath interface");
        }

        var parameters = string.Join(", ", Enumerable.Range(1, message.Arguments.Length).Select(static number => $"${number}"));
        var parsed = state.Runner.Parse($"SELECT {ClientName.Quote(function.Name)}({parameters})");
        return binder.Bind(parsed[0], []);
    }

    private object?[] ReadArguments(FunctionCallMessage message, IReadOnlyList<ClientParameter> parameters)
    {
        var values = new object?[parameters.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (message.Arguments[i] is { } bytes)
            {
                var reader = ParameterReader.Create(parameters[i].Oid, parameters[i].Type, state.TextSettings);
                values[i] = reader.Read(bytes, message.FormatOf(i));
            }
        }

        return values;
    }
}
