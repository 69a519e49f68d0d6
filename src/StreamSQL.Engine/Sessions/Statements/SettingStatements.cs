using Npgsql;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>SET setting = value, SET 'property' = 'value'; a missing value is DEFAULT.</summary>
internal sealed class SetStatement(Session session, string name, string? value, bool isLocal = false) : SessionStatement
{
    private static readonly Notice NoBlock = new(
        "WARNING", PostgresErrorCodes.NoActiveSqlTransaction, "SET LOCAL can only be used in transaction blocks");

    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (value is null)
            session.Settings.Reset(name);
        else if (isLocal)
            session.Settings.SetLocal(name, value);
        else
            session.Settings.Set(name, value);
        var warning = isLocal && session.TransactionStatus == TransactionStatus.Idle ? NoBlock : null;
        return ValueTask.FromResult<StatementResult>(CommandResult.Of("SET", warning));
    }
}

/// <summary>RESET setting, UNSET 'property'; <c>all</c> is every setting.</summary>
internal sealed class ResetStatement(Session session, string name, string tag) : SessionStatement
{
    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        if (name == "all")
            session.Settings.ResetAll();
        else
            session.Settings.Reset(name);
        return ValueTask.FromResult<StatementResult>(new CommandResult(tag));
    }
}

/// <summary>SET TRANSACTION and SET SESSION CHARACTERISTICS.</summary>
internal sealed class SetTransactionModesStatement(Session session, SetTransactionStatement syntax) : SessionStatement
{
    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var prefix = syntax.IsSession ? "default_transaction" : "transaction";
        Apply(session.Settings, prefix, syntax.Modes);
        return ValueTask.FromResult<StatementResult>(new CommandResult("SET"));
    }

    /// <summary>Puts the modes into the settings that show them.</summary>
    public static void Apply(SessionSettings settings, string prefix, TransactionModes modes)
    {
        if (modes.Isolation is { } isolation)
            settings.Set($"{prefix}_isolation", isolation);
        if (modes.IsReadOnly is { } isReadOnly)
            settings.Set($"{prefix}_read_only", isReadOnly ? "on" : "off");
        if (modes.IsDeferrable is { } isDeferrable)
            settings.Set($"{prefix}_deferrable", isDeferrable ? "on" : "off");
    }
}

/// <summary>SHOW setting, SHOW ALL.</summary>
internal sealed class ShowSettingStatement(Session session, string name) : SessionStatement
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResultColumn>? Columns { get; } = name == "all"
        ? [new("name", SqlType.Varchar), new("setting", SqlType.Varchar), new("description", SqlType.Varchar)]
        : [new(SettingDefinition.All.FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Name ?? name,
            SqlType.Varchar)];

    /// <inheritdoc/>
    public override ValueTask<StatementResult> ExecuteAsync(IReadOnlyList<object?> values, CancellationToken cancellation)
    {
        var descriptions = SettingDefinition.All.ToDictionary(static known => known.Name, static known => known.Description,
            StringComparer.OrdinalIgnoreCase);
        IEnumerable<object?[]> rows = name == "all"
            ? session.Settings.All.Select(setting =>
                new object?[] { setting.Key, session.Settings.Show(setting.Key), descriptions.GetValueOrDefault(setting.Key, "") })
            : [[session.Settings.Show(name)]];
        return ValueTask.FromResult<StatementResult>(new ListResult("SHOW", Columns!, rows));
    }
}
