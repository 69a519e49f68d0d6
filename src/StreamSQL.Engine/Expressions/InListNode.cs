using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Engine.State;

namespace StreamSQL.Engine.Expressions;

/// <summary><c>x IN (constants)</c> by PostgreSQL's rules: one look into a hash table, however many they are.</summary>
internal sealed class InListNode : ExpressionNode
{
    /// <summary>How many constants are worth it.</summary>
    public const int MinItems = 8;

    private readonly ExpressionNode _operand;
    private readonly KeyIndex _items;
    private readonly bool _hasNull;
    private readonly FixedColumn<byte> _result = new(SqlType.Boolean);
    private readonly Column[] _keys = new Column[1];
    private int[] _rows = [];
    private int[] _slots = [];

    /// <summary>Creates the node.</summary>
    /// <param name="operand">What is looked for.</param>
    /// <param name="type">The type of all.</param>
    /// <param name="items">The constants, in the form of literals.</param>
    public InListNode(ExpressionNode operand, SqlType type, IReadOnlyList<object?> items)
    {
        _operand = operand;
        _hasNull = items.Contains(null);
        _items = KeyIndex.Create([type], nullable: false);
        var values = Column.Create(type);
        object[] known = [.. items.OfType<object>()];
        values.Reset(known.Length);
        for (var i = 0; i < known.Length; i++)
            ColumnWriter.Write(values, i, known[i]);
        _items.FindOrAdd([values], RowSelection.All(known.Length), new int[known.Length]);
    }

    /// <summary>Whether equal values of a type have equal keys.</summary>
    public static bool Takes(SqlType type) => type.Physical is PhysicalKind.Int32 or PhysicalKind.Int64 || type.Kind == SqlTypeKind.Varchar;

    /// <inheritdoc/>
    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        _keys[0] = _operand.Evaluate(scope, rows);
        _result.Reset(scope.RowCount);
        if (_slots.Length < rows.Count)
        {
            _slots = new int[Math.Max(64, rows.Count)];
            _rows = new int[_slots.Length];
        }

        rows = WithoutNulls(rows);
        _items.Find(_keys, rows, _slots);
        for (var i = 0; i < rows.Count; i++)
        {
            if (_slots[i] >= 0)
                _result.Values[rows[i]] = 1;
            else if (_hasNull)
                _result.SetNull(rows[i]);
            else
                _result.Values[rows[i]] = 0;
        }

        return _result;
    }

    private RowSelection WithoutNulls(RowSelection rows)
    {
        if (!_keys[0].MayHaveNulls)
            return rows;
        var count = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            if (_keys[0].IsNull(rows[i]))
                _result.SetNull(rows[i]);
            else
                _rows[count++] = rows[i];
        }

        return RowSelection.Of(_rows, count);
    }
}
