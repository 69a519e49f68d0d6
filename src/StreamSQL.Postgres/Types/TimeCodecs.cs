using System.Buffers.Binary;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>time without time zone: microseconds. Columns hold it in milliseconds, a bounded SELECT computes in microseconds.</summary>
internal sealed class TimeCodec(DateForms forms, bool inMillis) : PgCodec(PgTypes.Time)
{
    private readonly SqlType _sqlType = inMillis ? SqlType.Time : SqlType.PlainTime;

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres, forms);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) =>
        output.WriteInt64(inMillis ? ((FixedColumn<int>)column)[row] * PgEpoch.MicrosPerMilli : ((FixedColumn<long>)column)[row]);

    /// <inheritdoc/>
    public override object Adapt(object value, SqlType target, TextSettings settings) => PgEpoch.Cast(value, _sqlType, target, forms);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => PgEpoch.Parse(text, _sqlType, forms);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(long));
        var micros = CheckedMicros(bytes);
        return inMillis ? (object)(int)(micros / PgEpoch.MicrosPerMilli) : micros;
    }

    /// <summary>The microseconds of a time of day at the front of its binary form.</summary>
    /// <exception cref="SqlException">22008: before midnight or after the end of a day.</exception>
    public static long CheckedMicros(ReadOnlySpan<byte> bytes)
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return micros is >= 0 and <= MicrosText.MicrosPerDay ? micros : throw new SqlException(PostgresErrorCodes.DatetimeFieldOverflow,
            "time out of range");
    }
}

/// <summary>time with time zone: microseconds, and seconds west of UTC.</summary>
internal sealed class TimeTzCodec(DateForms forms) : PgCodec(PgTypes.TimeTz)
{
    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres, forms);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        var value = ZonedTime.FromPacked(((FixedColumn<long>)column)[row]);
        output.WriteInt64(value.Micros);
        output.WriteInt32(-value.OffsetSeconds);
    }

    /// <inheritdoc/>
    public override object Adapt(object value, SqlType target, TextSettings settings) => PgEpoch.Cast(value, SqlType.TimeTz, target, forms);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => PgEpoch.Parse(text, SqlType.TimeTz, forms);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(long) + sizeof(int));
        var west = BinaryPrimitives.ReadInt32BigEndian(bytes[sizeof(long)..]);
        return west is >= -ZonedTime.MaxOffsetSeconds and <= ZonedTime.MaxOffsetSeconds
            ? new ZonedTime(TimeCodec.CheckedMicros(bytes), -west).Packed
            : throw new SqlException(PostgresErrorCodes.InvalidTimeZoneDisplacementValue, "time zone displacement out of range");
    }
}
