using System.Text;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Fuzzing.Targets;

/// <summary>Keys and values of records in each format, of every type that the format has. A bad value is reported, never thrown.</summary>
internal static class RecordFormats
{
    private static readonly FormatField[] _scalars =
    [
        new("ID", SqlType.BigInt), new("N", SqlType.Integer), new("D", SqlType.Double), new("P", SqlType.Decimal(12, 2)),
        new("S", SqlType.Varchar),
        new("B", SqlType.Boolean), new("RAW", SqlType.Bytes), new("DAY", SqlType.Date), new("AT", SqlType.Time),
        new("TS", SqlType.Timestamp),
    ];

    private static readonly FormatField[] _nested =
    [
        .. _scalars, new("L", SqlType.ArrayOf(SqlType.Integer)), new("M", SqlType.MapOf(SqlType.Varchar, SqlType.Double)),
        new("O", SqlType.StructOf([new("X", SqlType.Integer), new("Y", SqlType.ArrayOf(SqlType.StructOf([new("Z", SqlType.Varchar)])))])),
    ];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Target("json", "JSON", _nested, 32, JsonValues()),
        Target("json-single", "JSON", [new("L", SqlType.ArrayOf(SqlType.MapOf(SqlType.Varchar, SqlType.BigInt)))], 12,
            ["[{\"a\":1},null,{}]", "[]", "null"], new() { WrapSingle = false }),
        Target("delimited", "DELIMITED", _scalars, 24,
            ["1,-2,1.5e3,12.34,text,true,AAEC,18000,3600000,1700000000000", "1,2,3,4,\"a \"\"b\"\", c\",false,,,,", ",,,,,,,,,"]),
        .. new[] { SqlType.Integer, SqlType.BigInt, SqlType.Double, SqlType.Varchar, SqlType.Bytes }.Select(static type =>
            Target($"kafka-{type.Kind.ToString().ToLowerInvariant()}", "KAFKA", [new("K", type)], 4, ["abcd", "abcdefgh", "", "grün"])),
    ];

    private static FuzzTarget Target(string name, string format, FormatField[] fields, int share, string[] seeds,
        FormatOptions? options = null)
    {
        RecordDecoder decoder = FormatFactory.CreateDecoder(format, fields, options ?? FormatOptions.Default);
        Column?[] columns = [.. fields.Select(static field => Column.Create(field.Type))];
        var slices = new SliceList();
        var errors = new DecodeErrors();
        byte[] good = Encoding.UTF8.GetBytes(seeds[0]);
        return new FuzzTarget(
            name, () => seeds.Select(Encoding.UTF8.GetBytes), input => Decode(decoder, columns, slices, errors, good, input))
        {
            Share = share, IsText = true,
        };
    }

    /// <summary>Between good records: what one leaves behind must not reach into the next.</summary>
    private static void Decode(RecordDecoder decoder, Column?[] columns, SliceList slices, DecodeErrors errors, byte[] good, byte[] input)
    {
        slices.Reset([.. good, .. input, .. good]);
        slices.Add(0, good.Length);
        slices.Add(good.Length, input.Length);
        slices.Add(good.Length + input.Length, good.Length);
        foreach (Column? column in columns)
            column!.Reset(slices.Count);
        errors.Clear();
        decoder.Decode(slices, columns, errors);
        if (errors.Rows.Any(static row => row != 1) && decoder is not null && !IsBad(decoder, columns, slices, good))
            throw new InvalidOperationException($"a good record failed beside a bad one: rows {string.Join(',', errors.Rows)}");
    }

    private static bool IsBad(RecordDecoder decoder, Column?[] columns, SliceList slices, byte[] record)
    {
        slices.Reset(record);
        slices.Add(0, record.Length);
        foreach (Column? column in columns)
            column!.Reset(1);
        var errors = new DecodeErrors();
        decoder.Decode(slices, columns, errors);
        return errors.Count > 0;
    }

    private static string[] JsonValues() =>
    [
        """{"ID":1,"N":-2,"D":1.5e3,"P":12.34,"S":"text \u00e9\n","B":true,"RAW":"AAEC","DAY":18000,"AT":3600000,"TS":1700000000000,"L":[1,null,3],"M":{"a":1,"b":null},"O":{"X":5,"Y":[{"Z":"deep"}]}}""",
        """{"ID":2,"N":3,"D":4,"P":"5.6","S":"","B":false,"RAW":"","DAY":0,"AT":0,"TS":0,"L":[],"M":{},"O":{}}""",
        """{"O":null,"extra":{"a":[1,{"b":[[[]]]}]},"S":"\uD83D\uDE00","ID":"7"}""",
        "null", "{}", """ { "id" : 9 , "s" : 17 , "b" : "true" } """,
    ];
}
