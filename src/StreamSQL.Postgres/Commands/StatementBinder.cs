using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Commands.Copying;
using StreamSQL.Postgres.Commands.Statements;
using StreamSQL.Postgres.Types;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Postgres.Commands;

/// <summary>Prepares statements: those about the connection's own objects here, all others by the engine.</summary>
internal sealed class StatementBinder(ClientState state)
{
    /// <summary>Prepares a statement.</summary>
    /// <param name="parsed">The statement.</param>
    /// <param name="declaredTypes">Parameter types that the client declares; 0 or missing where it leaves them open.</param>
    /// <exception cref="SqlException">It is wrong, or the transaction block has failed.</exception>
    public ClientStatement Bind(ParsedStatement parsed, IReadOnlyList<uint> declaredTypes)
    {
        ClientStatement? command = parsed.Syntax switch
        {
            PrepareStatement prepare => new PrepareCommand(state, this, prepare),
            ExecuteStatement execute => new ExecuteCommand(state, this, execute),
            DeallocateStatement deallocate => new DeallocateCommand(state, deallocate),
            DeclareCursorStatement declare => BindDeclare(declare, declaredTypes),
            FetchStatement fetch => new FetchCommand(state, fetch),
            CloseStatement close => new CloseCommand(state, close),
            DiscardStatement discard => new DiscardCommand(state, discard),
            CopyStatement copy => BindCopy(copy, declaredTypes),
            _ => null,
        };
        if (command is null)
            return BindByEngine(parsed, declaredTypes);
        RequireUsableBlock();
        return command;
    }

    private EngineStatement BindByEngine(ParsedStatement parsed, IReadOnlyList<uint> declaredTypes)
    {
        var prepared = Prepare(parsed, declaredTypes.Select(PgTypes.ToSqlType).ToArray());
        if (prepared.ParameterTypes.Count > ushort.MaxValue)
        {
            throw new SqlException(
                PostgresErrorCodes.ProgramLimitExceeded, $"a statement has at most {ushort.MaxValue} parameters",
                "Send several statements, or use COPY ... FROM STDIN for rows.");
        }

        var parameters = new ClientParameter[prepared.ParameterTypes.Count];
        for (var i = 0; i < parameters.Length; i++)
        {
            var declared = i < declaredTypes.Count ? declaredTypes[i] : 0;
            var type = prepared.ParameterTypes[i];
            parameters[i] = new(declared is 0 or 705 ? PgTypes.OfParameter(type).Oid : declared, type);
        }

        return new(state.Runner, prepared, parameters);
    }

    /// <summary>
    /// PostgreSQL's type of an array says nothing of its dimensions, and drivers declare it: where an array of arrays is wanted, one of
    /// the same elements is
    /// taken for that.
    /// </summary>
    private PreparedStatement Prepare(ParsedStatement parsed, SqlType?[] types)
    {
        try
        {
            return state.Runner.Prepare(parsed, types);
        }
        catch (SqlException error) when (error.SqlState is PostgresErrorCodes.DatatypeMismatch or PostgresErrorCodes.CannotCoerce
            && Array.Exists(types, static type => type is { Kind: SqlTypeKind.Array }))
        {
            var open = Array.ConvertAll(types, static type => type is { Kind: SqlTypeKind.Array } ? null : type);
            var prepared = state.Runner.Prepare(parsed, open);
            for (var i = 0; i < types.Length; i++)
            {
                if (types[i] is { Kind: SqlTypeKind.Array } declared && !HasElements(prepared.ParameterTypes[i], declared.Element!))
                    throw;
            }

            return prepared;
        }
    }

    private static bool HasElements(SqlType type, SqlType element)
    {
        while (type.Kind == SqlTypeKind.Array)
            type = type.Element!;
        return type == element;
    }

    private DeclareCommand BindDeclare(DeclareCursorStatement declare, IReadOnlyList<uint> declaredTypes)
    {
        RequireUsableBlock();
        return new(state, declare, BindByEngine(new(new QueryStatement(declare.Query) { Text = declare.Text }), declaredTypes));
    }

    private ClientStatement BindCopy(CopyStatement copy, IReadOnlyList<uint> declaredTypes)
    {
        RequireUsableBlock();
        if (copy.File is not null)
        {
            throw new SqlException(
                PostgresErrorCodes.FeatureNotSupported, "COPY with a file of the server is not supported",
                "Use COPY ... TO STDOUT or COPY ... FROM STDIN; psql's \\copy does so with a file of the client.", copy.Position);
        }

        var options = CopyOptions.From(copy.Options);
        if (copy.IsFrom)
        {
            return copy.Table is null
                ? throw new SqlException(PostgresErrorCodes.SyntaxError, "COPY ... FROM needs a stream or table", position: copy.Position)
                : new CopyInCommand(state, options, state.Runner.OpenInsert(copy));
        }

        return new CopyOutCommand(state, options,
            BindByEngine(new(new QueryStatement(CopyOutCommand.QueryOf(copy)) { Text = copy.Text }), declaredTypes));
    }

    /// <summary>Refuses statements in a transaction block that has failed.</summary>
    /// <exception cref="SqlException">25P02.</exception>
    public void RequireUsableBlock()
    {
        if (state.Session.TransactionStatus == TransactionStatus.Failed)
        {
            throw new SqlException(
                PostgresErrorCodes.InFailedSqlTransaction,
                "current transaction is aborted, commands ignored until end of transaction block");
        }
    }
}
