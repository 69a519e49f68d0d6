using System.Diagnostics.CodeAnalysis;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;

namespace StreamSQL.Postgres.Commands;

/// <summary>The prepared statements of a connection, by exact name; "" is the unnamed one. SQL and messages share the names.</summary>
internal sealed class StatementTable(int limit, TimeProvider time)
{
    private readonly Dictionary<string, Entry> _statements = new(StringComparer.Ordinal);

    /// <summary>The named ones, as pg_prepared_statements shows them.</summary>
    public IReadOnlyList<NamedStatement> Named =>
    [
        .. _statements.Where(static named => named.Key.Length > 0).Select(static named => new NamedStatement(
            named.Key, named.Value.Text, named.Value.At, [.. named.Value.Statement.Parameters.Select(static parameter => parameter.Oid)],
            named.Value.IsFromSql, named.Value.Executions)),
    ];

    /// <summary>Finds a statement.</summary>
    /// <exception cref="SqlException">26000: there is none of that name.</exception>
    public ClientStatement Get(string name) => Find(name).Statement;

    /// <summary>Finds a statement that is executed now.</summary>
    /// <exception cref="SqlException">26000: there is none of that name.</exception>
    public ClientStatement Use(string name)
    {
        var entry = Find(name);
        entry.Executions++;
        return entry.Statement;
    }

    /// <summary>The text that made a statement.</summary>
    /// <exception cref="SqlException">26000: there is none of that name.</exception>
    public string TextOf(string name) => Find(name).Text;

    /// <summary>Adds a statement; the unnamed one is replaced.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="text">The text that made it.</param>
    /// <param name="isFromSql">Whether PREPARE made it.</param>
    /// <exception cref="SqlException">42P05: the name is taken; 54000: too many.</exception>
    public void Add(string name, ClientStatement statement, string text, bool isFromSql)
    {
        RequireFree(name);
        if (_statements.Count >= limit)
        {
            throw new SqlException(
                PostgresErrorCodes.ProgramLimitExceeded, $"a connection holds at most {limit} prepared statements",
                "DEALLOCATE those that are no longer used.");
        }

        _statements[name] = new Entry(statement, text, isFromSql, name.Length == 0 ? default : time.GetUtcNow());
    }

    /// <summary>Refuses a name that is taken.</summary>
    /// <exception cref="SqlException">42P05.</exception>
    public void RequireFree(string name)
    {
        if (name.Length > 0 && _statements.ContainsKey(name))
            throw new SqlException(PostgresErrorCodes.DuplicatePreparedStatement, $"prepared statement \"{name}\" already exists");
    }

    /// <summary>Forgets a statement; false when there is none of that name.</summary>
    public bool Remove(string name) => _statements.Remove(name);

    /// <summary>Forgets all.</summary>
    public void Clear() => _statements.Clear();

    private Entry Find(string name) => _statements.TryGetValue(name, out var entry)
        ? entry
        : throw new SqlException(
            PostgresErrorCodes.InvalidSqlStatementName,
            name.Length == 0 ? "unnamed prepared statement does not exist" : $"prepared statement \"{name}\" does not exist");

    private sealed class Entry(ClientStatement statement, string text, bool isFromSql, DateTimeOffset at)
    {
        public ClientStatement Statement => statement;

        public string Text => text;

        public bool IsFromSql => isFromSql;

        public DateTimeOffset At => at;

        public long Executions { get; set; }
    }
}

/// <summary>The portals and cursors of a connection, by exact name; "" is the unnamed portal.</summary>
internal sealed class PortalTable(int limit, TimeProvider time) : IAsyncDisposable
{
    private readonly Dictionary<string, Portal> _portals = new(StringComparer.Ordinal);

    /// <summary>The named ones, as pg_cursors shows them.</summary>
    public IReadOnlyList<OpenCursor> Named =>
    [
        .. _portals.Values.Where(static portal => portal.Name.Length > 0).Select(static portal => new OpenCursor(
            portal.Name, portal.Text, portal.IsHeld, portal.IsBinaryCursor, portal.MaxScrollBytes is not null, portal.CreatedAt)),
    ];

    /// <summary>Finds a portal.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out Portal portal) => _portals.TryGetValue(name, out portal);

    /// <summary>Adds a portal; the unnamed one is replaced.</summary>
    /// <exception cref="SqlException">42P03: the name is taken; 54000: too many.</exception>
    public async ValueTask AddAsync(Portal portal)
    {
        if (portal.Name.Length == 0)
            await RemoveAsync("");
        else
            RequireFree(portal.Name);
        if (_portals.Count >= limit)
            throw new SqlException(PostgresErrorCodes.ProgramLimitExceeded, $"a connection holds at most {limit} portals and cursors",
                "CLOSE those that are no longer used.");
        if (portal.Name.Length > 0)
            portal.CreatedAt = time.GetUtcNow();
        _portals.Add(portal.Name, portal);
    }

    /// <summary>Refuses a name that is taken.</summary>
    /// <exception cref="SqlException">42P03.</exception>
    public void RequireFree(string name)
    {
        if (_portals.ContainsKey(name))
            throw new SqlException(PostgresErrorCodes.DuplicateCursor, $"cursor \"{name}\" already exists");
    }

    /// <summary>Closes a portal; false when there is none of that name.</summary>
    public async ValueTask<bool> RemoveAsync(string name)
    {
        if (!_portals.Remove(name, out var portal))
            return false;
        await portal.DisposeAsync();
        return true;
    }

    /// <summary>When a transaction ends: closes all but the held ones, and those too that were made in it if it is rolled back.</summary>
    public ValueTask EndTransactionAsync(bool isRolledBack) => _portals.Count switch
    {
        0 => ValueTask.CompletedTask,
        1 when _portals.TryGetValue("", out var only) && !only.IsHeld => RemoveUnnamedAsync(),
        _ => EndAllAsync(isRolledBack),
    };

    private async ValueTask RemoveUnnamedAsync() => await RemoveAsync("");

    private async ValueTask EndAllAsync(bool isRolledBack)
    {
        await RemoveWhereAsync(portal => !portal.IsHeld || (isRolledBack && !portal.IsCommitted));
        foreach (var portal in _portals.Values)
            portal.IsCommitted = true;
    }

    /// <summary>Closes all but the unnamed one.</summary>
    public ValueTask ClearNamedAsync() => RemoveWhereAsync(static portal => portal.Name.Length > 0);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => RemoveWhereAsync(static _ => true);

    private async ValueTask RemoveWhereAsync(Func<Portal, bool> condition)
    {
        if (_portals.Count == 0)
            return;
        foreach (var portal in _portals.Values.Where(condition).ToArray())
            await RemoveAsync(portal.Name);
    }
}
