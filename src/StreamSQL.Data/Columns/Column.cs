using StreamSQL.Data.Types;

namespace StreamSQL.Data.Columns;

/// <summary>
/// A typed vector of values with a validity bitmap, owned by one batch and reused by it: <see cref="Reset"/>, then fill by row.
/// A constant column holds one value, at row 0, that stands for every row. Not thread-safe.
/// </summary>
/// <remarks>Values at rows that are null, or that no selection names, are unspecified.</remarks>
public abstract class Column
{
    private ulong[] _validity = [];
    private int _capacity;

    /// <summary>Creates an empty column.</summary>
    protected Column(SqlType type) => Type = type;

    /// <summary>The SQL type of the values.</summary>
    public SqlType Type { get; }

    /// <summary>Whether row 0 stands for every row.</summary>
    public bool IsConstant { get; private set; }

    /// <summary>False when certainly no row is null, so that the bitmap need not be read.</summary>
    public bool MayHaveNulls { get; private set; }

    /// <summary>Rows that can be filled before the next <see cref="Reset"/> or <see cref="Grow"/>.</summary>
    public int Capacity => _capacity;

    /// <summary>The bitmap, one bit a row, set where the row is valid; meaningful only when <see cref="MayHaveNulls"/>.</summary>
    public Span<ulong> Validity => _validity;

    /// <summary>Bytes that the column holds on to, for budgets.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>Creates the column class that fits a type.</summary>
    public static Column Create(SqlType type) => type.Physical switch
    {
        PhysicalKind.Boolean => new FixedColumn<byte>(type),
        PhysicalKind.Int32 => new FixedColumn<int>(type),
        PhysicalKind.Int64 => new FixedColumn<long>(type),
        PhysicalKind.Double => new FixedColumn<double>(type),
        PhysicalKind.Int128 => new FixedColumn<Int128>(type),
        PhysicalKind.Interval => new FixedColumn<Interval>(type),
        PhysicalKind.Bytes => new BytesColumn(type),
        PhysicalKind.Array => new ArrayColumn(type),
        PhysicalKind.Map => new MapColumn(type),
        _ => new StructColumn(type),
    };

    /// <summary>Forgets all values and makes room for rows 0..rows-1, all of them valid until set otherwise.</summary>
    /// <param name="rows">Rows of the batch; for a constant column the room is one row.</param>
    /// <param name="constant">Whether row 0 will stand for every row.</param>
    public void Reset(int rows, bool constant = false)
    {
        IsConstant = constant;
        MayHaveNulls = false;
        var needed = constant ? 1 : rows;
        if (needed > _capacity)
        {
            _capacity = Math.Max(needed, 64);
            Resize(_capacity, keep: 0);
        }

        Clear();
    }

    /// <summary>Makes room for at least <paramref name="rows"/> rows and keeps what is there.</summary>
    public void Grow(int rows)
    {
        if (rows <= _capacity)
            return;
        var old = _capacity;
        _capacity = Math.Max(rows, checked(old * 2));
        Resize(_capacity, keep: old);
        if (MayHaveNulls)
            ResizeValidity(old);
    }

    /// <summary>The row to read for <paramref name="row"/>: 0 in a constant column.</summary>
    public int Physical(int row) => IsConstant ? 0 : row;

    /// <summary>Whether a row is null.</summary>
    public bool IsNull(int row)
    {
        if (!MayHaveNulls)
            return false;
        row = Physical(row);
        return (_validity[row >> 6] & (1UL << (row & 63))) == 0;
    }

    /// <summary>Marks a row null.</summary>
    public void SetNull(int row)
    {
        if (!MayHaveNulls)
        {
            MayHaveNulls = true;
            ResizeValidity(0);
        }

        _validity[row >> 6] &= ~(1UL << (row & 63));
    }

    /// <summary>Marks a row valid again.</summary>
    public void SetValid(int row)
    {
        if (MayHaveNulls)
            _validity[row >> 6] |= 1UL << (row & 63);
    }

    /// <summary>Marks all rows valid.</summary>
    public void SetAllValid() => MayHaveNulls = false;

    /// <summary>Marks rows 0..rows-1 null.</summary>
    public void SetAllNull(int rows)
    {
        for (var row = 0; row < rows; row++)
            SetNull(row);
    }

    /// <summary>Marks every row of 0..rows-1 null that is null in <paramref name="source"/>, 64 rows at a time.</summary>
    public void AddNulls(Column source, int rows)
    {
        if (!source.MayHaveNulls || rows == 0)
            return;
        if (source.IsConstant)
        {
            if (source.IsNull(0))
                SetAllNull(rows);
            return;
        }

        if (!MayHaveNulls)
        {
            MayHaveNulls = true;
            ResizeValidity(0);
        }

        var words = (rows + 63) >> 6;
        var from = source._validity.AsSpan(0, words);
        var to = _validity.AsSpan(0, words);
        for (var i = 0; i < words; i++)
            to[i] &= from[i];
    }

    /// <summary>Copies rows of a column of the same physical kind: row <c>at + i</c> becomes row <c>rows[i]</c> of the source.</summary>
    public void Gather(Column source, ReadOnlySpan<int> rows, int at)
    {
        Grow(at + rows.Length);
        for (var i = 0; source.MayHaveNulls && i < rows.Length; i++)
        {
            if (source.IsNull(rows[i]))
                SetNull(at + i);
            else
                SetValid(at + i);
        }

        if (!source.MayHaveNulls && MayHaveNulls)
        {
            for (var i = 0; i < rows.Length; i++)
                SetValid(at + i);
        }

        GatherValues(source, rows, at);
    }

    /// <summary>
    /// Shows rows of a column of the same physical kind: row i becomes row <c>rows[i]</c> of the source. The bytes of text stay where they
    /// are, so they must not change while this column is read. To be called after <see cref="Reset"/>.
    /// </summary>
    public void Show(Column source, ReadOnlySpan<int> rows)
    {
        if (!source.IsConstant && RowRuns.IsRun(rows))
        {
            ShowRun(source, rows[0], rows.Length);
            return;
        }

        Grow(rows.Length);
        for (var i = 0; source.MayHaveNulls && i < rows.Length; i++)
        {
            if (source.IsNull(rows[i]))
                SetNull(i);
        }

        ShowValues(source, rows);
    }

    /// <summary>Does the same for a run of rows: row i becomes row <c>start + i</c> of the source, which is not constant.</summary>
    public void ShowRun(Column source, int start, int count)
    {
        Grow(count);
        if (source.MayHaveNulls)
            CopyNulls(source, start, count);
        ShowRunValues(source, start, count);
    }

    /// <summary>
    /// Copies rows of a column of the same physical kind: row <c>rows[i]</c> becomes row <c>sourceRows[i]</c> of the source. No growth.
    /// </summary>
    public void Scatter(Column source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows)
    {
        if (source.MayHaveNulls)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                if (source.IsNull(sourceRows[i]))
                    SetNull(rows[i]);
                else
                    SetValid(rows[i]);
            }
        }
        else if (MayHaveNulls)
        {
            foreach (var row in rows)
                SetValid(row);
        }

        ScatterValues(source, sourceRows, rows);
    }

    /// <summary>Copies one row of a column of the same physical kind.</summary>
    public void CopyRow(Column source, int sourceRow, int row) => Gather(source, [sourceRow], row);

    /// <summary>Makes room for <paramref name="capacity"/> values, keeping the first <paramref name="keep"/>.</summary>
    private protected abstract void Resize(int capacity, int keep);

    /// <summary>Forgets variable-length content; capacity stays.</summary>
    private protected virtual void Clear()
    {
    }

    /// <summary>Copies the values of the valid rows; the bitmap is done.</summary>
    private protected abstract void GatherValues(Column source, ReadOnlySpan<int> rows, int at);

    /// <summary>Shows the values of rows; the bitmap is done.</summary>
    private protected virtual void ShowValues(Column source, ReadOnlySpan<int> rows) => GatherValues(source, rows, 0);

    /// <summary>Shows the values of a run of rows; the bitmap is done.</summary>
    private protected virtual void ShowRunValues(Column source, int start, int count)
    {
        Span<int> rows = stackalloc int[256];
        for (var at = 0; at < count; at += rows.Length)
        {
            var some = rows[..Math.Min(rows.Length, count - at)];
            for (var i = 0; i < some.Length; i++)
                some[i] = start + at + i;
            GatherValues(source, some, at);
        }
    }

    /// <summary>Copies the values of the valid rows to the given rows; the bitmap is done.</summary>
    private protected virtual void ScatterValues(Column source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows)
    {
        for (var i = 0; i < rows.Length; i++)
            GatherValues(source, sourceRows.Slice(i, 1), rows[i]);
    }

    private void CopyNulls(Column source, int start, int rows)
    {
        var (word, words) = (start >> 6, (rows + 63) >> 6);
        if ((start & 63) == 0)
        {
            var bits = source._validity.AsSpan(word, words);
            // Of a column that has NULL anywhere, most runs have none.
            if (!bits[..(rows >> 6)].ContainsAnyExcept(~0UL) && ((rows & 63) == 0 || (~bits[^1] << (64 - (rows & 63))) == 0))
                return;
            MayHaveNulls = true;
            ResizeValidity(0);
            bits.CopyTo(_validity);
            return;
        }

        for (var i = 0; i < rows; i++)
        {
            if (source.IsNull(start + i))
                SetNull(i);
        }
    }

    private void ResizeValidity(int validRows)
    {
        var words = (_capacity + 63) >> 6;
        var oldWords = validRows == 0 ? 0 : (validRows + 63) >> 6;
        if (_validity.Length < words)
            Array.Resize(ref _validity, words);
        if ((validRows & 63) != 0)
            _validity[oldWords - 1] |= ~0UL << (validRows & 63);
        _validity.AsSpan(oldWords).Fill(~0UL);
    }
}
