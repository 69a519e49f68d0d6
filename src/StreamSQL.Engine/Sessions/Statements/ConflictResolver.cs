using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Queries.Bounded;
using StreamSQL.Engine.Sessions.Writing;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Sessions.Statements;

/// <summary>
/// INSERT ... ON CONFLICT: looks up the key of each row, and makes of the rows those that are to be written. Each expects then that its key
/// has no row, or still the one that was found.
/// </summary>
internal sealed class ConflictResolver(
    ConflictAction action, SourceDefinition target, BoundedEnvironment environment, OperatorContext context, RowEncoder encoder)
{
    private readonly int _keyCount = target.Columns.Count(static column => column.IsKey);
    private readonly Column[] _existing = target.Columns.Select(static column => Column.Create(column.Type)).ToArray();

    // What was found for the key of each row, by position.
    private Existing[] _found = [];

    private enum Existing : byte
    {
        /// <summary>No row.</summary>
        None,

        /// <summary>No row, because this transaction has deleted it.</summary>
        DeletedHere,

        /// <summary>A row that this transaction has written.</summary>
        WrittenHere,

        /// <summary>A row of the table.</summary>
        Stored,
    }

    /// <summary>The expressions of an action as a plan, for their sub-queries to be run before.</summary>
    public static LogicalPlan Expressions(ConflictAction? action)
    {
        BoundExpression?[] all = [.. action?.Values ?? [], action?.Condition];
        return new LogicalValues([all.OfType<BoundExpression>().ToArray()], new PlanSchema([], RelationKind.Rows));
    }

    /// <summary>The rows that are written in the end.</summary>
    /// <exception cref="SqlException">21000: DO UPDATE meets a key twice; 23502: a key is null.</exception>
    public async ValueTask<RowWrite> ResolveAsync(RowWrite rows, CancellationToken cancellation)
    {
        encoder.Check(rows);
        encoder.EncodeKeys(rows);
        var isRepeated = FindRepeated(rows);
        await FindExistingAsync(rows, cancellation);
        var updates = action.Values is null ? null : Update(rows);
        var isUpdated = new bool[rows.Count];
        for (var i = 0; updates is not null && i < updates.Selection.Count; i++)
            isUpdated[updates.Selection[i]] = true;

        var result = new RowWrite(target, isDelete: false);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows.Rows.Selection[i];
            var time = rows.Rows.RowTime.Values[row];
            if (isUpdated[i])
                result.Append(updates!.Columns, [i], _existing,
                    _found[i] == Existing.Stored ? RowCondition.IsUnchanged : RowCondition.None, time);
            else if (_found[i] <= Existing.DeletedHere && !isRepeated[i])
                result.Append(rows.Rows.Columns, [row], [], _found[i] == Existing.None ? RowCondition.IsAbsent : RowCondition.None, time);
        }

        return result;
    }

    /// <summary>Marks the rows whose key an earlier row has.</summary>
    private bool[] FindRepeated(RowWrite rows)
    {
        var index = KeyIndex.Create(target.Columns.Take(_keyCount).Select(static column => column.Type).ToArray(), nullable: false);
        var slots = new int[rows.Count];
        index.FindOrAdd(rows.Rows.Columns.AsSpan(0, _keyCount), rows.Rows.Selection, slots);
        var isRepeated = new bool[rows.Count];
        var seen = new bool[index.SlotLimit];
        for (var i = 0; i < slots.Length; i++)
        {
            isRepeated[i] = seen[slots[i]];
            seen[slots[i]] = true;
            if (isRepeated[i] && action.Values is not null)
            {
                throw new SqlException(
                    PostgresErrorCodes.CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time",
                    "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.");
            }
        }

        return isRepeated;
    }

    private async ValueTask FindExistingAsync(RowWrite rows, CancellationToken cancellation)
    {
        var partitions = await environment.OpenTableAsync(target, cancellation);
        _found = new Existing[rows.Count];
        foreach (var column in _existing)
            column.Reset(rows.Count);
        FindHeld(rows);
        for (var partition = 0; partition < partitions.Count; partition++)
            FindStored(rows, partition, (RowTable)partitions[partition]);
    }

    private void FindHeld(RowWrite rows)
    {
        if (environment.Held?.OverlayOf(target) is not { } overlay)
            return;
        var slots = new int[rows.Count];
        overlay.Find(rows.Rows.Columns.AsSpan(0, _keyCount), rows.Rows.Selection, slots);
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i] < 0)
                continue;
            _found[i] = overlay.IsLive(slots[i]) ? Existing.WrittenHere : Existing.DeletedHere;
            if (_found[i] == Existing.WrittenHere)
                overlay.Read(slots[i], _existing, i);
        }
    }

    private void FindStored(RowWrite rows, int partition, RowTable table)
    {
        var positions = new List<int>();
        var numbers = new int[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows.Partitions[i] != partition || _found[i] != Existing.None)
                continue;
            numbers[positions.Count] = rows.Rows.Selection[i];
            positions.Add(i);
        }

        var slots = new int[positions.Count];
        var times = new long[1];
        var row = table.Values.Select(static column => Column.Create(column.Type)).ToArray();
        lock (table.Sync)
        {
            table.Index.Find(rows.Rows.Columns.AsSpan(0, _keyCount), RowSelection.Of(numbers, slots.Length), slots);
            for (var i = 0; i < slots.Length; i++)
            {
                if (slots[i] < 0 || !table.IsCommitted(slots[i]))
                    continue;
                _found[positions[i]] = Existing.Stored;
                for (var c = 0; c < _keyCount; c++)
                    _existing[c].CopyRow(rows.Rows.Columns[c], numbers[i], positions[i]);
                foreach (var column in row)
                    column.Reset(1);
                table.ReadCommitted(slots.AsSpan(i, 1), row, times);
                for (var c = 0; c < row.Length; c++)
                    _existing[_keyCount + c].CopyRow(row[c], 0, positions[i]);
            }
        }
    }

    /// <summary>The new rows of the keys that have one, by position: those that the condition selects.</summary>
    private ChangeBatch? Update(RowWrite rows)
    {
        var positions = Enumerable.Range(0, rows.Count).Where(i => _found[i] >= Existing.WrittenHere).ToArray();
        if (positions.Length == 0)
            return null;
        var excluded = target.Columns.Select(static column => Column.Create(column.Type)).ToArray();
        for (var c = 0; c < excluded.Length; c++)
            excluded[c].Gather(rows.Rows.Columns[c], RowNumbers.Of(rows.Rows.Selection), 0);
        var both = new ChangeBatch([.. _existing, .. excluded])
            { RowCount = rows.Count, Selection = RowSelection.Of(positions, positions.Length) };
        both.RowTime.Reset(rows.Count);
        if (action.Condition is not null)
            both = Filter(both, action.Condition);
        if (both is null)
            return null;
        var schema = new PlanSchema([.. target.Columns.Select(static column => new PlanColumn(column.Name, column.Type, ColumnRole.Value))],
            RelationKind.Rows);
        var project = new ProjectOperator(context, action.Values!, schema);
        project.Push(both);
        return project.Pull();
    }

    private ChangeBatch? Filter(ChangeBatch rows, BoundExpression condition)
    {
        var filter = new FilterOperator(context, condition, RelationKind.Rows);
        filter.Push(rows);
        return filter.Pull();
    }
}
