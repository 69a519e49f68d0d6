using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Operators;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions.Writing;

/// <summary>The writes of a session's open transaction, in order: held in memory until it ends. Not thread-safe.</summary>
internal sealed class HeldWrites(MemoryBudget budget)
{
    private readonly List<RowWrite> _writes = [];
    private readonly Dictionary<string, WriteOverlay> _overlays = new(StringComparer.Ordinal);

    /// <summary>The writes.</summary>
    public IReadOnlyList<RowWrite> Writes => _writes;

    /// <summary>Adds the write of a statement.</summary>
    /// <exception cref="SqlException">54000: the transaction writes more than is allowed.</exception>
    public void Add(RowWrite write)
    {
        if (write.Count == 0)
            return;
        try
        {
            budget.Charge(write.Bytes);
        }
        catch (SqlException error)
        {
            throw TooLarge(budget.LimitBytes, error);
        }

        _writes.Add(write);
    }

    /// <summary>The error of a transaction, or a statement, that writes too much at once.</summary>
    public static SqlException TooLarge(long limitBytes, SqlException? inner = null) => new(
        PostgresErrorCodes.ProgramLimitExceeded, $"a transaction holds at most {limitBytes} bytes of written rows in memory",
        "Write fewer rows in one transaction; COPY outside a transaction block takes any number.", inner: inner);

    /// <summary>Forgets all but the first writes.</summary>
    public void Truncate(int count)
    {
        if (count >= _writes.Count)
            return;
        budget.Charge(-_writes.Skip(count).Sum(static write => write.Bytes));
        _writes.RemoveRange(count, _writes.Count - count);
        _overlays.Clear();
    }

    /// <summary>What the writes have made of a table; null where they have left it alone.</summary>
    public WriteOverlay? OverlayOf(SourceDefinition table)
    {
        if (!_writes.Exists(write => write.Target.Name == table.Name))
            return null;
        if (!_overlays.TryGetValue(table.Name, out var overlay) || (overlay.Readers > 0 && overlay.WritesApplied < _writes.Count))
            _overlays[table.Name] = overlay = new WriteOverlay(table);
        for (; overlay.WritesApplied < _writes.Count; overlay.WritesApplied++)
        {
            if (_writes[overlay.WritesApplied].Target.Name == table.Name)
                overlay.Apply(_writes[overlay.WritesApplied]);
        }

        return overlay;
    }

    /// <summary>The writes to a stream, in order.</summary>
    public IReadOnlyList<RowWrite> EventsOf(SourceDefinition stream) =>
        stream.Kind == RelationKind.Stream ? _writes.Where(write => write.Target.Name == stream.Name).ToArray() : [];
}
