using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka.Records;
using StreamSQL.Sql.Catalog;
using StreamSQL.UnitTests.Data.Functions;

namespace StreamSQL.UnitTests.Engine.Tasks;

public class HeaderReaderTests
{
    private static readonly SqlType Pairs =
        SqlType.ArrayOf(SqlType.StructOf([new StructField("KEY", SqlType.Varchar), new StructField("VALUE", SqlType.Bytes)]));

    [Fact]
    public void A_column_shows_all_headers_or_the_last_of_a_key()
    {
        var headers = new HeaderColumns();
        headers.Reset(3);
        var writer = new RecordHeaderWriter();
        writer.Add("a"u8, "1"u8, true);
        writer.Add("b"u8, default, false);
        writer.Add("a"u8, "22"u8, true);
        headers.Set(1, writer.Encoded, writer.Count);
        var all = (ArrayColumn)Column.Create(Pairs);
        var one = (BytesColumn)Column.Create(SqlType.Bytes);

        HeaderReader.Fill(all, new SourceHeader(null), headers, 3);
        HeaderReader.Fill(one, new SourceHeader("a"), headers, 3);

        all.Lengths[..3].ShouldBe([0, 3, 0]);
        ExpressionRunner.Show(((StructColumn)all.Elements).Fields[0], all.Starts[1] + 1).ShouldBe("b");
        ((StructColumn)all.Elements).Fields[1].IsNull(all.Starts[1] + 1).ShouldBeTrue();
        (one.IsNull(0), one.IsNull(2)).ShouldBe((true, true));
        one[1].ToArray().ShouldBe("22"u8.ToArray());
        HeaderReader.Fill(one, new SourceHeader("b"), headers, 3);
        one.IsNull(1).ShouldBeTrue();
        HeaderReader.Fill(all, new SourceHeader(null), null, 3);
        all.Lengths[..3].ShouldBe([0, 0, 0]);
    }

    [Fact]
    public void Headers_follow_the_rows_that_are_taken()
    {
        var headers = new HeaderColumns();
        headers.Reset(2);
        headers.Set(1, "xy"u8, 1);
        var taken = new HeaderColumns();

        taken.Take(headers, [1, 0, 1]);

        taken.Counts.Values[..3].ShouldBe([1, 0, 1]);
        taken.Encoded[2].ToArray().ShouldBe("xy"u8.ToArray());
    }
}
