using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Commands.Copying;

/// <summary>
/// One column of the rows that COPY ... FROM STDIN collects: values come as text or in binary, and leave as the column's type.
/// </summary>
internal abstract class CopyColumn(string name)
{
    /// <summary>The column's name.</summary>
    public string Name => name;

    /// <summary>The way for a column of a type.</summary>
    public static CopyColumn Create(ResultColumn column, bool isBinary, TextSettings settings)
    {
        var type = column.Type;
        if (!isBinary && type.IsNested && !(type.Kind == SqlTypeKind.Array && !type.Element!.IsNested))
            return new CopyJsonColumn(column);

        return !isBinary && Casts.Find(SqlType.Varchar, type, RuleSet.Postgres) is { } cast
            ? new CopyTextColumn(column, cast.Kernel, settings.Forms)
            : new CopyCodecColumn(column, PgCodec.For(type, settings), isBinary);
    }

    /// <summary>Forgets all values and makes room.</summary>
    public abstract void Reset(int rows);

    /// <summary>Takes the value of a row.</summary>
    /// <exception cref="SqlException">It is not a value of the type.</exception>
    public abstract void Set(int row, ReadOnlySpan<byte> value);

    /// <summary>Makes the value of a row NULL.</summary>
    public abstract void SetNull(int row);

    /// <summary>The values of the first rows.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="badRow">The row that an error is about; -1 where there is none.</param>
    /// <exception cref="SqlException">One of them is not a value of the type.</exception>
    public abstract Column Finish(int rows, ref int badRow);
}

/// <summary>Text that is cast, a whole column at a time.</summary>
internal sealed class CopyTextColumn(ResultColumn column, ScalarKernel cast, DateForms forms) : CopyColumn(column.Name)
{
    private readonly BytesColumn _texts = new(SqlType.Varchar);
    private readonly Column _values = Column.Create(column.Type);
    private readonly EvaluationErrors _errors = new();
    private readonly StatementClock _clock = StatementClock.In(forms);

    /// <inheritdoc/>
    public override void Reset(int rows) => _texts.Reset(rows);

    /// <inheritdoc/>
    public override void Set(int row, ReadOnlySpan<byte> value)
    {
        MessageBodyReader.RequireUtf8(value);
        _texts.Set(row, value);
    }

    /// <inheritdoc/>
    public override void SetNull(int row) => _texts.SetNull(row);

    /// <inheritdoc/>
    public override Column Finish(int rows, ref int badRow)
    {
        if (column.Type.Kind == SqlTypeKind.Varchar)
            return _texts;
        _values.Reset(rows);
        _errors.Clear();
        cast.Evaluate(new KernelContext(RowSelection.All(rows), rows, _errors, _clock), [_texts], _values);
        if (_errors.Count == 0)
            return _values;
        badRow = _errors.FirstRow;
        throw new SqlException(_errors.FirstSqlState, _errors.FirstMessage);
    }
}

/// <summary>Nested values as JSON, the way COPY ... TO writes them.</summary>
internal sealed class CopyJsonColumn(ResultColumn column) : CopyColumn(column.Name)
{
    private readonly SliceList _texts = new();
    private readonly Column _values = Column.Create(column.Type);
    private readonly DecodeErrors _errors = new();

    private readonly RecordDecoder _decoder =
        FormatFactory.CreateDecoder("JSON", [new FormatField(column.Name, column.Type)], new FormatOptions { WrapSingle = false });

    /// <inheritdoc/>
    public override void Reset(int rows) => _texts.Reset();

    /// <inheritdoc/>
    public override void Set(int row, ReadOnlySpan<byte> value)
    {
        MessageBodyReader.RequireUtf8(value);
        _texts.Append(value);
    }

    /// <inheritdoc/>
    public override void SetNull(int row) => _texts.AddNull();

    /// <inheritdoc/>
    public override Column Finish(int rows, ref int badRow)
    {
        _values.Reset(rows);
        _errors.Clear();
        _decoder.Decode(_texts, [_values], _errors);
        if (_errors.Count == 0)
            return _values;
        badRow = _errors.Rows[0];
        throw new SqlException(PostgresErrorCodes.InvalidTextRepresentation, $"invalid input syntax for type json: {_errors.FirstReason}");
    }
}

/// <summary>Values that the codec of the type reads one by one: binary, arrays.</summary>
internal sealed class CopyCodecColumn(ResultColumn column, PgCodec codec, bool isBinary) : CopyColumn(column.Name)
{
    private readonly Column _values = Column.Create(column.Type);

    /// <inheritdoc/>
    public override void Reset(int rows) => _values.Reset(rows);

    /// <inheritdoc/>
    public override void Set(int row, ReadOnlySpan<byte> value)
    {
        if (isBinary)
            codec.ReadBinary(value, _values, row);
        else
            ColumnWriter.Write(_values, row, ParameterValue.Convert(codec.ReadText(value), column.Type));
    }

    /// <inheritdoc/>
    public override void SetNull(int row) => _values.SetNull(row);

    /// <inheritdoc/>
    public override Column Finish(int rows, ref int badRow) => _values;
}
