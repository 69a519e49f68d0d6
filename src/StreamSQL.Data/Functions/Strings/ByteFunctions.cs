using System.Numerics;
using Npgsql;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;
using static StreamSQL.Data.Functions.PostgresFunction;

namespace StreamSQL.Data.Functions.Strings;

/// <summary>PostgreSQL's functions of bytes.</summary>
internal static class ByteFunctions
{
    private const string Category = "String";
    private static readonly SqlType Bytes = SqlType.Bytes;
    private static readonly SqlType Number = SqlType.Integer;

    public static IEnumerable<ScalarFunction> All() =>
    [
        Of("GET_BYTE", Category, "A byte as a number, counted from 0.", Rows(Number, static (in RowCall call) =>
        {
            if (HasPlace(call, call.Int(1), call.Text(0).Length))
                call.Return((int)call.Text(0)[call.Int(1)]);
        }, Bytes, Number)),
        Of("SET_BYTE", Category, "The bytes with one of them replaced.", Rows(Bytes, static (in RowCall call) =>
        {
            if (!HasPlace(call, call.Int(1), call.Text(0).Length))
                return;
            var room = Copy(call);
            room[call.Int(1)] = (byte)call.Int(2);
        }, Bytes, Number, Number)),
        Of("GET_BIT", Category, "A bit, counted from 0 and from the right in each byte.", Rows(Number, static (in RowCall call) =>
        {
            if (HasPlace(call, call.Long(1), 8L * call.Text(0).Length))
                call.Return((call.Text(0)[(int)(call.Long(1) / 8)] >> (int)(call.Long(1) % 8)) & 1);
        }, Bytes, SqlType.BigInt)),
        Of("SET_BIT", Category, "The bytes with one bit replaced.", Rows(Bytes, SetBit, Bytes, SqlType.BigInt, Number)),
        Of("BIT_COUNT", Category, "How many bits are set.", Rows(SqlType.BigInt, static (in RowCall call) =>
        {
            var count = 0L;
            foreach (var value in call.Text(0))
                count += BitOperations.PopCount(value);
            call.Return(count);
        }, Bytes)),
        Of("STRPOS", Category, "Where the second bytes stand in the first, 0 if nowhere.",
            Rows(Number, static (in RowCall call) => call.Return(call.Text(0).IndexOf(call.Text(1)) + 1), Bytes, Bytes)),
        Of("POSITION", Category, "Where the first bytes stand in the second, 0 if nowhere.",
            Rows(Number, static (in RowCall call) => call.Return(call.Text(1).IndexOf(call.Text(0)) + 1), Bytes, Bytes)),
        Trimming("TRIM", static (bytes, unwanted) => bytes.Trim(unwanted)),
        Trimming("BTRIM", static (bytes, unwanted) => bytes.Trim(unwanted)),
        Trimming("LTRIM", static (bytes, unwanted) => bytes.TrimStart(unwanted)),
        Trimming("RTRIM", static (bytes, unwanted) => bytes.TrimEnd(unwanted)),
        Of("OVERLAY", Category, "The bytes with a part replaced.", Rows(Bytes, Overlay, Bytes, Bytes, Number),
            Rows(Bytes, Overlay, Bytes, Bytes, Number, Number)),
        Of("LENGTH", Category, "The characters of bytes in an encoding.", Rows(Number, static (in RowCall call) =>
            call.Return(System.Text.Encoding.UTF8.GetString(call.Text(0)).EnumerateRunes().Count()), Bytes, SqlType.Varchar)),
    ];

    private delegate ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> unwanted);

    private static PostgresFunction Trimming(string name, Trim trim) =>
        Of(name, Category, "Bytes without some of them at the ends.",
            Rows(Bytes, (in RowCall call) => call.Return(trim(call.Text(0), call.Text(1))), Bytes, Bytes));

    private static Span<byte> Copy(in RowCall call)
    {
        var room = call.Room(call.Text(0).Length);
        call.Text(0).CopyTo(room);
        return room;
    }

    private static bool HasPlace(in RowCall call, long place, long length)
    {
        if (place >= 0 && place < length)
            return true;
        call.Fail(PostgresErrorCodes.ArraySubscriptError, $"index {place} out of valid range, 0..{length - 1}");
        return false;
    }

    private static void SetBit(in RowCall call)
    {
        var place = call.Long(1);
        if (!HasPlace(call, place, 8L * call.Text(0).Length))
            return;
        if (call.Int(2) is not (0 or 1))
        {
            call.Fail(PostgresErrorCodes.InvalidParameterValue, "new bit must be 0 or 1");
            return;
        }

        var room = Copy(call);
        var mask = (byte)(1 << (int)(place % 8));
        room[(int)(place / 8)] = (byte)(call.Int(2) == 1 ? room[(int)(place / 8)] | mask : room[(int)(place / 8)] & ~mask);
    }

    private static void Overlay(in RowCall call)
    {
        var bytes = call.Text(0);
        var part = call.Text(1);
        if (call.Int(2) <= 0)
        {
            call.Fail(PostgresErrorCodes.SubstringError, "negative substring length not allowed");
            return;
        }

        var start = Math.Min(bytes.Length, call.Int(2) - 1);
        var end = (int)Math.Clamp((long)call.Int(2) - 1 + (call.Count > 3 ? call.Int(3) : part.Length), 0, bytes.Length);
        call.Return([.. bytes[..start], .. part, .. bytes[end..]]);
    }
}
