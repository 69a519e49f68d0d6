using Antlr4.Runtime;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing.Generated;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Parsing;

internal sealed partial class SyntaxBuilder
{
    private Statement SessionStatement(StreamSqlParser.StatementContext rule, TextPosition position) => rule switch
    {
        StreamSqlParser.ShowSettingContext show =>
            new ShowVariableStatement(show.ALL() is not null ? "all" : SettingName(show.settingName()), position),
        StreamSqlParser.ShowIsolationContext => new ShowVariableStatement("transaction_isolation", position),
        StreamSqlParser.ShowTimeZoneContext => new ShowVariableStatement("timezone", position),
        StreamSqlParser.MaintenanceContext maintenance => Maintenance(maintenance.maintenanceStatement(), position),
        StreamSqlParser.UnsetContext unset => new UnsetPropertyStatement(Unquote(unset.key), position),
        StreamSqlParser.ResetContext reset => new ResetVariableStatement(ResetTarget(reset), position),
        StreamSqlParser.DiscardContext discard => new DiscardStatement(
            discard.ALL() is not null ? DiscardTarget.All
            : discard.PLANS() is not null ? DiscardTarget.Plans
            : discard.SEQUENCES() is not null ? DiscardTarget.Sequences
            : DiscardTarget.Temporary,
            position),
        StreamSqlParser.DefineContext define => new DefineStatement(Identifier(define.name), Unquote(define.value), position),
        StreamSqlParser.UndefineContext undefine => new UndefineStatement(Identifier(undefine.name), position),
        StreamSqlParser.PrepareContext prepare => new PrepareStatement(
            Identifier(prepare.name), [.. prepare.dataType().Select(DataType)], Explained(prepare.explained()), position),
        StreamSqlParser.ExecuteContext execute =>
            new ExecuteStatement(Identifier(execute.name), Expressions(execute.expression()), position),
        StreamSqlParser.DeallocateContext deallocate => new DeallocateStatement(OptionalName(deallocate.name), position),
        StreamSqlParser.ListenContext listen => new ListenStatement(Identifier(listen.channel), position),
        StreamSqlParser.UnlistenContext unlisten => new UnlistenStatement(OptionalName(unlisten.channel), position),
        StreamSqlParser.NotifyContext notify => new NotifyStatement(
            Identifier(notify.channel), notify.payload is null ? null : Unquote(notify.payload), position),
        _ => throw new InvalidOperationException($"unknown statement syntax {rule.GetType().Name}"),
    };

    private static string ResetTarget(StreamSqlParser.ResetContext rule)
    {
        if (rule.settingName() is { } name)
            return SettingName(name);
        return rule.ALL() is not null ? "all" : rule.TIME() is not null ? "timezone" : rule.SESSION() is not null
            ? "session_authorization" : "transaction_isolation";
    }

    private static string SettingName(StreamSqlParser.SettingNameContext rule) =>
        string.Join('.', [Identifier(rule.identifier()).Text, .. rule.columnLabel().Select(l => Identifier(l).Text)]).ToLowerInvariant();

    private static Statement Set(StreamSqlParser.SetStatementContext rule)
    {
        var position = SourceText.PositionOf(rule.Parent is ParserRuleContext statement ? statement : rule);
        return rule switch
        {
            StreamSqlParser.SetPropertyContext property =>
                new SetPropertyStatement(Unquote(property.key), Unquote(property.value), position),
            StreamSqlParser.SetCharacteristicsContext session =>
                new SetTransactionStatement(Modes(session.transactionMode()), true, position),
            StreamSqlParser.SetTransactionContext transaction =>
                new SetTransactionStatement(Modes(transaction.transactionMode()), false, position),
            StreamSqlParser.SetTimeZoneContext zone =>
                new SetVariableStatement("timezone", Values(zone.settingValue()), zone.LOCAL() is not null, position),
            StreamSqlParser.SetAuthorizationContext user =>
                new SetVariableStatement("session_authorization", Values(user.settingValue()), user.LOCAL() is not null, position),
            StreamSqlParser.SetRoleContext role =>
                new SetVariableStatement("role", Values(role.settingValue()), role.LOCAL() is not null, position),
            StreamSqlParser.SetNamesContext names => new SetVariableStatement(
                "client_encoding", names.settingValue() is { } value ? Values(value) : null, names.LOCAL() is not null, position),
            StreamSqlParser.SetVariableContext variable when SettingName(variable.settingName()) is var name => new SetVariableStatement(
                name, name == "search_path" ? Names(variable.settingValue()) : Values(variable.settingValue()),
                variable.LOCAL() is not null, position),
            _ => throw new InvalidOperationException($"unknown SET syntax {rule.GetType().Name}"),
        };
    }

    private static IReadOnlyList<string>? Values(params StreamSqlParser.SettingValueContext[] rules) =>
        rules is [{ } only] && only.DEFAULT() is not null && only.columnLabel() is null ? null : [.. rules.Select(SettingValue)];

    /// <summary>Values that are names of PostgreSQL's: in lower case unless they are quoted.</summary>
    private static IReadOnlyList<string>? Names(StreamSqlParser.SettingValueContext[] rules) => Values(rules) is not { } values ? null :
    [
        .. values.Zip(
            rules, static (value, rule) => rule.columnLabel() is { } word && !Identifier(word).IsQuoted ? value.ToLowerInvariant() : value),
    ];

    private static string SettingValue(StreamSqlParser.SettingValueContext rule)
    {
        if (rule.text() is { } text)
            return Text(text);
        if (rule.numeric() is { } number)
            return (rule.MINUS() is null ? "" : "-") + number.GetText();
        return rule.columnLabel() is { } word ? Identifier(word).Text : rule.GetText();
    }

    private static Statement Transaction(StreamSqlParser.TransactionStatementContext rule)
    {
        var position = SourceText.PositionOf(rule);
        return rule switch
        {
            StreamSqlParser.BeginContext begin =>
                new BeginStatement(Modes(begin.transactionMode()), position) { IsStart = begin.START() is not null },
            StreamSqlParser.CommitContext commit => new CommitStatement(commit.CHAIN() is not null && commit.NO() is null, position),
            StreamSqlParser.RollbackContext rollback =>
                new RollbackStatement(rollback.CHAIN() is not null && rollback.NO() is null, position),
            StreamSqlParser.SavepointContext savepoint => new SavepointStatement(Identifier(savepoint.name), position),
            StreamSqlParser.ReleaseContext release => new ReleaseStatement(Identifier(release.name), position),
            StreamSqlParser.RollbackToContext rollback => new RollbackToStatement(Identifier(rollback.name), position),
            _ => throw new InvalidOperationException($"unknown transaction syntax {rule.GetType().Name}"),
        };
    }

    private static TransactionModes Modes(StreamSqlParser.TransactionModeContext[] rules)
    {
        var modes = new TransactionModes(null, null, null);
        foreach (var rule in rules)
        {
            modes = rule.ISOLATION() is not null
                ? modes with
                {
                    Isolation = rule.SERIALIZABLE() is not null ? "serializable"
                        : rule.REPEATABLE() is not null ? "repeatable read"
                        : rule.UNCOMMITTED() is not null ? "read uncommitted"
                        : "read committed",
                }
                : rule.DEFERRABLE() is not null
                    ? modes with { IsDeferrable = rule.NOT() is null }
                    : modes with { IsReadOnly = rule.ONLY() is not null };
        }

        return modes;
    }

    private Statement Cursor(StreamSqlParser.CursorStatementContext rule)
    {
        var position = SourceText.PositionOf(rule);
        switch (rule)
        {
            case StreamSqlParser.DeclareCursorContext declare:
                return new DeclareCursorStatement(Identifier(declare.name), Query(declare.query()), position)
                {
                    IsBinary = declare.BINARY().Length > 0,
                    IsScrollable = declare.SCROLL().Length > declare.NO().Length,
                    IsHeld = declare.HOLD() is not null && declare.WITH() is not null,
                };
            case StreamSqlParser.FetchContext fetch:
                var (direction, count) = Direction(fetch.direction);
                return new FetchStatement(Identifier(fetch.name), direction, count, false, Properties(fetch.withProperties()), position);
            case StreamSqlParser.MoveContext move:
                var (moveDirection, moveCount) = Direction(move.direction);
                return new FetchStatement(Identifier(move.name), moveDirection, moveCount, true, [], position);
            default:
                return new CloseStatement(OptionalName(((StreamSqlParser.CloseContext)rule).name), position);
        }
    }

    private static (FetchDirection Direction, long? Count) Direction(StreamSqlParser.FetchDirectionContext? rule)
    {
        if (rule is null || rule.NEXT() is not null)
            return (FetchDirection.Forward, 1);
        if (rule.PRIOR() is not null)
            return (FetchDirection.Backward, 1);
        if (rule.FIRST() is not null)
            return (FetchDirection.Absolute, 1);
        if (rule.LAST() is not null)
            return (FetchDirection.Absolute, -1);
        var direction = rule.ABSOLUTE() is not null ? FetchDirection.Absolute
            : rule.RELATIVE() is not null ? FetchDirection.Relative
            : rule.BACKWARD() is not null ? FetchDirection.Backward
            : FetchDirection.Forward;
        if (rule.ALL() is not null)
            return (direction, null);
        long count = rule.INTEGER() is { } number ? Integer(number.Symbol) : 1;
        if (rule.MINUS() is not null)
            count = -count;
        // FETCH -3 is FETCH BACKWARD 3, and the reverse.
        return (direction, count) switch
        {
            (FetchDirection.Forward, < 0) => (FetchDirection.Backward, -count),
            (FetchDirection.Backward, < 0) => (FetchDirection.Forward, -count),
            _ => (direction, count),
        };
    }

    private CopyStatement Copy(StreamSqlParser.CopyStatementContext rule)
    {
        var position = SourceText.PositionOf(rule);
        var isFrom = rule.direction.Type == StreamSqlLexer.FROM;
        // STDIN and STDOUT both stand for the client: PHP asks for COPY ... TO STDIN.
        if (isFrom && rule.query() is not null)
            throw SyntaxErrors.At("COPY ... FROM reads into a table", position);
        return new CopyStatement(
            rule.query() is { } query ? Query(query) : null, rule.name is null ? null : QualifiedName(rule.name),
            Identifiers(rule.identifier()), isFrom,
            rule.file is null ? null : Unquote(rule.file), CopyOptions(rule.copyOptions()), position);
    }

    private IReadOnlyList<PropertySyntax> CopyOptions(StreamSqlParser.CopyOptionsContext? rule) => rule is null
        ? []
        : [.. rule.copyOption().Select(CopyOption), .. rule.legacyCopyOption().Select(LegacyCopyOption)];

    private PropertySyntax CopyOption(StreamSqlParser.CopyOptionContext rule)
    {
        var position = SourceText.PositionOf(rule);
        Expression value = rule.propertyValue() is { } written ? PropertyValue(written)
            : rule.STAR() is not null ? new StringLiteral("*", position)
            : rule.identifier().Length > 0
                ? new ArrayExpression([.. rule.identifier().Select(i => new StringLiteral(Identifier(i).Name, position))], position)
            : new BooleanLiteral(true, position);
        return new PropertySyntax(Identifier(rule.columnLabel()).Name, value, position);
    }

    private static PropertySyntax LegacyCopyOption(StreamSqlParser.LegacyCopyOptionContext rule)
    {
        var position = SourceText.PositionOf(rule);
        return rule.Start.Type switch
        {
            StreamSqlLexer.BINARY or StreamSqlLexer.CSV =>
                new PropertySyntax("FORMAT", new StringLiteral(rule.Start.Text.ToLowerInvariant(), position), position),
            StreamSqlLexer.HEADER => new PropertySyntax("HEADER", new BooleanLiteral(true, position), position),
            _ => new PropertySyntax(rule.Start.Text.ToUpperInvariant(), new StringLiteral(Text(rule.text()), position), position),
        };
    }
}
