using System.Globalization;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>Rows of COPY ... FROM STDIN, collected until there are enough to be appended at once.</summary>
internal sealed class CopyRows
{
    private const int MaxRows = 1024;
    private const int FullBytes = 256 * 1024;

    private readonly CopyColumn[] _columns;
    private readonly string _target;
    private readonly long[] _lines = new long[MaxRows];
    private int _bytes;

    /// <summary>Creates it for the columns of a target.</summary>
    public CopyRows(string target, IReadOnlyList<ResultColumn> columns, bool isBinary, TextSettings settings)
    {
        _target = target;
        _columns = [.. columns.Select(column => CopyColumn.Create(column, isBinary, settings))];
        Clear();
    }

    /// <summary>Values of a row.</summary>
    public int ColumnCount => _columns.Length;

    /// <summary>Rows collected.</summary>
    public int Count { get; private set; }

    /// <summary>Whether they are to be appended before more is taken.</summary>
    public bool IsFull => Count == MaxRows || _bytes >= FullBytes;

    /// <summary>The name of a column.</summary>
    public string NameOf(int column) => _columns[column].Name;

    /// <summary>Takes a value of the row that is being read.</summary>
    /// <exception cref="SqlException">It is not a value of the column's type.</exception>
    public void Set(int column, ReadOnlySpan<byte> value, long line)
    {
        _bytes += value.Length;
        try
        {
            _columns[column].Set(Count, value);
        }
        catch (SqlException error)
        {
            throw At(error, line, _columns[column].Name);
        }
    }

    /// <summary>Takes a NULL.</summary>
    public void SetNull(int column) => _columns[column].SetNull(Count);

    /// <summary>The row that is being read is whole.</summary>
    public void EndRow(long line) => _lines[Count++] = line;

    /// <summary>The rows as a batch, lent until <see cref="Clear"/>.</summary>
    /// <exception cref="SqlException">A value is not of its column's type.</exception>
    public ChangeBatch ToBatch()
    {
        var columns = new Column[_columns.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var badRow = -1;
            try
            {
                columns[i] = _columns[i].Finish(Count, ref badRow);
            }
            catch (SqlException error)
            {
                throw At(error, badRow < 0 ? 0 : _lines[badRow], _columns[i].Name);
            }
        }

        return new ChangeBatch(columns) { RowCount = Count, Selection = RowSelection.All(Count) };
    }

    /// <summary>Forgets the rows.</summary>
    public void Clear()
    {
        Count = 0;
        _bytes = 0;
        foreach (var column in _columns)
            column.Reset(MaxRows);
    }

    /// <summary>An error with the place in the data that it is about.</summary>
    public SqlException At(SqlException error, long line, string? column = null)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"COPY {_target}, line {line}")
            + (column is null ? "" : $", column {column}");
        return new(error.SqlState, error.Message, error.Hint, detail: error.Detail, inner: error) { Context = place };
    }
}
