using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Avro.Schemas;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using static StreamSQL.UnitTests.Data.Formats.Avro.AvroData;

namespace StreamSQL.UnitTests.Data.Formats.Avro;

public sealed class AvroRoundTripTests
{
    private static readonly SqlType Nested = SqlType.StructOf([
        new("I", SqlType.Integer),
        new("L", SqlType.ArrayOf(SqlType.MapOf(SqlType.Varchar, SqlType.StructOf([new("D", SqlType.Decimal(20, 3))])))),
        new("M", SqlType.MapOf(SqlType.Integer, SqlType.ArrayOf(SqlType.Varchar))),
    ]);

    private static readonly FormatField[] Fields =
    [
        new("BO", SqlType.Boolean), new("I", SqlType.Integer), new("L", SqlType.BigInt), new("D", SqlType.Double),
        new("DE", SqlType.Decimal(38, 4)), new("S", SqlType.Varchar),
        new("BY", SqlType.Bytes), new("T", SqlType.Time), new("DA", SqlType.Date), new("TS", SqlType.Timestamp),
        new("A", SqlType.ArrayOf(SqlType.Double)),
        new("M", SqlType.MapOf(SqlType.Varchar, SqlType.Integer)), new("N", Nested),
    ];

    private static readonly string Schema =
        KsqlSchemaText.Write(SqlType.StructOf([.. Fields.Select(static f => new StructField(f.Name, f.Type))]), KsqlSchemaText.DefaultName);

    private static byte[]?[] Records(int seed, int count, out string[] expected)
    {
        var random = new Random(seed);
        var columns = Fields.Select(static f => Column.Create(f.Type)).ToArray();
        foreach (var column in columns)
        {
            column.Reset(count);
            for (var row = 0; row < count; row++)
                ColumnWriter.Write(column, row, RandomValue(random, column.Type));
        }

        expected = [.. Enumerable.Range(0, count).Select(row => Show(columns, row))];
        return Encode(Schema, Fields, wrapped: true, columns, count);
    }

    private static object? RandomValue(Random random, SqlType type)
    {
        if (random.Next(6) == 0)
            return null;
        switch (type.Kind)
        {
            case SqlTypeKind.Boolean:
                return random.Next(2) == 1;
            case SqlTypeKind.Integer or SqlTypeKind.Date:
                return (int)random.NextInt64(int.MinValue, 1L + int.MaxValue) >> random.Next(32);
            case SqlTypeKind.Time:
                return random.Next(86_400_000);
            case SqlTypeKind.BigInt or SqlTypeKind.Timestamp:
                return random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(type.Kind == SqlTypeKind.Timestamp ? 16 : 0, 64);
            case SqlTypeKind.Double:
                return random.NextDouble() * Math.Pow(10, random.Next(-20, 20));
            case SqlTypeKind.Decimal:
                var digits = DecimalMath.PowerOfTen(random.Next(type.Precision + 1));
                return (Int128)random.NextInt64() * random.NextInt64() % digits * (random.Next(2) == 0 ? 1 : -1);
            case SqlTypeKind.Varchar:
                return new string([.. Enumerable.Range(0, random.Next(random.Next(2) == 0 ? 12 : 90))
                    .Select(_ => random.Next(20) == 0 ? 'é' : (char)random.Next('a', 'z'))]);
            case SqlTypeKind.Bytes:
                var bytes = new byte[random.Next(20)];
                random.NextBytes(bytes);
                return bytes;
            case SqlTypeKind.Array:
                return Enumerable.Range(0, random.Next(5)).Select(_ => RandomValue(random, type.Element!)).ToArray();
            case SqlTypeKind.Map:
                return Enumerable.Range(0, random.Next(5))
                    .Select(i => new KeyValuePair<object, object?>(type.Key!.Kind == SqlTypeKind.Integer ? i - 2 : $"k{i}",
                        RandomValue(random, type.Element!))).ToArray();
            default:
                return type.Fields.Select(f => RandomValue(random, f.Type)).ToArray();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_type_survives(int seed)
    {
        var records = Records(seed, 500, out var expected);
        var decoded = Decode(Schema, Fields, records, slack: seed == 1 ? 0 : 64);
        decoded.Reason.ShouldBe("");
        decoded.Rows.ShouldBe(expected);
        for (var field = 0; field < Fields.Length; field++)
        {
            var only = Decode(Schema, Fields, records, wanted: i => i == field);
            only.Failed.ShouldBeEmpty();
            only.Rows.ShouldBe(expected.Select(row => row.Split('|')[field]));
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void A_record_cut_anywhere_fails_and_its_neighbours_do_not(int seed)
    {
        var records = Records(seed, 6, out var expected);
        var whole = records[3]!;
        for (var length = 0; length < whole.Length; length++)
        {
            records[3] = whole[..length];
            var decoded = Decode(Schema, Fields, records);
            decoded.Failed.ShouldBe([3], $"cut to {length} bytes");
            decoded.Rows.Where((_, row) => row != 3).ShouldBe(expected.Where((_, row) => row != 3));
            Decode(Schema, Fields, records, wanted: i => i == 1).Failed.ShouldBe([3], $"cut to {length} bytes, one column wanted");
        }
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Bytes_that_lie_never_reach_beyond_the_record(int seed)
    {
        var records = Records(seed, 5, out var expected);
        var whole = records[2]!;
        byte[] lies = [0x00, 0x01, 0x02, 0x7E, 0x7F, 0x80, 0xFE, 0xFF];
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var lie in lies)
            {
                records[2] = [.. whole];
                records[2]![at] = lie;
                var decoded = Decode(Schema, Fields, records);
                decoded.Failed.ShouldBeSubsetOf([2]);
                decoded.Rows.Where((_, row) => row != 2).ShouldBe(expected.Where((_, row) => row != 2));
                // Whether a row is bad does not depend on where its values go, as long as they are read.
                if (Decode(Schema, Fields, records, wanted: i => i % 2 == 0).Failed.Length > 0)
                    decoded.Failed.ShouldBe([2], $"{lie:X2} at {at}");
            }
        }
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(34)]
    public void Garbage_is_decoded_to_errors(int seed)
    {
        var random = new Random(seed);
        var valid = Records(seed, 40, out _);
        for (var round = 0; round < 60; round++)
        {
            var records = valid.Select(record =>
            {
                byte[] bytes = [.. record!];
                for (var change = random.Next(6); change > 0 && bytes.Length > 0; change--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length + 1)] : bytes;
            }).ToArray();
            var mask = random.Next(1 << Fields.Length);
            var decoded = Decode(Schema, Fields, records, wanted: i => (mask >> i & 1) != 0, slack: random.Next(40));
            decoded.Rows.Count.ShouldBe(40);
            foreach (var row in decoded.Failed)
                decoded.Rows[row].Split('|').ShouldAllBe(static value => value == "NULL" || value.Length == 0);
        }
    }

    [Fact]
    public void Single_values_are_written_without_a_record_and_null_is_a_null_record()
    {
        FormatField[] fields = [new("V", SqlType.ArrayOf(SqlType.BigInt))];
        const string Array = "{\"type\":\"array\",\"items\":[\"null\",\"long\"]}";
        var records = Encode(Array, fields, false, [new object?[] { 12L, null }], [null], [Array_()]);
        records.ShouldBe([[0x04, 0x02, 0x18, 0x00, 0x00], null, [0x00]]);
        Decode(Array, fields, records, wrapped: false).Rows.ShouldBe(["[12, null]", "NULL", "[]"]);
        Encode("\"long\"", [new("K", SqlType.BigInt)], false, [-1L]).ShouldBe([[0x01]]);

        static object?[] Array_() => [];
    }

    [Fact]
    public void Given_schemas_are_written_with_their_own_types_and_defaults()
    {
        const string Given = """
            {"type":"record","name":"G","fields":[{"name":"f","type":"float"},{"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},
            {"name":"opt","type":"string","default":"foo"},{"name":"x","type":{"type":"fixed","name":"X","size":3,"logicalType":"decimal","precision":5,"scale":2}},
            {"name":"us","type":{"type":"long","logicalType":"timestamp-micros"}},{"name":"nothing","type":["int","null"]},{"name":"l","type":["string","null","long"]}]}
            """;
        FormatField[] fields = [new("L", SqlType.BigInt), new("E", SqlType.Varchar), new("F", SqlType.Double),
            new("X", SqlType.Decimal(4, 1)), new("US", SqlType.Timestamp)];
        var record = Encode(Given, fields, true, [7L, "B", 1.5, (Int128)(-2), 3L]).Single();
        record.ShouldBe([0, 0, 0xC0, 0x3F, 0x02, 0x06, 0x66, 0x6F, 0x6F, 0xFF, 0xFF, 0xEC, 0xF0, 0x2E, 0x02, 0x04, 0x0E]);
        Decode(Given, fields, [record]).Rows.ShouldBe(["7|B|1.5|-0.2|1970-01-01T00:00:00.003"]);
        Should.Throw<SqlException>(() => Encode(Given, fields, true, [7L, "C", 1.5, (Int128)0, 3L])).Message.ShouldContain(
            "column E: it is no symbol of the enum");
        Should.Throw<SqlException>(() => Encode(Given, fields, true, [7L, "A", null, (Int128)0, 3L])).Message.ShouldContain(
            "column F: it is NULL, and the type has no null");
    }

    [Theory]
    [InlineData("{\"name\":\"other\",\"type\":\"int\",\"default\":1}", "The Avro schema's record R has no field for column A.")]
    [InlineData("{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":\"int\"}",
        "The Avro schema's record R needs a value for its field b, which has no default and no column.")]
    [InlineData("{\"name\":\"a\",\"type\":\"string\"}", "The Avro schema cannot hold column A: INTEGER cannot be written as string.")]
    public void Schemas_that_do_not_fit_are_refused(string schemaFields, string message) =>
        Should.Throw<SqlException>(() => Encode($"{{\"type\":\"record\",\"name\":\"R\",\"fields\":[{schemaFields}]}}",
            [new("A", SqlType.Integer)], true, [1])).Message.ShouldBe(message);

    [Fact]
    public void Unions_are_written_by_the_branch_that_has_a_value()
    {
        const string Union = "[\"null\",\"string\",{\"type\":\"record\",\"name\":\"P\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"}]}]";
        FormatField[] fields =
            [new("U", SqlType.StructOf([new("P", SqlType.StructOf([new("X", SqlType.Integer)])), new("string", SqlType.Varchar)]))];
        var schema = $"{{\"type\":\"record\",\"name\":\"R\",\"fields\":[{{\"name\":\"u\",\"type\":{Union}}}]}}";
        object?[][] rows = [[new object?[] { null, "a" }], [new object?[] { new object?[] { 7 }, null }], [null]];
        Encode(schema, fields, true, rows).ShouldBe([[0x02, 0x02, 0x61], [0x04, 0x0E], [0x00]]);
    }
}
