using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Expressions;

namespace StreamSQL.Engine.Expressions;

/// <summary><c>x IN (constants)</c> by PostgreSQL's rules: one look into a hash table, however many they are.</summary>
internal sealed class InListNode : ExpressionNode
{
    /// <summary>How many constants are worth it.</summary>
    public const int MinItems = 8;

    private readonly ExpressionNode _operand;
    private readonly IReadOnlyList<BoundExpression> _list;
    private readonly OperatorContext _context;
    private readonly KeyIndex _items;
    private readonly bool _hasParameters;
    private readonly Column _values;
    private bool _hasNull;
    private long _run;
    private readonly FixedColumn<byte> _result = new(SqlType.Boolean);
    private readonly Column[] _keys = new Column[1];
    private int[] _rows = [];
    private int[] _slots = [];

    /// <summary>Creates the node.</summary>
    /// <param name="operand">What is looked for.</param>
    /// <param name="type">The type of all.</param>
    /// <param name="items">The constants: literals and parameters.</param>
    /// <param name="context">The query's context, for parameters.</param>
    /// <exception cref="Data.Errors.SqlException">42P02: a parameter has no value.</exception>
    public InListNode(ExpressionNode operand, SqlType type, IReadOnlyList<BoundExpression> items, OperatorContext context)
    {
        (_operand, _list, _context) = (operand, items, context);
        _hasParameters = items.Any(static item => item is BoundParameter);
        _items = KeyIndex.Create([type], nullable: false);
        _values = Column.Create(type);
        Fill();
    }

    /// <summary>Whether equal values of a type have equal keys.</summary>
    public static bool Takes(SqlType type) => type.Physical is PhysicalKind.Int32 or PhysicalKind.Int64 || type.Kind == SqlTypeKind.Varchar;

    /// <inheritdoc/>
    public override Column Evaluate(EvaluationScope scope, RowSelection rows)
    {
        if (_hasParameters && _run != _context.Run)
            Fill();
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

    /// <summary>Takes the constants as they are in this run.</summary>
    private void Fill()
    {
        _run = _context.Run;
        _hasNull = false;
        _items.Clear();
        _values.Reset(_list.Count);
        var count = 0;
        foreach (var item in _list)
        {
            var value = item is BoundParameter parameter ? ParameterNode.ValueOf(parameter, _context) : ((BoundLiteral)item).Value;
            _hasNull |= value is null;
            if (value is not null)
                ColumnWriter.Write(_values, count++, value);
        }

        _items.FindOrAdd([_values], RowSelection.All(count), new int[count]);
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
