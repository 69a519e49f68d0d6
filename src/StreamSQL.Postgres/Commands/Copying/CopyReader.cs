using Npgsql;
using StreamSQL.Data.Errors;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>
/// Cuts the bytes of COPY ... FROM STDIN into rows. They come in pieces of any size; a row that is not
/// whole yet is kept until the rest of it has come.
/// </summary>
internal abstract class CopyReader(CopyRows rows, int maxRowBytes)
{
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>The line (in binary: the row) that is read next, from 1.</summary>
    public long Line { get; protected set; } = 1;

    /// <summary>Whether the data has told its end; what comes behind it is ignored.</summary>
    public bool HasEnded { get; protected set; }

    /// <summary>Where the rows go.</summary>
    protected CopyRows Rows => rows;

    /// <summary>What has not been read yet.</summary>
    protected ReadOnlySpan<byte> Rest => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Makes the reader of a format.</summary>
    public static CopyReader Create(CopyOptions options, CopyRows rows, int maxRowBytes) => options.Format switch
    {
        CopyFormatKind.Binary => new CopyBinaryReader(rows, maxRowBytes),
        CopyFormatKind.Csv => new CopyCsvReader(options, rows, maxRowBytes),
        _ => new CopyTextReader(options, rows, maxRowBytes),
    };

    /// <summary>Takes the next piece of the data.</summary>
    /// <exception cref="SqlException">54000: a row is longer than the limit.</exception>
    public void Append(ReadOnlySpan<byte> data)
    {
        if (HasEnded)
            return;
        if (_start == _end)
            _start = _end = 0;
        if (data.Length > _buffer.Length - _end)
            MakeRoom(data.Length);
        data.CopyTo(_buffer.AsSpan(_end));
        _end += data.Length;
    }

    /// <summary>Reads one row; false when not all of it is there, or there is none.</summary>
    /// <param name="isLast">Whether no more data will come.</param>
    /// <exception cref="SqlException">The data is malformed.</exception>
    public bool TryRead(bool isLast) => !HasEnded && TryReadRow(isLast);

    /// <summary>Reads one row from <see cref="Rest"/>.</summary>
    protected abstract bool TryReadRow(bool isLast);

    /// <summary>Moves behind bytes that have been read.</summary>
    protected void Skip(int count) => _start += count;

    /// <summary>The error of data that is not of the format, with the present line.</summary>
    protected SqlException Malformed(string message, string? hint = null) =>
        rows.At(new SqlException(PostgresErrorCodes.BadCopyFileFormat, message, hint), Line);

    private void MakeRoom(int count)
    {
        var rest = Rest;
        if (rest.Length > maxRowBytes - count)
            throw rows.At(new SqlException(PostgresErrorCodes.ProgramLimitExceeded, $"a row is longer than {maxRowBytes} bytes"), Line);
        var needed = rest.Length + count;
        var target = needed <= _buffer.Length ? _buffer : new byte[Math.Max(needed, Math.Min(2 * _buffer.Length, maxRowBytes))];
        rest.CopyTo(target);
        _start = 0;
        _end = rest.Length;
        _buffer = target;
    }
}
