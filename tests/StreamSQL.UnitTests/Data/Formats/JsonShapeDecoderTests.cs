using System.Text;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Json;
using StreamSQL.Data.Types;
using static StreamSQL.UnitTests.Data.Formats.Decoding;

namespace StreamSQL.UnitTests.Data.Formats;

public sealed class JsonShapeDecoderTests
{
    private static readonly FormatField[] Fields =
    [
        Field("B", SqlType.BigInt), Field("I", SqlType.Integer), Field("T", SqlType.Time), Field("D", SqlType.Double),
        Field("S", SqlType.Varchar),
        Field("F", SqlType.Boolean), Field("DE", SqlType.Decimal(9, 2)), Field("A", SqlType.ArrayOf(SqlType.Varchar)),
        Field("BY", SqlType.Bytes),
        Field("LONG_NAME_THAT_IS_LONGER_THAN_A_VECTOR", SqlType.Varchar),
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "7", "42", "-2147483648", "2147483648", "86399999", "86400000", "12345678", "123456789", "9999999999999999",
        "99999999999999999", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "01", "-", "+1", "1.", ".5", "1.5",
        "-0.5", "0.1",
        "123456.789", "123456789.123456789", "1e3", "1E-7", "1.5e300", "1e999", "0.30000000000000004", "00", "1_0", "4.35",
        "9007199254740993",
    ];

    private static readonly string[] Words =
        ["null", "true", "false", "nul", "True", "[]", "{}", "[1,\"x\"]", "{\"a\":{\"b\":[null]}}", "[1,]", "\"\"", "", "\"12\"",
            "\"IQ==\"", "\"1.25\""];

    private static readonly string[] Texts =
    [
        "a", "Google", "a text that is longer than one vector of thirty-two bytes", "é",
        "naïve café with a long tail behind the accents 😀", "x\\ny", "\\u0041",
        "\\ud83d\\ude00", "\\ud83d", "\\q", "tab\there", "/", "{\"", "[", ",", "exactly sixteen!", "exactly thirty-two bytes of text",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void It_never_differs_from_the_general_decoder(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 25; round++)
        {
            var shape = new JsonShapeDecoder(Fields);
            var layouts = Enumerable.Range(0, random.Next(1, 7)).Select(_ => RandomLayout(random)).ToArray();
            var wildness = random.Next(0, 4) * 0.04;
            for (var batch = 0; batch < 3; batch++)
            {
                var records = Enumerable.Range(0, random.Next(1, 700))
                    .Select(_ => RandomRecord(random, layouts[random.Next(layouts.Length)], wildness)).ToArray();
                var source = Slices(records, slack: random.Next(2) * 600);
                var wanted = random.Next(1, 1 << Fields.Length);
                var expected = Run(new JsonDecoder(Fields, wrapped: true), Fields, source, i => (wanted >> i & 1) != 0);
                var actual = Run(shape, Fields, source, i => (wanted >> i & 1) != 0);
                actual.Failed.ShouldBe(expected.Failed);
                actual.Reason.ShouldBe(expected.Reason);
                for (var row = 0; row < expected.Rows.Count; row++)
                    actual.Rows[row].ShouldBe(expected.Rows[row],
                        $"seed {seed}, round {round}, {Encoding.UTF8.GetString(records[row] ?? [])}");
            }
        }
    }

    [Fact]
    public void Records_that_all_look_different_are_decoded_and_then_usual_ones()
    {
        var random = new Random(5);
        string[] names = ["B", "i", "D", "s", "x", "y", "z", "w"];
        var records = new List<byte[]?>();
        for (var i = 0; i < 12_000; i++)
        {
            random.Shuffle(names);
            var members = i < 10_000 ? names.Take(random.Next(2, 8)) : ["B", "s"];
            records.Add(Encoding.UTF8.GetBytes(
                $"{{{string.Join(',', members.Select(n => $"\"{n}\":{(n == "s" ? $"\"t{i}\"" : i.ToString())}"))}}}"));
        }

        var shape = new JsonShapeDecoder(Fields);
        foreach (var chunk in records.Chunk(3000))
        {
            var source = Slices(chunk, slack: 512);
            Run(shape, Fields, source).Rows.ShouldBe(Run(new JsonDecoder(Fields, wrapped: true), Fields, source).Rows);
        }
    }

    [Fact]
    public void Text_stays_in_the_records_buffer()
    {
        var records = Enumerable.Range(0, 300).Select(i => (byte[]?)Encoding.UTF8.GetBytes($"{{\"S\":\"text {i}\"}}"));
        var source = Slices(records, slack: 512);
        var column = new BytesColumn(SqlType.Varchar);
        column.Reset(source.Count);
        new JsonShapeDecoder([Field("S", SqlType.Varchar)]).Decode(source, [column], new DecodeErrors());
        column.Buffer.ShouldBeSameAs(source.Buffer);
        Encoding.UTF8.GetString(column[299]).ShouldBe("text 299");
    }

    [Fact]
    public void Columns_without_room_are_refused()
    {
        var source = Slices(Enumerable.Range(0, 100).Select(_ => (byte[]?)"{\"B\":1}"u8.ToArray()), slack: 512);
        var column = Column.Create(SqlType.BigInt);
        column.Reset(10);
        Should.Throw<ArgumentOutOfRangeException>(
            () => new JsonShapeDecoder([Field("B", SqlType.BigInt)]).Decode(source, [column], new DecodeErrors()));
    }

    [Fact]
    public void Nothing_is_allocated_in_steady_state()
    {
        var source = Slices(Enumerable.Range(0, 4096)
            .Select(i => (byte[]?)Encoding.UTF8.GetBytes($"{{\"b\":{i},\"s\":\"n{i % 7}\",\"d\":{i}.5}}")), slack: 512);
        FormatField[] fields = [Field("B", SqlType.BigInt), Field("S", SqlType.Varchar), Field("D", SqlType.Double)];
        var columns = fields.Select(f => (Column?)Column.Create(f.Type)).ToArray();
        var decoder = new JsonShapeDecoder(fields);
        var errors = new DecodeErrors();
        Decode();
        Decode();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Decode();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1024);
        errors.Count.ShouldBe(0);

        void Decode()
        {
            foreach (var column in columns)
                column!.Reset(source.Count);
            decoder.Decode(source, columns, errors);
        }
    }

    private static (string Name, int Kind, string Space)[] RandomLayout(Random random)
    {
        string[] names = ["b", "I", "T", "d", "S", "f", "de", "A", "by", "long_name_that_is_longer_than_a_vector", "other", "OTHER2",
            "x\\u0041", "B"];
        random.Shuffle(names);
        var space = random.Next(3) == 0 ? " " : "";
        return [.. names.Take(random.Next(1, names.Length)).Select(name => (name, random.Next(4), space))];
    }

    private static byte[]? RandomRecord(Random random, (string Name, int Kind, string Space)[] layout, double wildness)
    {
        if (random.NextDouble() < wildness)
            return null;
        var text = new StringBuilder();
        foreach (var (name, kind, space) in layout)
        {
            if (random.NextDouble() < wildness / 4)
                continue;
            text.Append(text.Length == 0 ? "{" : ",").Append(space).Append('"').Append(name).Append("\":").Append(space);
            text.Append(Value(random, name, kind, wildness));
        }

        text.Append(text.Length == 0 ? "{}" : "}");
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        if (random.NextDouble() < wildness)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return random.NextDouble() < wildness ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static string Value(Random random, string name, int kind, double wildness)
    {
        if (random.NextDouble() < wildness)
            kind = random.Next(4);
        else
            kind = name.ToUpperInvariant() switch { "B" or "I" or "T" => 4, "D" or "DE" => 5, "S" => 2, "F" => 6, "A" => 7, "BY" => 8,
                _ => kind };
        return kind switch
        {
            0 => Numbers[random.Next(Numbers.Length)],
            1 => Words[random.Next(Words.Length)],
            2 or 3 => $"\"{Texts[random.NextDouble() < wildness ? random.Next(Texts.Length) : random.Next(4)]}\"",
            4 => random.Next(-50_000_000, 86_399_999).ToString(),
            5 => (random.Next(-1_000_000, 1_000_000) / 100m).ToString(),
            6 => random.Next(2) == 0 ? "true" : "false",
            7 => $"[\"{Texts[random.Next(3)]}\",\"{random.Next()}\"]",
            _ => "\"IQ==\"",
        };
    }
}
