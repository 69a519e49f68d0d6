using System.Text;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;

namespace StreamSQL.UnitTests.Sql.Catalog;

public class CatalogCodecTests
{
    private static readonly SourceDefinition Source = new()
    {
        Name = "ORDERS",
        Kind = RelationKind.Stream,
        Topic = "orders",
        Partitions = 4,
        KeyFormat = new("KAFKA"),
        ValueFormat = new("DELIMITED", Delimiter: '|'),
        Statement = "CREATE STREAM orders ...",
        TimestampColumn = "AT",
        Window = new(WindowKind.Tumbling, 1000, 1000, null, 5000),
        Columns =
        [
            new("ID", SqlType.BigInt, IsKey: true),
            new("PRICE", SqlType.Decimal(12, 2), IsKey: false),
            new("LINES", SqlType.ArrayOf(
                SqlType.StructOf([new("SKU", SqlType.Varchar), new("TAGS", SqlType.MapOf(SqlType.Varchar, SqlType.Integer))])),
                IsKey: false),
        ],
    };

    private static readonly QueryDefinition Query = new()
    {
        Id = "CSAS_BIG_7",
        Statement = "CREATE STREAM big AS ...",
        Sink = "BIG",
        Sources = ["ORDERS"],
        Properties = new Dictionary<string, string> { ["auto.offset.reset"] = "earliest" },
        Manifest = "Read ORDERS",
        StartOffsets = new Dictionary<string, IReadOnlyList<long>> { ["customers"] = [10, 20] },
        OwnsSink = true,
    };

    public static TheoryData<CatalogRecord> Records() =>
    [
        new CreateSourceRecord(Source), new DropSourceRecord("ORDERS"), new CreateQueryRecord(Query, Source),
        new CreateQueryRecord(Query, null),
        new DropQueryRecord("CSAS_BIG_7"), new PauseQueryRecord("CSAS_BIG_7", Paused: true),
        new SetViewRecord(new ViewDefinition { Name = "V", Query = "SELECT id AS n FROM orders", Columns = [new("m", "N", "bigint")],
            Sources = ["ORDERS"] }),
        new DropViewRecord("V"),
    ];

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_comes_back_as_it_was(CatalogRecord record)
    {
        var bytes = CatalogCodec.Encode(record);
        var decoded = CatalogCodec.Decode(bytes);

        decoded.GetType().ShouldBe(record.GetType());
        CatalogCodec.Encode(decoded).ShouldBe(bytes);
        if (decoded is CreateSourceRecord create)
            create.Source.Columns.ShouldBe(Source.Columns);
    }

    [Fact]
    public void A_later_format_version_is_refused()
    {
        var bytes = Encoding.UTF8.GetString(CatalogCodec.Encode(new DropSourceRecord("X")))
            .Replace("\"Version\":1", "\"Version\":2", StringComparison.Ordinal);

        Should.Throw<InvalidDataException>(() => CatalogCodec.Decode(Encoding.UTF8.GetBytes(bytes))).Message.ShouldContain("version 2");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"Version\":1,\"Record\":{\"$type\":\"other\"}}")]
    public void Other_bytes_are_refused(string text) =>
        Should.Throw<InvalidDataException>(() => CatalogCodec.Decode(Encoding.UTF8.GetBytes(text)));
}
