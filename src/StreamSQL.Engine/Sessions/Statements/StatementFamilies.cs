using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>Finds the family that runs a statement.</summary>
internal static class StatementFamilies
{
    /// <summary>Binds a statement.</summary>
    /// <exception cref="SqlException">It is wrong, or 0A000: it is not supported.</exception>
    public static SessionStatement Bind(
        Session session, EngineServices services, TransactionState transaction, Statement syntax, IReadOnlyList<SqlType?> parameterTypes) =>
        syntax switch
        {
            BeginStatement or CommitStatement or RollbackStatement or SavepointStatement or ReleaseStatement or RollbackToStatement =>
                new TransactionControlStatement(session, transaction, syntax),
            _ when session.TransactionStatus == TransactionStatus.Failed => throw new SqlException(
                PostgresErrorCodes.InFailedSqlTransaction,
                "current transaction is aborted, commands ignored until end of transaction block"),
            QueryStatement or InsertStatement { Query: null or { Body: ValuesBody } } or UpdateStatement or DeleteStatement
                or AssertValuesStatement or AssertTombstoneStatement =>
                BindRows(session, services, syntax, parameterTypes),
            TruncateStatement truncate => new TruncateTableStatement([.. truncate.Names.Select(name => BindRows(
                session, services, new DeleteStatement(name, null, [], null, [], truncate.Position) { Text = truncate.Text },
                parameterTypes))]),
            InsertStatement insert when StatementPlanner.IsCopy(insert, session.Settings.Properties) => BindPlan(
                session, services, syntax,
                services.Planner.PlanCopy(insert, services.Log.Image, session.Settings.Properties, parameterTypes, session.Functions)),
            InsertStatement insert => new InsertQueryStatement(session, services, insert),
            CreateSourceStatement create => new CreateStatement(session, services, create),
            DropSourceStatement drop => new DropStatement(services, drop),
            CreateViewStatement create => new CreateViewCommand(session, services, create),
            DropViewStatement drop => new DropViewCommand(services, drop),
            RefreshViewStatement refresh => new RefreshViewCommand(services, refresh),
            CommentStatement comment => new CommentCommand(session, services, comment),
            CreateIndexStatement create => new CreateIndexCommand(services, create),
            DropIndexStatement drop => new DropIndexCommand(services, drop),
            CreateSequenceStatement or AlterSequenceStatement or DropSequenceStatement => new SequenceCommand(services, syntax),
            LockTableStatement locked => new LockTableCommand(session, services, locked),
            GrantStatement grant => new GrantCommand(session, services, grant),
            CreateTypeStatement create => new NamedTypeStatement(services, create),
            DropTypeStatement drop => new DropNamedTypeStatement(services, drop),
            TerminateStatement terminate => new QueryControlStatement(services, terminate.QueryId, QueryControl.Terminate),
            PauseStatement pause => new QueryControlStatement(services, pause.QueryId,
                pause.Pause ? QueryControl.Pause : QueryControl.Resume),
            AssertSourceStatement assert => new AssertDefinitionStatement(services, assert),
            AssertTopicStatement assert => new AssertTopicExistsStatement(session, services, assert),
            AssertSchemaStatement assert => new AssertSchemaExistsStatement(session, services, assert),
            DefineStatement or UndefineStatement => new VariableStatement(session, syntax),
            CreateConnectorStatement or DropConnectorStatement or DescribeConnectorStatement => new ConnectorStatement(syntax),
            AlterSystemStatement alter => new AlterPropertyStatement(session, services, alter),
            AlterSourceStatement alter => new AlterStatement(session, services, alter),
            ShowStatement show => new ShowListStatement(session, services, show),
            DescribeSourceStatement describe => new DescribeStatement(services, describe),
            DescribeAllStatement describe => new DescribeAllSourcesStatement(services, describe),
            DescribeFunctionStatement describe => new DescribeFunctionSignatures(services, describe),
            ExplainStatement explain => new ExplainPlanStatement(session, services, explain,
                TakesParameters(explain.Target)
                    ? Bind(session, services, transaction, explain.Target!, parameterTypes).ParameterTypes : []),
            PrintStatement print => new PrintTopicStatement(services, print),
            SetPropertyStatement set => new SetStatement(session, set.Property, set.Value),
            UnsetPropertyStatement unset => new ResetStatement(session, unset.Property, "UNSET"),
            CreateRoleStatement or AlterRoleStatement or RenameRoleStatement or DropRoleStatement =>
                new RoleStatement(session, services, syntax),
            SetVariableStatement { Setting: SessionIdentity.Role or SessionIdentity.SessionAuthorization } set =>
                new IdentityStatement(session, set.Setting, set.Values?[0], "SET"),
            ResetVariableStatement { Setting: SessionIdentity.Role or SessionIdentity.SessionAuthorization } reset =>
                new IdentityStatement(session, reset.Setting, null, "RESET"),
            SetVariableStatement set => new SetStatement(session, set.Setting, SettingList.Of(set.Setting, set.Values), set.IsLocal),
            SetTransactionStatement set => new SetTransactionModesStatement(session, set),
            ShowVariableStatement show => new ShowSettingStatement(session, show.Setting),
            ResetVariableStatement reset => new ResetStatement(session, reset.Setting, "RESET"),
            MaintenanceStatement maintenance => new StorageUpkeepStatement(session, services, maintenance),
            RunScriptStatement run => throw new SqlException(
                PostgresErrorCodes.SyntaxError, $"line {run.Position.Line}:{run.Position.Column}: Syntax Error: Unknown statement 'RUN'",
                "Scripts are run by clients: psql runs a file with \\i.", run.Position),
            ListenStatement or UnlistenStatement or NotifyStatement => new NotificationStatement(session, syntax),
            _ => throw NotSupported(syntax),
        };

    /// <summary>Whether a statement may name $1: then EXPLAIN of it takes the same parameters.</summary>
    private static bool TakesParameters(Statement? statement) => statement is QueryStatement or InsertStatement or UpdateStatement
        or DeleteStatement;

    /// <summary>Binds a statement that reads or writes rows.</summary>
    /// <exception cref="SqlException">It is wrong.</exception>
    public static SessionStatement BindRows(
        Session session, EngineServices services, Statement syntax, IReadOnlyList<SqlType?> parameterTypes) =>
        BindPlan(session, services, syntax,
            services.Planner.Plan(syntax, services.Log.Image, session.Settings.Properties, null, parameterTypes, session.Functions));

    private static SessionStatement BindPlan(Session session, EngineServices services, Statement syntax, PlannedStatement planned)
    {
        if (planned.Writes.Count == 0)
            return BindPart(session, services, syntax, planned, null);
        var written = new WrittenRows();
        return new WithWritesStatement(
            session, services,
            [.. planned.Writes.Select(write =>
                (write.Number, (WriteStatement)BindPart(session, services, syntax, write.Statement, written)))],
            BindPart(session, services, syntax, planned, written), written);
    }

    private static SessionStatement BindPart(Session session, EngineServices services, Statement syntax, PlannedStatement planned,
        WrittenRows? written) =>
        planned switch
        {
            PlannedSelect select => new SelectStatement(session, services, select, written),
            PlannedRowChange change => new ChangeRowsStatement(session, services, change, written),
            PlannedInsertValues insert => new InsertValuesStatement(session, services, insert, written),
            PlannedInsertSelect insert => new InsertSelectStatement(session, services, insert, written),
            PlannedAssertRecord assert => new AssertRecordStatement(session, services, assert, syntax),
            _ => throw NotSupported(syntax),
        };

    private static SqlException NotSupported(Statement syntax)
    {
        var words = syntax.Text.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
        var name = string.Join(' ', words.Take(2)).ToUpperInvariant();
        return new SqlException(PostgresErrorCodes.FeatureNotSupported, $"{name} is not supported", position: syntax.Position);
    }
}
