using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Npgsql;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>PostgreSQL counts days and microseconds from 2000-01-01; columns count days and milliseconds from 1970-01-01.</summary>
internal static class PgEpoch
{
    public const int Days = 10_957;
    public const long Milliseconds = Days * 86_400_000L;
    public const long MicrosPerMilli = 1000;

    /// <summary>Milliseconds since 1970 to microseconds since 2000.</summary>
    /// <exception cref="SqlException">22008: beyond what PostgreSQL's timestamps hold.</exception>
    public static long ToMicros(long millis)
    {
        if (millis is > long.MaxValue / MicrosPerMilli or < long.MinValue / MicrosPerMilli + Milliseconds)
            throw new SqlException(PostgresErrorCodes.DatetimeFieldOverflow, $"timestamp out of range: {millis} milliseconds");
        return (millis - Milliseconds) * MicrosPerMilli;
    }

    /// <summary>Microseconds since 2000 to milliseconds since 1970, rounded down.</summary>
    public static long ToMillis(long micros)
    {
        var millis = micros / MicrosPerMilli;
        return millis - (micros % MicrosPerMilli < 0 ? 1 : 0) + Milliseconds;
    }
}

/// <summary>date.</summary>
internal sealed class DateCodec() : PgCodec(PgTypes.Date)
{
    public static readonly DateCodec Instance = new();

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) => ColumnText.Format(column, row, output, TextStyle.Postgres);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) =>
        output.WriteInt32(((FixedColumn<int>)column)[row] - PgEpoch.Days);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        // A timestamp is cut to its date, as PostgreSQL does.
        if (!DateTime.TryParse(Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.RoundtripKind, out var value))
            InvalidValue.ThrowDateTime(Type, text);
        return DateOnly.FromDateTime(value).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
    }

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(int));
        var days = (long)BinaryPrimitives.ReadInt32BigEndian(bytes) + PgEpoch.Days;
        return days is >= int.MinValue and <= int.MaxValue
            ? (int)days
            : throw new SqlException(PostgresErrorCodes.DatetimeFieldOverflow, "date out of range");
    }
}

/// <summary>time without time zone.</summary>
internal sealed class TimeCodec() : PgCodec(PgTypes.Time)
{
    public static readonly TimeCodec Instance = new();

    private const long MillisPerDay = 86_400_000;

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) => ColumnText.Format(column, row, output, TextStyle.Postgres);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) =>
        output.WriteInt64(((FixedColumn<int>)column)[row] * PgEpoch.MicrosPerMilli);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        if (!TimeOnly.TryParse(Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, out var value))
            InvalidValue.ThrowDateTime(Type, text);
        return (int)(value.Ticks / TimeSpan.TicksPerMillisecond);
    }

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(long));
        var millis = BinaryPrimitives.ReadInt64BigEndian(bytes) / PgEpoch.MicrosPerMilli;
        if (millis is < 0 or >= MillisPerDay)
            throw new SqlException(PostgresErrorCodes.DatetimeFieldOverflow, "time out of range");
        return (int)millis;
    }
}

/// <summary>timestamptz, shown in the session's zone; and timestamp, for parameters, which is taken as UTC.</summary>
internal sealed class TimestampCodec(PgType type, TimeZoneInfo zone) : PgCodec(type)
{
    private readonly bool _isUtc = zone.BaseUtcOffset == TimeSpan.Zero && !zone.SupportsDaylightSavingTime;

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row)
    {
        var millis = ((FixedColumn<long>)column)[row];
        if (_isUtc || millis < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || millis > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            ColumnText.Format(column, row, output, TextStyle.Postgres);
            return;
        }

        var local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(millis), zone);
        output.WriteText(local.ToString(local.Offset.Minutes == 0 ? "yyyy-MM-dd HH:mm:ss.FFFzz" : "yyyy-MM-dd HH:mm:ss.FFFzzz", CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) =>
        output.WriteInt64(PgEpoch.ToMicros(((FixedColumn<long>)column)[row]));

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        if (!DateTime.TryParse(
                Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.AdjustToUniversal, out var value))
        {
            InvalidValue.ThrowDateTime(Type, text);
        }

        if (value.Kind == DateTimeKind.Unspecified && !_isUtc)
            value = ToUtc(value);
        return (long)Math.Floor((value - DateTime.UnixEpoch).TotalMilliseconds);
    }

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(long));
        var micros = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (micros is long.MaxValue or long.MinValue)
            throw new SqlException(PostgresErrorCodes.FeatureNotSupported, "infinite timestamps are not supported");
        return PgEpoch.ToMillis(micros);
    }

    /// <summary>A time that the change to summer time skips is taken with the offset before it.</summary>
    private DateTime ToUtc(DateTime local) => zone.IsInvalidTime(local) ? local - zone.BaseUtcOffset : TimeZoneInfo.ConvertTimeToUtc(local, zone);
}

/// <summary>interval: milliseconds here; months, days and microseconds in binary.</summary>
internal sealed class IntervalCodec() : PgCodec(PgTypes.Interval)
{
    public static readonly IntervalCodec Instance = new();

    private const long MillisPerDay = 86_400_000;
    private const int DaysPerMonth = 30;

    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) => ColumnText.Format(column, row, output, TextStyle.Postgres);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        var millis = ((FixedColumn<long>)column)[row];
        var days = millis / MillisPerDay;
        if (days is > int.MaxValue or < int.MinValue)
            throw new SqlException(PostgresErrorCodes.IntervalFieldOverflow, "interval out of range");
        output.WriteInt64(millis % MillisPerDay * PgEpoch.MicrosPerMilli);
        output.WriteInt32((int)days);
        output.WriteInt32(0);
    }

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text)
    {
        if (!TimeSpan.TryParse(Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, out var value))
            InvalidValue.ThrowDateTime(Type, text);
        return (long)value.TotalMilliseconds;
    }

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, 16);
        var micros = BinaryPrimitives.ReadInt64BigEndian(bytes);
        var days = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]) + ((long)DaysPerMonth * BinaryPrimitives.ReadInt32BigEndian(bytes[12..]));
        return (micros / PgEpoch.MicrosPerMilli) + (days * MillisPerDay);
    }
}
