using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Expressions;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Engine.Operators.StreamJoin;

/// <summary>One side of a stream-stream join: its buffer, and which rows of the other side its rows match.</summary>
internal sealed class JoinSide
{
    private readonly ExpressionEvaluator[] _evaluators;
    private int[] _withValue = [];
    private int[] _withKey = [];
    private int[] _keyed = [];

    /// <summary>Creates a side.</summary>
    /// <param name="buffer">Its rows.</param>
    /// <param name="keys">The join's key over its columns.</param>
    /// <param name="beforeMs">How much earlier than a row of this side its matches may be.</param>
    /// <param name="afterMs">How much later.</param>
    /// <param name="isPreserved">Whether rows without a match are given out.</param>
    /// <param name="context">The task's context.</param>
    public JoinSide(JoinBuffer buffer, IReadOnlyList<BoundExpression> keys, long beforeMs, long afterMs, bool isPreserved,
        OperatorContext context)
    {
        Buffer = buffer;
        BeforeMs = beforeMs;
        AfterMs = afterMs;
        IsPreserved = isPreserved;
        _evaluators = ExpressionEvaluator.CreateAll(keys, context);
        Keys = new Column[keys.Count];
    }

    /// <summary>Its rows.</summary>
    public JoinBuffer Buffer { get; }

    /// <summary>How much earlier than a row of this side its matches may be.</summary>
    public long BeforeMs { get; }

    /// <summary>How much later.</summary>
    public long AfterMs { get; }

    /// <summary>Whether rows without a match are given out.</summary>
    public bool IsPreserved { get; }

    /// <summary>The key columns of the present batch.</summary>
    public Column[] Keys { get; }

    /// <summary>The rows of the present batch that count: those with a value and, unless the side is preserved, with a key.</summary>
    public RowSelection Rows { get; private set; }

    /// <summary>By position among the rows: the number in the buffer.</summary>
    public int[] Numbers { get; private set; } = [];

    /// <summary>By position: the slot of the row's key in this side's index; -1 when the key is null.</summary>
    public int[] OwnKeys { get; private set; } = [];

    /// <summary>By position: the slot of the row's key in the other side's index; -1 when it is not there.</summary>
    public int[] OtherKeys { get; private set; } = [];

    /// <summary>Begins a batch: evaluates keys, finds them on both sides, copies the rows in.</summary>
    public void Begin(ChangeBatch input, JoinBuffer other)
    {
        EnsureRoom(input.Selection.Count);
        var rows = input.RowsHaving(ChangeFlags.HasNew, _withValue);
        for (var i = 0; i < _evaluators.Length; i++)
            Keys[i] = _evaluators[i].Evaluate(input, rows);
        var keyed = KeyRows.WithoutNulls(Keys, rows, _withKey);
        Rows = IsPreserved ? rows : keyed;
        Buffer.Copy(input.Columns.AsSpan(0, Buffer.Values.Length), Rows, Numbers);
        Find(keyed, other);
    }

    private void Find(RowSelection keyed, JoinBuffer other)
    {
        if (keyed.Count == Rows.Count)
        {
            Buffer.Index.FindOrAdd(Keys, keyed, OwnKeys);
            other.Index.Find(Keys, keyed, OtherKeys);
            Buffer.EnsureKeys();
            return;
        }

        Buffer.Index.FindOrAdd(Keys, keyed, _keyed);
        Spread(keyed, OwnKeys);
        other.Index.Find(Keys, keyed, _keyed);
        Spread(keyed, OtherKeys);
        Buffer.EnsureKeys();
    }

    private void Spread(RowSelection keyed, int[] target)
    {
        var next = 0;
        for (var i = 0; i < Rows.Count; i++)
            target[i] = next < keyed.Count && keyed[next] == Rows[i] ? _keyed[next++] : -1;
    }

    private void EnsureRoom(int rows)
    {
        if (Numbers.Length >= rows)
            return;
        var size = Math.Max(ChangeBatch.MaxRows, rows);
        Numbers = new int[size];
        OwnKeys = new int[size];
        OtherKeys = new int[size];
        _withValue = new int[size];
        _withKey = new int[size];
        _keyed = new int[size];
    }
}
