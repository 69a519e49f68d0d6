using System.Buffers.Binary;
using Npgsql;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Protocol;

namespace StreamSQL.Postgres.Types;

/// <summary>
/// PostgreSQL counts days and microseconds from 2000-01-01; columns count days, milliseconds and microseconds from 1970-01-01.
/// </summary>
internal static class PgEpoch
{
    public const int Days = 10_957;
    public const long Micros = Days * 86_400_000_000;
    public const long MicrosPerMilli = 1000;

    /// <summary>Microseconds since 1970 to microseconds since 2000; infinities stay.</summary>
    public static long FromUnix(long micros) => MicrosText.IsInfinite(micros) ? micros : micros - Micros;

    /// <summary>Microseconds since 2000 to microseconds since 1970; infinities stay.</summary>
    /// <exception cref="SqlException">22008: beyond what timestamps hold here.</exception>
    public static long ToUnix(long micros) => MicrosText.IsInfinite(micros) ? micros
        : micros < long.MaxValue - Micros ? micros + Micros
        : throw new SqlException(PostgresErrorCodes.DatetimeFieldOverflow, "timestamp out of range");

    /// <summary>Milliseconds since 1970 to microseconds since 1970.</summary>
    /// <exception cref="SqlException">22008: beyond what PostgreSQL's timestamps hold.</exception>
    public static long ToMicros(long millis)
    {
        if (millis is > long.MaxValue / MicrosPerMilli or < long.MinValue / MicrosPerMilli + (Micros / MicrosPerMilli))
            throw new SqlException(PostgresErrorCodes.DatetimeFieldOverflow, $"timestamp out of range: {millis} milliseconds");
        return millis * MicrosPerMilli;
    }

    /// <summary>Microseconds to milliseconds, rounded down.</summary>
    public static long ToMillis(long micros) => CivilCalendar.FloorDiv(micros, MicrosPerMilli);

    /// <summary>Reads a text as a value of a type by the cast that SQL has for it.</summary>
    /// <exception cref="SqlException">22007, 22008, 22009, 22015, 22023: it is no value of the type.</exception>
    public static object Parse(ReadOnlySpan<byte> text, SqlType type, DateForms forms) =>
        Cast(text.ToArray(), SqlType.Varchar, type, forms);

    /// <summary>A value of one type of dates as another's, by the cast that SQL has for them; where there is none, as it is.</summary>
    /// <exception cref="SqlException">It cannot be cast.</exception>
    public static object Cast(object value, SqlType from, SqlType to, DateForms forms)
    {
        if (from.Equals(to) || Casts.Find(from, to, RuleSet.Postgres) is not { } cast)
            return ParameterValue.Convert(value, to);
        var values = Column.Create(from);
        values.Reset(1);
        ColumnWriter.Write(values, 0, value);
        var results = Column.Create(to);
        results.Reset(1);
        var errors = new EvaluationErrors();
        cast.Kernel.Evaluate(new KernelContext(RowSelection.All(1), 1, errors, StatementClock.In(forms)), [values], results);
        return errors.Count == 0 ? ColumnReader.Read(results, 0)! : throw new SqlException(errors.FirstSqlState, errors.FirstMessage);
    }
}

/// <summary>date.</summary>
internal sealed class DateCodec(DateForms forms) : PgCodec(PgTypes.Date)
{
    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres, forms);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        var days = ((FixedColumn<int>)column)[row];
        output.WriteInt32(days is int.MaxValue or int.MinValue ? days : days - PgEpoch.Days);
    }

    /// <inheritdoc/>
    public override object Adapt(object value, SqlType target, TextSettings settings) => PgEpoch.Cast(value, SqlType.Date, target, forms);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => PgEpoch.Parse(text, SqlType.Date, forms);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(int));
        var days = BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (days is int.MaxValue or int.MinValue)
            return days;
        return days <= int.MaxValue - PgEpoch.Days ? days + PgEpoch.Days : throw new SqlException(PostgresErrorCodes.DatetimeFieldOverflow,
            "date out of range");
    }
}

/// <summary>timestamptz, shown in the session's zone. Columns hold it in milliseconds, a bounded SELECT computes in microseconds.</summary>
internal sealed class TimestampCodec(PgType type, DateForms forms, bool inMillis) : PgCodec(type)
{
    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row)
    {
        var value = ((FixedColumn<long>)column)[row];
        // What timestamps of PostgreSQL do not hold is shown all the same, in UTC.
        if (inMillis && value is > long.MaxValue / PgEpoch.MicrosPerMilli or < long.MinValue / PgEpoch.MicrosPerMilli)
        {
            ColumnText.Format(column, row, output, TextStyle.Postgres, forms);
            return;
        }

        var room = output.GetSpan(DateTimeText.MaxLength);
        output.Advance(StyledDates.WriteInstant(room, inMillis ? value * PgEpoch.MicrosPerMilli : value, forms));
    }

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        var value = ((FixedColumn<long>)column)[row];
        output.WriteInt64(PgEpoch.FromUnix(inMillis ? PgEpoch.ToMicros(value) : value));
    }

    /// <inheritdoc/>
    public override object Adapt(object value, SqlType target, TextSettings settings) =>
        PgEpoch.Cast(value, inMillis ? SqlType.Timestamp : SqlType.TimestampTz, target, forms);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) =>
        PgEpoch.Parse(text, inMillis ? SqlType.Timestamp : SqlType.TimestampTz, forms);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(long));
        var micros = PgEpoch.ToUnix(BinaryPrimitives.ReadInt64BigEndian(bytes));
        if (inMillis && MicrosText.IsInfinite(micros))
            throw new SqlException(PostgresErrorCodes.FeatureNotSupported, "a TIMESTAMP column cannot hold infinity");
        return inMillis ? PgEpoch.ToMillis(micros) : micros;
    }
}

/// <summary>timestamp without time zone.</summary>
internal sealed class PlainTimestampCodec(DateForms forms) : PgCodec(PgTypes.Timestamp)
{
    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres, forms);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row) =>
        output.WriteInt64(PgEpoch.FromUnix(((FixedColumn<long>)column)[row]));

    /// <inheritdoc/>
    public override object Adapt(object value, SqlType target, TextSettings settings) =>
        PgEpoch.Cast(value, SqlType.PlainTimestamp, target, forms);

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => PgEpoch.Parse(text, SqlType.PlainTimestamp, forms);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, sizeof(long));
        return PgEpoch.ToUnix(BinaryPrimitives.ReadInt64BigEndian(bytes));
    }
}

/// <summary>interval: microseconds, days, months.</summary>
internal sealed class IntervalCodec(DateForms forms) : PgCodec(PgTypes.Interval)
{
    /// <inheritdoc/>
    public override void WriteText(OutputBuffer output, Column column, int row) =>
        ColumnText.Format(column, row, output, TextStyle.Postgres, forms);

    /// <inheritdoc/>
    public override void WriteBinary(OutputBuffer output, Column column, int row)
    {
        var value = ((FixedColumn<Interval>)column)[row];
        output.WriteInt64(value.Micros);
        output.WriteInt32(value.Days);
        output.WriteInt32(value.Months);
    }

    /// <inheritdoc/>
    public override object ReadText(ReadOnlySpan<byte> text) => PgEpoch.Parse(text, SqlType.Interval, forms);

    /// <inheritdoc/>
    public override object ReadBinary(ReadOnlySpan<byte> bytes)
    {
        InvalidValue.RequireLength(Type, bytes, 16);
        return new Interval(BinaryPrimitives.ReadInt32BigEndian(bytes[12..]), BinaryPrimitives.ReadInt32BigEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes));
    }
}
