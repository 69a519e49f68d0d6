using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Expressions;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Engine.Operators.Bounded;

/// <summary>
/// Joins finished rows by equal keys, or every row with every row when there are no keys, under a further condition. Push the whole right
/// input (port 1) first, then the left one. The output has the left columns, then the right columns; semi and anti joins have the left
/// columns only, mark joins a BOOLEAN behind them.
/// </summary>
internal sealed class HashJoinOperator : Operator
{
    /// <summary>The input that is to be pushed whole before the other one.</summary>
    public const int FirstPort = 1;

    private const int FirstRun = 64;

    private readonly JoinKind _kind;
    private readonly JoinBuildSide _right;
    private readonly ExpressionEvaluator[] _leftKeys;
    private readonly Column[] _keyColumns;
    private readonly PredicateEvaluator? _residual;
    private readonly int _leftCount;
    private readonly ChangeBatch _pairs;
    private readonly ChangeBatch _halves;
    private readonly FixedColumn<byte> _mark = new(SqlType.Boolean);
    private readonly ChangeBatch _marked;
    private readonly int[] _pairLeft = new int[ChangeBatch.MaxRows];
    private readonly int[] _pairRight = new int[ChangeBatch.MaxRows];
    private ChangeBatch? _leftOutput;
    private ChangeBatch? _left;
    private int[] _firstMatch = [];
    private bool[] _isMatched = [];
    private int[] _rows = [];
    private int _position;
    private int _candidate;
    private int _runLimit = FirstRun;
    private int _unmatchedRight = -1;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The query's context.</param>
    /// <param name="kind">Which unmatched rows are kept.</param>
    /// <param name="left">The left input.</param>
    /// <param name="right">The right input.</param>
    /// <param name="leftKeys">Equality keys over the left input; may be none.</param>
    /// <param name="rightKeys">Equality keys over the right input.</param>
    /// <param name="residual">Further condition over left columns followed by right columns, or null.</param>
    public HashJoinOperator(
        OperatorContext context, JoinKind kind, PlanSchema left, PlanSchema right,
        IReadOnlyList<BoundExpression> leftKeys, IReadOnlyList<BoundExpression> rightKeys, BoundExpression? residual)
    {
        _kind = kind;
        _leftKeys = ExpressionEvaluator.CreateAll(leftKeys, context);
        _keyColumns = new Column[_leftKeys.Length];
        _right = new JoinBuildSide(context, right, rightKeys);
        _residual = residual is null ? null : new PredicateEvaluator(residual, context);
        _leftCount = left.Columns.Count;
        SqlType[] types = [.. left.Columns.Select(static column => column.Type), .. right.Columns.Select(static column => column.Type)];
        _pairs = new ChangeBatch(types);
        _halves = new ChangeBatch(types);
        _marked = new ChangeBatch(new Column[_leftCount + 1]);
        _marked.Columns[_leftCount] = _mark;
    }

    private bool KeepsLeft => _kind is JoinKind.Left or JoinKind.Full or JoinKind.Single;

    private bool KeepsRight => _kind is JoinKind.Right or JoinKind.Full;

    private bool GivesLeftOnly => _kind is JoinKind.Semi or JoinKind.Anti or JoinKind.Mark;

    /// <inheritdoc/>
    /// <exception cref="SqlException">53200: the right input is over the budget.</exception>
    public override void Push(ChangeBatch input, int port = 0)
    {
        if (port == 1)
        {
            _right.Add(input);
            return;
        }

        _left = input;
        _position = 0;
        if (_firstMatch.Length < input.Selection.Count)
        {
            _firstMatch = new int[Math.Max(64, input.Selection.Count)];
            _isMatched = new bool[_firstMatch.Length];
            _rows = new int[_firstMatch.Length];
        }

        _isMatched.AsSpan(0, input.Selection.Count).Clear();
        for (var i = 0; i < _leftKeys.Length; i++)
            _keyColumns[i] = _leftKeys[i].Evaluate(input, input.Selection);
        _right.FindFirst(_keyColumns, input.Selection, _firstMatch);
        _candidate = input.Selection.Count > 0 ? _firstMatch[0] : -1;
    }

    /// <inheritdoc/>
    public override void Signal(OperatorSignal signal)
    {
        if (signal == OperatorSignal.End && KeepsRight)
            _unmatchedRight = 0;
    }

    /// <inheritdoc/>
    public override ChangeBatch? Pull()
    {
        while (_left is not null)
        {
            var count = NextPairs(_left);
            if (count > 0)
            {
                var pairs = Match(_left, count);
                if (pairs is not null && !GivesLeftOnly)
                    return pairs;
                continue;
            }

            var left = _left;
            _left = null;
            if (_kind == JoinKind.Mark)
                return MarkedRows(left);
            if (GivesLeftOnly)
                return LeftRows(left);
            if (KeepsLeft && UnmatchedLeft(left) is { } halves)
                return halves;
        }

        return _unmatchedRight >= 0 ? UnmatchedRight() : null;
    }

    /// <summary>Writes down the next candidate pairs by position of the left row; 0 when the left batch is done.</summary>
    private int NextPairs(ChangeBatch left)
    {
        var (count, run) = (0, 0);
        var asksInRuns = GivesLeftOnly && _residual is not null;
        while (_position < left.Selection.Count && count < _pairLeft.Length)
        {
            // A left row that has found a match needs no other one where only its existence counts.
            if (_candidate < 0 || (GivesLeftOnly && _isMatched[_position]))
            {
                (run, _runLimit) = (0, FirstRun);
                if (++_position < left.Selection.Count)
                    _candidate = _firstMatch[_position];
                continue;
            }

            // So it is asked first whether one of a few meets the condition, then of more.
            if (asksInRuns && run++ == _runLimit)
            {
                _runLimit *= 2;
                break;
            }

            _pairLeft[count] = _position;
            _pairRight[count++] = _candidate;
            if (_residual is null)
                NoteMatch(_position);
            _candidate = _right.Next(_candidate);
        }

        return count;
    }

    private void NoteMatch(int position)
    {
        if (_kind == JoinKind.Single && _isMatched[position])
            throw new SqlException(PostgresErrorCodes.CardinalityViolation,
                "more than one row returned by a subquery used as an expression");
        _isMatched[position] = true;
    }

    /// <summary>Puts the pairs together and keeps those that meet the further condition; null when none does.</summary>
    private ChangeBatch? Match(ChangeBatch left, int count)
    {
        if (_residual is null && GivesLeftOnly)
            return null;
        Assemble(left, count);
        if (_residual is not null)
        {
            _pairs.Selection = _residual.Evaluate(_pairs, _pairs.Selection);
            for (var i = 0; i < _pairs.Selection.Count; i++)
                NoteMatch(_pairLeft[_pairs.Selection[i]]);
        }

        if (KeepsRight)
        {
            for (var i = 0; i < _pairs.Selection.Count; i++)
                _right.MarkMatched(_pairRight[_pairs.Selection[i]]);
        }

        return _pairs.Selection.Count > 0 ? _pairs : null;
    }

    private void Assemble(ChangeBatch left, int count)
    {
        _pairs.Reset(count);
        Span<int> leftRows = stackalloc int[count];
        for (var i = 0; i < count; i++)
            leftRows[i] = left.Selection[_pairLeft[i]];
        for (var c = 0; c < _leftCount; c++)
            _pairs.Columns[c].Gather(left.Columns[c], leftRows, 0);
        _pairs.RowTime.Gather(left.RowTime, leftRows, 0);
        _right.Gather(_pairRight.AsSpan(0, count), _pairs.Columns.AsSpan(_leftCount));
    }

    private ChangeBatch? LeftRows(ChangeBatch left)
    {
        var output = BatchViews.View(left, ref _leftOutput);
        output.Selection = LeftWhere(left, isMatched: _kind == JoinKind.Semi);
        return output.Selection.Count > 0 ? output : null;
    }

    private ChangeBatch MarkedRows(ChangeBatch left)
    {
        left.Columns.CopyTo(_marked.Columns, 0);
        _marked.TakeRowsFrom(left);
        _mark.Reset(left.RowCount);
        for (var i = 0; i < left.Selection.Count; i++)
            _mark.Values[left.Selection[i]] = _isMatched[i] ? (byte)1 : (byte)0;
        return _marked;
    }

    private ChangeBatch? UnmatchedLeft(ChangeBatch left)
    {
        var rows = LeftWhere(left, isMatched: false);
        if (rows.Count == 0)
            return null;
        _halves.Reset(rows.Count);
        for (var c = 0; c < _leftCount; c++)
            _halves.Columns[c].Gather(left.Columns[c], RowNumbers.Of(rows), 0);
        _halves.RowTime.Gather(left.RowTime, RowNumbers.Of(rows), 0);
        MakeNull(_halves.Columns.AsSpan(_leftCount));
        return _halves;
    }

    private ChangeBatch? UnmatchedRight()
    {
        var count = _right.NextUnmatched(ref _unmatchedRight, _pairRight);
        if (count == 0)
        {
            _unmatchedRight = -1;
            return null;
        }

        _halves.Reset(count);
        MakeNull(_halves.Columns.AsSpan(0, _leftCount));
        _right.Gather(_pairRight.AsSpan(0, count), _halves.Columns.AsSpan(_leftCount));
        _right.GatherTime(_pairRight.AsSpan(0, count), _halves.RowTime);
        return _halves;
    }

    private RowSelection LeftWhere(ChangeBatch left, bool isMatched)
    {
        var count = 0;
        for (var i = 0; i < left.Selection.Count; i++)
        {
            if (_isMatched[i] == isMatched)
                _rows[count++] = left.Selection[i];
        }

        return RowSelection.Of(_rows, count);
    }

    private static void MakeNull(ReadOnlySpan<Column> columns)
    {
        foreach (var column in columns)
        {
            column.Reset(1, constant: true);
            column.SetNull(0);
        }
    }
}
