using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Schemas;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Formats.Avro;

public sealed class AvroFormatTests
{
    private static readonly SchemaFormat Format = SchemaFormats.Find("avro")!;
    private static readonly FormatField[] Fields = [new("A", SqlType.BigInt), new("B", SqlType.Varchar)];

    private static string Record(string fields) => $"{{\"type\":\"record\",\"name\":\"R\",\"fields\":[{fields}]}}";

    private static ResolvedSchema Schema(string text) => new(SchemaType.Avro, text);

    [Fact]
    public void Records_are_read_with_the_schema_that_each_was_written_with()
    {
        var registry = new Schemas(
            (1, Record("{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":\"string\"}")),
            (258, Record("{\"name\":\"B\",\"type\":[\"null\",\"string\"]},{\"name\":\"a\",\"type\":\"long\"}")), (9, "\"long\""));
        byte[]?[] records =
        [
            [0, 0, 0, 0, 1, 0x0E, 0x02, 0x61], [0, 0, 0, 1, 2, 0x02, 0x02, 0x62, 0x10], null, [0, 0, 0, 0, 1, 0x12, 0x02, 0x63],
            [0, 0, 0, 0, 7, 0x02], [1, 0, 0, 0, 1, 0x02],
            [0, 0, 0, 0, 9, 0x02], [0, 0, 0],
        ];
        var decoder = FormatFactory.CreateDecoder("AVRO", Fields, new FormatOptions { Registry = registry });
        var decoded = Decoding.Run(decoder, Fields, Decoding.Slices(records));
        decoded.Rows.ShouldBe(["7|a", "8|b", "NULL|NULL", "9|c", "NULL|NULL", "NULL|NULL", "NULL|NULL", "NULL|NULL"]);
        decoded.Failed.ShouldBe([4, 5, 6, 7]);
        decoded.Reason.ShouldBe("the schema registry has no schema 7");
    }

    [Fact]
    public void Records_are_written_with_a_frame_and_the_schema_that_ksqldb_gives_the_columns()
    {
        var text = Format.Describe(Fields, new FormatOptions()).Text;
        var registry = new Schemas((300, text));
        var options = new FormatOptions { Registry = registry, SchemaId = 300 };
        var target = new SliceList();
        target.Reset();
        FormatFactory.CreateEncoder("AVRO", Fields, options).Encode(Columns(Fields, [1L, "x"], [null, null]), RowSelection.All(2), target);
        target[0].ToArray().ShouldBe([0, 0, 0, 1, 0x2C, 0x02, 0x02, 0x02, 0x02, 0x78]);
        target[1].ToArray().ShouldBe([0, 0, 0, 1, 0x2C, 0x00, 0x00]);
        Format.ToSqlType(Schema(text), new FormatOptions()).ShouldBe(Format.RootOf(Fields, new FormatOptions()));
    }

    [Fact]
    public void Single_keys_are_not_wrapped()
    {
        FormatField[] key = [new("K", SqlType.Decimal(4, 2))];
        var options = new FormatOptions { IsKey = true, SchemaFullName = Format.DefaultFullName("MY_STREAM", isKey: true) };
        var text = Format.Describe(key, options).Text;
        text.ShouldStartWith("{\"type\":\"bytes\",\"scale\":2,\"precision\":4");
        options = options with { Registry = new Schemas((1, text)), SchemaId = 1 };
        var target = new SliceList();
        target.Reset();
        FormatFactory.CreateEncoder("AVRO", key, options).Encode(Columns(key, [(Int128)6521], [null]), RowSelection.All(2), target);
        target[0].ToArray().ShouldBe([0, 0, 0, 0, 1, 0x04, 0x19, 0x79]);
        target.IsNull(1).ShouldBeTrue();
        Decoding.Run(FormatFactory.CreateDecoder("AVRO", key, options), key, target).Rows.ShouldBe(["65.21", "NULL"]);
        Format.Describe([new("K", SqlType.StructOf([new("F", SqlType.Integer)]))], options).Text
            .ShouldStartWith("{\"type\":\"record\",\"name\":\"MyStreamKey\",\"namespace\":\"io.confluent.ksql.avro_schemas\"");
    }

    [Fact]
    public void The_schema_that_a_source_names_gives_defaults()
    {
        var registry = new Schemas(
            (1, Record("{\"name\":\"a\",\"type\":\"int\"}")),
            (2, Record("{\"name\":\"a\",\"type\":\"long\"},{\"name\":\"b\",\"type\":\"string\",\"default\":\"none\"}")));
        var decoder = FormatFactory.CreateDecoder("AVRO", Fields, new FormatOptions { Registry = registry, SchemaId = 2 });
        Decoding.Run(decoder, Fields,
            Decoding.Slices([[0, 0, 0, 0, 1, 0x0E], [0, 0, 0, 0, 2, 0x0E, 0x02, 0x78], [0, 0, 0, 0, 1, 0x10]])).Rows
            .ShouldBe(["7|none", "7|x", "8|none"]);
    }

    [Fact]
    public void Types_that_avro_does_not_hold_are_refused()
    {
        Should.Throw<SqlException>(() =>
            Format.CheckField(new("M", SqlType.MapOf(SqlType.ArrayOf(SqlType.Integer), SqlType.Integer)))).SqlState.ShouldBe("0A000");
        Format.CheckField(new("M", SqlType.MapOf(SqlType.Integer, SqlType.Integer)));
        SqlType[] clash = [SqlType.StructOf([new("B", SqlType.StructOf([new("X", SqlType.Integer)]))]),
            SqlType.StructOf([new("X", SqlType.Integer)])];
        Should.Throw<SqlException>(() => Format.Describe([new("A", clash[0]), new("A_B", clash[1])],
            new FormatOptions())).Message.ShouldContain("defined twice");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Schema_texts_of_any_kind_are_read_or_refused(int seed)
    {
        const string Text =
            "{\"type\":\"record\",\"name\":\"n.R\",\"aliases\":[\"Q\"],\"doc\":\"d\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\",\"int\"],\"default\":null,\"order\":\"ignore\"},"
            + "{\"name\":\"e\",\"type\":{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"X\"],\"default\":\"X\"},\"default\":\"X\"},{\"name\":\"f\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":4,"
            + "\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2}},{\"name\":\"m\",\"type\":{\"type\":\"map\",\"values\":{\"type\":\"array\",\"items\":\"R\"}},\"default\":{}}]}";
        string[] pieces = ["null", "\"R\"", "[]", "{}", "-1", "\"\\ud800\"", "\"record\"", "\"type\"", "\"fields\"", "\"aliases\":5,",
            "{\"type\":\"int\",\"items\":7,\"fields\":8}", ",", "1e999"];
        var random = new Random(seed);
        var read = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var text = Text;
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(text.Length);
                var until = Math.Min(text.Length, at + random.Next(12));
                text = text[..at] + (random.Next(2) == 0 ? pieces[random.Next(pieces.Length)] : ((char)random.Next(32, 127)).ToString())
                    + text[until..];
            }

            try
            {
                Format.Canonicalize(Schema(text), normalize: random.Next(2) == 0).ShouldNotBeEmpty();
                Format.FindIncompatibilities(Schema(text), Schema(Text));
                Format.ToSqlType(Schema(text), new FormatOptions()).ShouldNotBeNull();
                read++;
            }
            catch (SqlException)
            {
                // Refused, and not by an accident.
            }
        }

        read.ShouldBeGreaterThan(100);
    }

    private static Column[] Columns(FormatField[] fields, params object?[][] rows) => [.. fields.Select((field, i) =>
    {
        var column = Column.Create(field.Type);
        column.Reset(rows.Length);
        for (var row = 0; row < rows.Length; row++)
            ColumnWriter.Write(column, row, rows[row][i]);
        return column;
    })];

    /// <summary>A registry of what it was given.</summary>
    private sealed class Schemas(params (int Id, string Text)[] schemas) : ISchemaRegistry
    {
        public bool KnowsAll => true;

        public RegisteredSchema? Find(int id)
        {
            var text = schemas.FirstOrDefault(s => s.Id == id).Text;
            return text is null ? null : new RegisteredSchema(id, Schema(text), []);
        }

        public ValueTask<RegisteredSchema?> GetAsync(int id, CancellationToken cancellation) => ValueTask.FromResult(Find(id));

        public ValueTask<SubjectVersion?> GetVersionAsync(string subject, int? version, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public ValueTask<RegisteredSchema> RegisterAsync(string subject, SchemaDefinition schema, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public ValueTask<bool> DeleteSubjectAsync(string subject, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
