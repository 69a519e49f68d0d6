using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Lambdas;

/// <summary>Row numbers 0, 1, 2, ...: a whole chunk as a list of rows.</summary>
internal static class ChunkRows
{
    private static readonly int[] s_all = [.. Enumerable.Range(0, ChangeBatch.MaxRows)];

    /// <summary>The first rows.</summary>
    public static ReadOnlySpan<int> First(int count) => s_all.AsSpan(0, count);
}

/// <summary>TRANSFORM of an array.</summary>
internal sealed class TransformArrayKernel(SqlType type) : LambdaKernel
{
    private readonly ElementChunks _chunks = new(type);

    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, ReadOnlySpan<LambdaBody> bodies, Column result)
    {
        var source = (ArrayColumn)arguments[0];
        var arrays = (ArrayColumn)result;
        foreach (var row in context.Rows)
        {
            if (source.IsNull(row))
                arrays.SetNull(row);
            else
                arrays.Allocate(row, source.Lengths[source.Physical(row)]);
        }

        var at = 0;
        _chunks.Begin(source);
        while (_chunks.Next(context.Rows))
        {
            var values = bodies[0].Evaluate(_chunks.Columns, _chunks.Rows);
            arrays.Elements.Gather(values, ChunkRows.First(_chunks.Count), at);
            at += _chunks.Count;
        }
    }
}

/// <summary>TRANSFORM of a map.</summary>
internal sealed class TransformMapKernel(SqlType type) : LambdaKernel
{
    private readonly ElementChunks _chunks = new(type);
    private readonly EntrySlots _slots = new();

    /// <inheritdoc/>
    public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, ReadOnlySpan<LambdaBody> bodies, Column result)
    {
        var source = (MapColumn)arguments[0];
        var maps = (MapColumn)result;
        foreach (var row in context.Rows)
        {
            if (source.IsNull(row))
                maps.SetNull(row);
            else
                maps.Allocate(row, source.Lengths[source.Physical(row)]);
        }

        foreach (var row in context.Rows)
            maps.Lengths[row] = maps.IsNull(row) ? maps.Lengths[row] : 0;
        var last = -1;
        _chunks.Begin(source);
        while (_chunks.Next(context.Rows))
        {
            var keys = bodies[0].Evaluate(_chunks.Columns, _chunks.Rows);
            var values = bodies[1].Evaluate(_chunks.Columns, _chunks.Rows);
            for (var i = 0; i < _chunks.Count; i++)
            {
                var row = _chunks.Rows[i];
                if (row != last)
                    _slots.Begin(source.Lengths[source.Physical(row)]);
                last = row;
                Put(context.Errors, maps, row, keys, values, i);
            }
        }
    }

    private void Put(EvaluationErrors errors, MapColumn maps, int row, Column keys, Column values, int i)
    {
        if (keys.IsNull(i))
        {
            errors.Report(row, PostgresErrorCodes.NullValueNotAllowed, "a key of a map must not be NULL");
            return;
        }

        var entry = _slots.FindOrAdd(maps.Keys, maps.Starts[row], maps.Lengths[row], keys, i, out var isNew);
        if (!isNew)
        {
            // ksqlDB's rule: which of two values would stay is chance.
            errors.Report(row, PostgresErrorCodes.CardinalityViolation, "TRANSFORM gives two entries of the map the same key");
            return;
        }

        maps.Keys.CopyRow(keys, i, entry);
        maps.Lengths[row]++;
        maps.Values.CopyRow(values, i, entry);
    }
}

/// <summary>Finds the entry of a key among those that a map has so far.</summary>
internal sealed class EntrySlots
{
    private int[] _entries = [];
    private int _mask;

    /// <summary>Begins a map of at most so many entries.</summary>
    public void Begin(int entries)
    {
        var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(entries * 2, 8));
        if (_entries.Length < size)
            _entries = new int[size];
        _mask = size - 1;
        Array.Fill(_entries, -1, 0, size);
    }

    /// <summary>The place of a key, or the next free one.</summary>
    public int FindOrAdd(Column keys, int start, int count, Column key, int keyRow, out bool isNew)
    {
        var slot = (int)ColumnValue.Hash(key, keyRow) & _mask;
        for (; _entries[slot] >= 0; slot = (slot + 1) & _mask)
        {
            if (ColumnValue.AreEqual(keys, start + _entries[slot], key, keyRow))
            {
                isNew = false;
                return start + _entries[slot];
            }
        }

        isNew = true;
        _entries[slot] = count;
        return start + count;
    }
}
