using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Text;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>INTEGER to BIGINT.</summary>
internal readonly struct Int32ToInt64 : IUnaryOp<int, long>
{
    public static long Apply(int value) => value;
}

/// <summary>INTEGER to DOUBLE.</summary>
internal readonly struct Int32ToDouble : IUnaryOp<int, double>
{
    public static double Apply(int value) => value;
}

/// <summary>BIGINT to DOUBLE, the nearest.</summary>
internal readonly struct Int64ToDouble : IUnaryOp<long, double>
{
    public static double Apply(long value) => value;
}

/// <summary>BIGINT to INTEGER, the low 32 bits (Java).</summary>
internal readonly struct Int64ToInt32Wrapping : IUnaryOp<long, int>
{
    public static int Apply(long value) => (int)value;
}

/// <summary>DOUBLE to INTEGER, towards zero, the nearest at the ends, NaN to 0 (Java).</summary>
internal readonly struct DoubleToInt32Saturating : IUnaryOp<double, int>
{
    public static int Apply(double value) => (int)value;
}

/// <summary>DOUBLE to BIGINT, towards zero, the nearest at the ends, NaN to 0 (Java).</summary>
internal readonly struct DoubleToInt64Saturating : IUnaryOp<double, long>
{
    public static long Apply(double value) => (long)value;
}

/// <summary>BIGINT to INTEGER, an error outside its range.</summary>
internal readonly struct Int64ToInt32Checked : ICheckedUnaryOp<long, int>
{
    public static bool TryApply(long value, out int result) => (result = (int)value) == value;

    public static (string SqlState, string Message) Explain(long value) =>
        (PostgresErrorCodes.NumericValueOutOfRange, "integer out of range");
}

/// <summary>INTEGER or BIGINT to smallint, an error outside its range.</summary>
internal readonly struct Int32ToInt16Checked : ICheckedUnaryOp<int, int>
{
    public static bool TryApply(int value, out int result) => (result = (short)value) == value;

    public static (string SqlState, string Message) Explain(int value) =>
        (PostgresErrorCodes.NumericValueOutOfRange, "smallint out of range");
}

/// <summary>DOUBLE to INTEGER, to the nearest (half to even), an error outside its range.</summary>
internal readonly struct DoubleToInt32Checked : ICheckedUnaryOp<double, int>
{
    public static bool TryApply(double value, out int result)
    {
        var rounded = Math.Round(value, MidpointRounding.ToEven);
        result = (int)rounded;
        return rounded is >= int.MinValue and <= int.MaxValue;
    }

    public static (string SqlState, string Message) Explain(double value) =>
        (PostgresErrorCodes.NumericValueOutOfRange, "integer out of range");
}

/// <summary>DOUBLE to real, the nearest, an error where that is no number or becomes zero.</summary>
internal readonly struct DoubleToSingleChecked : ICheckedUnaryOp<double, double>
{
    public static bool TryApply(double value, out double result)
    {
        result = (float)value;
        return double.IsInfinity(result) == double.IsInfinity(value) && (result != 0 || value == 0);
    }

    public static (string SqlState, string Message) Explain(double value) => Operators.FloatErrors.OutOfRange((float)value);
}

/// <summary>DOUBLE to BIGINT, to the nearest (half to even), an error outside its range.</summary>
internal readonly struct DoubleToInt64Checked : ICheckedUnaryOp<double, long>
{
    public static bool TryApply(double value, out long result)
    {
        var rounded = Math.Round(value, MidpointRounding.ToEven);
        result = (long)rounded;
        return rounded is >= long.MinValue and < 9223372036854775808.0;
    }

    public static (string SqlState, string Message) Explain(double value) =>
        (PostgresErrorCodes.NumericValueOutOfRange, "bigint out of range");
}

/// <summary>INTEGER to BOOLEAN: not zero.</summary>
internal readonly struct Int32ToBoolean : IUnaryOp<int, byte>
{
    public static byte Apply(int value) => (byte)(value != 0 ? 1 : 0);
}

/// <summary>BOOLEAN to INTEGER: 1 or 0.</summary>
internal readonly struct BooleanToInt32 : IUnaryOp<byte, int>
{
    public static int Apply(byte value) => value;
}

/// <summary>TIMESTAMP to DATE, the day in UTC.</summary>
internal readonly struct TimestampToDate : IUnaryOp<long, int>
{
    public static int Apply(long value) => (int)CivilCalendar.FloorDiv(value, CivilCalendar.MillisPerDay);
}

/// <summary>TIMESTAMP to TIME, the time of the day in UTC.</summary>
internal readonly struct TimestampToTime : IUnaryOp<long, int>
{
    public static int Apply(long value) => (int)CivilCalendar.FloorMod(value, CivilCalendar.MillisPerDay);
}

/// <summary>DATE to TIMESTAMP, midnight in UTC.</summary>
internal readonly struct DateToTimestamp : IUnaryOp<int, long>
{
    public static long Apply(int value) => value * CivilCalendar.MillisPerDay;
}
