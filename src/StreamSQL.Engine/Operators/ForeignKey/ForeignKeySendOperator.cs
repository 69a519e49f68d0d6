using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.Planning;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.ForeignKey;

/// <summary>
/// Turns changes of a foreign-key join's left table, which carry their old rows, into subscriptions. A row whose foreign key has changed is
/// forgotten at the old key first. A row without a foreign key matches nothing; a left join keeps it all the same. A new row always asks
/// for an answer: one of its key that is gone may have had a result, whose removal it has overtaken. (ksqlDB, and we when compatible,
/// answer a new row of an inner join only where there is a match.)
/// </summary>
internal sealed class ForeignKeySendOperator : BatchOperator
{
    private readonly OperatorContext _context;
    private readonly ExpressionEvaluator[] _new;
    private readonly ExpressionEvaluator[] _old;
    private readonly Column[] _newKeys;
    private readonly Column[] _oldKeys;
    private readonly KeyEncoder _encoder;
    private readonly KeyBatch _newBytes = new();
    private readonly KeyBatch _oldBytes = new();
    private readonly RowHash _hash = new();
    private readonly ChangeBatch _output;
    private readonly int _keyCount;
    private readonly bool _isLeftJoin;
    private readonly bool _alwaysAsks;
    private int[] _newRows = [];
    private int[] _oldRows = [];
    private int _count;

    /// <summary>Creates the operator.</summary>
    public ForeignKeySendOperator(OperatorContext context, ForeignKeySend node)
    {
        var join = node.Join;
        _context = context;
        _new = ExpressionEvaluator.CreateAll(join.LeftKeys, context);
        _old = ExpressionEvaluator.CreateAll(join.LeftKeys, context);
        _newKeys = new Column[_new.Length];
        _oldKeys = new Column[_new.Length];
        _encoder = new KeyEncoder([.. join.LeftKeys.Select(static key => key.Type)], nullable: true);
        _keyCount = join.KeyColumns;
        _isLeftJoin = join.Kind == JoinKind.Left;
        _alwaysAsks = _isLeftJoin || !context.KsqlCompat;
        _output = new ChangeBatch(node.Schema.Columns.Select(static column => column.Type).ToArray()) { Partition = context.Partition };
    }

    /// <inheritdoc/>
    protected override ChangeBatch? Process(ChangeBatch input)
    {
        if (_newRows.Length < input.Selection.Count)
        {
            _newRows = new int[Math.Max(ChangeBatch.MaxRows, input.Selection.Count)];
            _oldRows = new int[_newRows.Length];
        }

        var (newRows, oldRows) = (input.RowsHaving(ChangeFlags.HasNew, _newRows), input.RowsHaving(ChangeFlags.HasOld, _oldRows));
        for (var i = 0; i < _new.Length; i++)
        {
            _newKeys[i] = _new[i].Evaluate(input, newRows);
            _oldKeys[i] = _old[i].EvaluateOld(input, oldRows);
        }

        _encoder.Encode(_newKeys, newRows, _newBytes);
        _encoder.Encode(_oldKeys, oldRows, _oldBytes);
        _output.Reset(2 * input.Selection.Count);
        _count = 0;
        Tell(input);
        _output.RowCount = _count;
        _output.Selection = RowSelection.All(_count);
        return _count == 0 ? null : _output;
    }

    private void Tell(ChangeBatch input)
    {
        var (nextNew, nextOld) = (0, 0);
        for (var i = 0; i < input.Selection.Count; i++)
        {
            var row = input.Selection[i];
            var flags = input.FlagsOf(row);
            ReadOnlySpan<byte> before = (flags & ChangeFlags.HasOld) != 0 ? _oldBytes[nextOld++] : default;
            ReadOnlySpan<byte> after = (flags & ChangeFlags.HasNew) != 0 ? _newBytes[nextNew++] : default;
            switch (flags)
            {
                case ChangeFlags.HasOld:
                    if (_alwaysAsks || !HasNull(_oldKeys, row))
                        Add(input, row, _oldKeys, ForeignKeyAction.Delete, hasHash: false);
                    break;
                case ChangeFlags.HasNew:
                    TellNew(input, row, hadKey: false);
                    break;
                case ChangeFlags.HasOld | ChangeFlags.HasNew:
                    TellUpdate(input, row, before.SequenceEqual(after));
                    break;
            }
        }
    }

    private void TellUpdate(ChangeBatch input, int row, bool isSameKey)
    {
        var (hadKey, hasKey) = (!HasNull(_oldKeys, row), !HasNull(_newKeys, row));

        // ksqlDB leaves the result as it is when the foreign key becomes null.
        if (!hasKey && !_isLeftJoin && _context.KsqlCompat)
            return;
        if (hadKey && !isSameKey)
            Add(input, row, _oldKeys, ForeignKeyAction.Forget, hasHash: false);
        TellNew(input, row, hadKey);
    }

    private void TellNew(ChangeBatch input, int row, bool hadKey)
    {
        if (!_alwaysAsks && !hadKey && HasNull(_newKeys, row))
            return;
        Add(input, row, _newKeys, _alwaysAsks || hadKey ? ForeignKeyAction.Subscribe : ForeignKeyAction.SubscribeIfFound, hasHash: true);
    }

    private void Add(ChangeBatch input, int row, Column[] keys, ForeignKeyAction action, bool hasHash)
    {
        var columns = _output.Columns;
        var at = 0;
        foreach (var key in keys)
            columns[at++].Scatter(key, [row], [_count]);
        for (var c = 0; c < _keyCount; c++)
            columns[at++].Scatter(input.Columns[c], [row], [_count]);
        if (hasHash)
            ((FixedColumn<long>)columns[at]).Values[_count] = _hash.Of(input.Columns.AsSpan(_keyCount), row);
        else
            columns[at].SetNull(_count);
        ((FixedColumn<int>)columns[at + 1]).Values[_count] = (int)action;
        _output.RowTime.Values[_count++] = input.RowTime[row];
    }

    private static bool HasNull(Column[] keys, int row)
    {
        foreach (var key in keys)
        {
            if (key.IsNull(row))
                return true;
        }

        return false;
    }
}
