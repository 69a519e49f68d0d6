using StreamSQL.Data.Errors;
using StreamSQL.Kafka.Client;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>SNAPSHOT and AS OF of push queries that aggregate and join, and what such a query says of records that it has lost.</summary>
public sealed class PushStateTests : IAsyncLifetime
{
    private EngineHarness _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await EngineHarness.StartAsync();
        await _engine.RunAsync("""
            CREATE TABLE prices (item VARCHAR PRIMARY KEY, price INTEGER, shop VARCHAR) WITH (KAFKA_TOPIC = 'prices', PARTITIONS = 2, VALUE_FORMAT = 'JSON');
            CREATE TABLE names (item VARCHAR PRIMARY KEY, name VARCHAR) WITH (KAFKA_TOPIC = 'names', PARTITIONS = 2, VALUE_FORMAT = 'JSON');
            CREATE TABLE shops (shop VARCHAR PRIMARY KEY, town VARCHAR) WITH (KAFKA_TOPIC = 'shops', PARTITIONS = 2, VALUE_FORMAT = 'JSON');
            CREATE STREAM sales (item VARCHAR KEY, amount INTEGER) WITH (KAFKA_TOPIC = 'sales', PARTITIONS = 2, VALUE_FORMAT = 'JSON');
            CREATE STREAM returns (item VARCHAR KEY, reason VARCHAR) WITH (KAFKA_TOPIC = 'returns', PARTITIONS = 2, VALUE_FORMAT = 'JSON');
            INSERT INTO prices (item, price, shop) VALUES ('a', 1, 'x'), ('b', 2, 'x'), ('c', 3, 'y'), ('d', 4, 'y');
            INSERT INTO prices (item, price, shop) VALUES ('a', 10, 'y');
            DELETE FROM prices WHERE item = 'd';
            INSERT INTO names VALUES ('a', 'apple'), ('b', 'pear'), ('z', 'none');
            INSERT INTO shops VALUES ('x', 'Ulm'), ('y', 'Rom');
            INSERT INTO sales (item, amount, ROWTIME) VALUES ('a', 1, 1000), ('b', 2, 2000), ('a', 3, 3000);
            """);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task An_aggregate_of_a_table_begins_with_the_groups_as_they_stand()
    {
        await using var push = await OpenAsync(
            "SELECT shop, COUNT(*), SUM(price) FROM prices GROUP BY shop EMIT CHANGES WITH (SNAPSHOT = TRUE)");
        // behind the snapshot, although nobody has read it yet
        await _engine.RunAsync("INSERT INTO prices (item, price, shop) VALUES ('b', 5, 'x')");
        (await push.TakeAsync(2)).Order().ShouldBe(["x|1|2", "y|2|13"]);
        (await push.TakeAsync(1)).ShouldBe(["x|1|5"]);
        await _engine.RunAsync("INSERT INTO prices (item, price, shop) VALUES ('b', 5, 'y')");
        (await push.TakeAsync(2)).Order().ShouldBe(["x|0|0", "y|3|18"]);
    }

    [Fact]
    public async Task An_aggregate_of_a_table_knows_its_rows_also_without_a_snapshot()
    {
        await using var push = await OpenAsync("SELECT shop, COUNT(*), SUM(price) FROM prices GROUP BY shop EMIT CHANGES");
        await _engine.RunAsync("DELETE FROM prices WHERE item = 'a'; INSERT INTO prices (item, price, shop) VALUES ('e', 7, 'x');");
        (await push.TakeAsync(2)).Order().ShouldBe(["x|2|9", "y|1|3"]);
    }

    [Fact]
    public async Task An_aggregate_of_a_stream_begins_with_its_groups_and_HAVING_leaves_them_out_again()
    {
        await using var push = await OpenAsync(
            "SELECT item, COUNT(*) AS n, SUM(amount) FROM sales GROUP BY item HAVING COUNT(*) < 3 EMIT CHANGES WITH (SNAPSHOT = TRUE)");
        (await push.TakeAsync(2)).Order().ShouldBe(["a|2|4", "b|1|2"]);
        await _engine.RunAsync("INSERT INTO sales (item, amount) VALUES ('b', 5)");
        (await push.TakeAsync(1)).ShouldBe(["b|2|7"]);
        await _engine.RunAsync("INSERT INTO sales (item, amount) VALUES ('a', 5)");
        (await push.TakeAsync(1)).ShouldBe(["a|null|null"]);
    }

    [Theory]
    [InlineData("WINDOW TUMBLING (SIZE 2 SECONDS)", "a|0|2000|1", "a|2000|4000|3", "b|2000|4000|2")]
    [InlineData("WINDOW SESSION (1500 MILLISECONDS)", "a|1000|1000|1", "a|3000|3000|3", "b|2000|2000|2")]
    public async Task Windows_begin_as_they_stand(string window, params string[] rows)
    {
        await using var push = await OpenAsync(
            $"SELECT item, WINDOWSTART, WINDOWEND, SUM(amount) FROM sales {window} GROUP BY item EMIT CHANGES WITH (SNAPSHOT = TRUE)");
        (await push.TakeAsync(3)).Order().ShouldBe(rows);
        await _engine.RunAsync("INSERT INTO sales (item, amount, ROWTIME) VALUES ('b', 4, 2000)");
        (await push.TakeAsync(1))[0].ShouldEndWith("|6");
    }

    [Fact]
    public async Task LIMIT_counts_what_is_given_and_not_what_is_read_before()
    {
        (await _engine.RunAsync("SELECT item, COUNT(*) FROM sales GROUP BY item EMIT CHANGES WITH (SNAPSHOT = TRUE) LIMIT 2")).Order()
            .ShouldBe(["a|2", "b|1"]);
        await using var push = await OpenAsync("SELECT p.item, name FROM prices p JOIN names n ON p.item = n.item EMIT CHANGES LIMIT 1");
        await _engine.RunAsync("INSERT INTO names VALUES ('b', 'plum')");
        (await push.TakeAsync(1)).ShouldBe(["b|plum"]);
    }

    [Fact]
    public async Task A_join_of_tables_begins_with_its_rows_and_a_row_that_goes_is_told_by_its_key()
    {
        await using var push = await OpenAsync(
            "SELECT p.item AS item, price, name FROM prices p JOIN names n ON p.item = n.item EMIT CHANGES WITH (SNAPSHOT = TRUE)");
        (await push.TakeAsync(2)).Order().ShouldBe(["a|10|apple", "b|2|pear"]);
        await _engine.RunAsync("INSERT INTO names VALUES ('c', 'fig')");
        (await push.TakeAsync(1)).ShouldBe(["c|3|fig"]);
        await _engine.RunAsync("DELETE FROM names WHERE item = 'a'");
        (await push.TakeAsync(1)).ShouldBe(["a|null|null"]);
    }

    [Fact]
    public async Task A_left_join_and_a_join_by_a_foreign_key_begin_with_their_rows()
    {
        (await _engine.RunAsync(
            "SELECT p.item AS item, name FROM prices p LEFT JOIN names n ON p.item = n.item EMIT CHANGES WITH (SNAPSHOT = TRUE) LIMIT 3"))
            .Order().ShouldBe(["a|apple", "b|pear", "c|null"]);
        await using var push = await OpenAsync(
            "SELECT p.item AS item, town FROM prices p JOIN shops s ON p.shop = s.shop WHERE price > 1 EMIT CHANGES WITH (SNAPSHOT = " +
                "TRUE)");
        (await push.TakeAsync(3)).Order().ShouldBe(["a|Rom", "b|Ulm", "c|Rom"]);
        await _engine.RunAsync("INSERT INTO shops VALUES ('x', 'Bonn')");
        (await push.TakeAsync(1)).ShouldBe(["b|Bonn"]);
    }

    [Fact]
    public async Task An_aggregate_goes_on_as_of_a_position_with_what_it_had_counted()
    {
        await using var first = await OpenAsync("SELECT item, COUNT(*) FROM sales GROUP BY item EMIT CHANGES WITH (PROGRESS = '0')");
        await _engine.RunAsync("INSERT INTO sales (item, amount) VALUES ('a', 1)");
        var position = await PositionAfterAsync(first, "|a|1"); // it began at the end: the two before are not counted
        await _engine.RunAsync("INSERT INTO sales (item, amount) VALUES ('a', 1), ('b', 1)");
        await using var resumed = await OpenAsync($"SELECT item, COUNT(*) FROM sales GROUP BY item EMIT CHANGES AS OF '{position}'");
        (await resumed.TakeAsync(2)).Order().ShouldBe(["a|2", "b|1"]);
    }

    [Fact]
    public async Task A_join_of_streams_goes_on_as_of_a_position_with_the_rows_that_it_had_met()
    {
        const string Query = "SELECT s.item, reason FROM sales s JOIN returns r WITHIN 1 HOUR ON s.item = r.item EMIT CHANGES";
        await _engine.RunAsync(
            "SET 'auto.offset.reset' = 'earliest'; INSERT INTO returns (item, reason, ROWTIME) VALUES ('b', 'old', 2000)");
        await using var first = await OpenAsync($"{Query} WITH (PROGRESS = '0')");
        var position = await PositionAfterAsync(first, "|b|old");
        position.ShouldContain("sales/0:");
        position.ShouldContain("returns/1:");
        await _engine.RunAsync("INSERT INTO returns (item, reason, ROWTIME) VALUES ('a', 'sour', 3000)");
        await using var resumed = await OpenAsync($"{Query} AS OF '{position}'");
        (await resumed.TakeAsync(2)).ShouldBe(["a|sour", "a|sour"]); // with both sales of before, and not b again
    }

    [Fact]
    public async Task A_join_with_a_table_goes_on_as_of_a_position_and_finds_what_the_table_holds_now()
    {
        await _engine.RunAsync("INSERT INTO prices (item, price, shop) VALUES ('b', 20, 'x')");
        (await _engine.RunAsync(
            "SELECT s.item, amount, price FROM sales s JOIN prices p ON s.item = p.item EMIT CHANGES AS OF '0:0,1:0' LIMIT 3"))
            .Order().ShouldBe(["a|1|10", "a|3|10", "b|2|20"]);
    }

    [Fact]
    public async Task What_an_aggregate_had_counted_cannot_be_counted_again_when_it_is_deleted()
    {
        await using var first = await OpenAsync(
            "SELECT item, COUNT(*) FROM sales GROUP BY item EMIT CHANGES WITH (SNAPSHOT = TRUE, PROGRESS = '0')");
        var position = await PositionAfterAsync(first, "|b|1");
        await DeleteRecordsAsync("sales");
        (await Should.ThrowAsync<SqlException>(
            () => _engine.RunAsync($"SELECT item, COUNT(*) FROM sales GROUP BY item EMIT CHANGES AS OF '{position}'")))
            .SqlState.ShouldBe("72000");
    }

    [Theory]
    [InlineData("SELECT item FROM sales EMIT CHANGES")]
    [InlineData("SELECT s.item FROM sales s JOIN returns r WITHIN 1 HOUR ON s.item = r.item EMIT CHANGES")]
    public async Task Records_that_are_deleted_before_they_are_read_end_the_query_or_are_told_by_a_warning(string sql)
    {
        await _engine.RunAsync("SET 'auto.offset.reset' = 'earliest'");
        await using (var push = await OpenAsync(sql))
        {
            await DeleteRecordsAsync("sales");
            (await Should.ThrowAsync<SqlException>(() => push.TakeAsync(1))).SqlState.ShouldBe("72000");
        }

        await _engine.RunAsync("SET streamsql.lost_records = 'warning'; INSERT INTO sales (item, amount) VALUES ('a', 1), ('b', 2);");
        await using var going = await OpenAsync(sql);
        await DeleteRecordsAsync("sales");
        await _engine.RunAsync(
            "INSERT INTO sales (item, amount) VALUES ('a', 9); INSERT INTO returns (item, reason) VALUES ('a', 'late');");
        (await going.TakeAsync(1)).ShouldBe(["a"]);
        going.Result.TakeNotice()!.Message.ShouldContain("were deleted before this query has read them");
        going.Result.TakeNotice().ShouldBeNull();
    }

    private static async Task<string> PositionAfterAsync(RowQueue push, string rowEnd)
    {
        var hasCome = false;
        while (true)
        {
            var row = (await push.TakeAsync(1))[0];
            hasCome |= row.EndsWith(rowEnd, StringComparison.Ordinal);
            if (hasCome && row.StartsWith('t'))
                return row.Split('|')[1];
        }
    }

    private async Task DeleteRecordsAsync(string topic)
    {
        for (var p = 0; p < 2; p++)
        {
            var partition = new TopicPartition(topic, p);
            var end = (await _engine.Broker.GetOffsetsAsync(partition, CancellationToken.None)).LastStable;
            await _engine.Broker.DeleteRecordsAsync(partition, end, CancellationToken.None);
        }
    }

    private async Task<RowQueue> OpenAsync(string sql) => new(await _engine.OpenAsync(sql));
}
