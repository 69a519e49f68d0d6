using StreamSQL.Data.Errors;
using StreamSQL.Kafka.Client;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Queries;

/// <summary>EMIT CHANGES WITH (SNAPSHOT, PROGRESS) AS OF: where a push query begins, and what it tells besides its rows.</summary>
public sealed class PushOptionsTests : IAsyncLifetime
{
    private EngineHarness _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await EngineHarness.StartAsync();
        await _engine.RunAsync("""
            CREATE TABLE prices (item VARCHAR PRIMARY KEY, price INTEGER, shop VARCHAR) WITH (KAFKA_TOPIC = 'prices', PARTITIONS = 3, VALUE_FORMAT = 'JSON');
            CREATE STREAM sales (item VARCHAR KEY, price INTEGER) WITH (KAFKA_TOPIC = 'sales', PARTITIONS = 2, VALUE_FORMAT = 'JSON');
            INSERT INTO prices (item, price, shop) VALUES ('a', 1, 'x'), ('b', 2, 'x'), ('c', 3, 'x'), ('d', 4, 'x');
            INSERT INTO prices (item, price, shop) VALUES ('a', 10, 'y');
            DELETE FROM prices WHERE item = 'd';
            """);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task A_snapshot_gives_the_rows_that_are_there_once_and_then_every_change()
    {
        await using var push = await OpenAsync("SELECT item, price FROM prices EMIT CHANGES WITH (SNAPSHOT = TRUE)");
        // behind the snapshot, although nobody has read it yet
        await _engine.RunAsync("INSERT INTO prices (item, price, shop) VALUES ('a', 11, 'y')");
        (await push.TakeAsync(3)).Order().ShouldBe(["a|10", "b|2", "c|3"]);
        (await push.TakeAsync(1)).ShouldBe(["a|11"]);
        await _engine.RunAsync("INSERT INTO prices (item, price, shop) VALUES ('e', 5, 'y')");
        (await push.TakeAsync(1)).ShouldBe(["e|5"]);
    }

    [Fact]
    public async Task A_snapshot_is_by_key_also_where_the_key_is_not_selected()
    {
        (await _engine.RunAsync("SELECT price FROM prices EMIT CHANGES WITH (SNAPSHOT = TRUE) LIMIT 3")).Order().ShouldBe(["10", "2", "3"]);
    }

    [Fact]
    public async Task Behind_a_filter_a_row_that_stops_passing_is_told_as_its_key()
    {
        await using var push = await OpenAsync(
            "SELECT item, price, price * 2 AS twice, 1 AS one FROM prices WHERE price > 2 EMIT CHANGES WITH (SNAPSHOT = TRUE)");
        (await push.TakeAsync(2)).Order().ShouldBe(["a|10|20|1", "c|3|6|1"]);
        await _engine.RunAsync("""
            INSERT INTO prices (item, price, shop) VALUES ('b', 1, 'y');
            INSERT INTO prices (item, price, shop) VALUES ('a', 1, 'y');
            """);
        (await push.TakeAsync(1)).ShouldBe(["a|null|null|null"]);
        await _engine.RunAsync("INSERT INTO prices (item, price, shop) VALUES ('b', 7, 'y'); DELETE FROM prices WHERE item = 'c'");
        (await push.TakeAsync(2)).Order().ShouldBe(["b|7|14|1", "c|null|null|null"]);
    }

    [Fact]
    public async Task A_snapshot_of_an_empty_table_is_empty()
    {
        await _engine.RunAsync("CREATE TABLE nothing (id INTEGER PRIMARY KEY, v INTEGER) WITH (KAFKA_TOPIC = 'nothing', PARTITIONS = 2, " +
            "VALUE_FORMAT = 'JSON')");
        await using var push = await OpenAsync("SELECT id, v FROM nothing EMIT CHANGES WITH (SNAPSHOT = TRUE, PROGRESS = '0')");
        (await push.TakeAsync(1)).ShouldBe(["t|0:0,1:0|null|null|null"]);
        await _engine.RunAsync("INSERT INTO nothing VALUES (1, 2)");
        (await push.TakeAsync(2))[0].ShouldEndWith("|1|2");
    }

    [Fact]
    public async Task Writers_that_go_on_during_snapshots_cause_neither_gaps_nor_duplicates()
    {
        const int Versions = 200;
        const int Keys = 7;
        var session = _engine.Engine.CreateSession("writer", "streamsql");
        var writing = Task.Run(async () =>
        {
            for (var version = 0; version < Versions; version++)
                await EngineHarness.RunAsync(session,
                    $"INSERT INTO prices (item, price, shop) VALUES ('k{version % Keys}', {version}, 'w')");
        });
        var reads = Enumerable.Range(0, 8).Select(async i =>
        {
            await Task.Delay(10 * i);
            await using var push = new RowQueue(await EngineHarness.OpenAsync(
                _engine.Engine.CreateSession($"reader{i}", "streamsql"),
                "SELECT item, price, shop FROM prices EMIT CHANGES WITH (SNAPSHOT = TRUE, PROGRESS = '0')"));
            await CheckEachKeysVersionsAsync(push, Versions, Keys);
        }).ToArray();
        await writing;
        await Task.WhenAll(reads);
    }

    [Fact]
    public async Task Progress_rows_tell_how_far_the_query_is_while_nothing_comes()
    {
        await using var push = await OpenAsync("SELECT item, price FROM sales EMIT CHANGES WITH (PROGRESS = '20ms')");
        push.Result.Columns!.Select(static column => column.Name)
            .ShouldBe(["streamsql_progressed", "streamsql_position", "streamsql_time", "item", "price"]);
        (await push.TakeAsync(2)).ShouldBe(["t|0:0,1:0|null|null|null", "t|0:0,1:0|null|null|null"]);
        await _engine.RunAsync("INSERT INTO sales (item, price, ROWTIME) VALUES ('a', 1, 1000)");
        string row;
        do
            row = (await push.TakeAsync(1))[0];
        while (row.StartsWith('t'));
        row.ShouldStartWith("f|null|");
        row.ShouldEndWith("|a|1");
        row = (await push.TakeAsync(1))[0];
        row.ShouldMatch(@"^t\|0:\d,1:\d\|1970-01-01[^|]*\|null\|null$");
    }

    [Fact]
    public async Task A_query_goes_on_as_of_a_position_without_gap_or_duplicate()
    {
        await _engine.RunAsync(
            "INSERT INTO sales (item, price) VALUES ('a', 1), ('b', 2), ('c', 3); SET 'auto.offset.reset' = 'earliest';");
        string position;
        var seen = new List<string>();
        await using (var push = await OpenAsync("SELECT item, price FROM sales EMIT CHANGES WITH (PROGRESS = '0')"))
        {
            do
                seen.Add((await push.TakeAsync(1))[0]);
            while (!seen[^1].StartsWith('t'));
            position = seen[^1].Split('|')[1];
        }

        await _engine.RunAsync("INSERT INTO sales (item, price) VALUES ('d', 4), ('e', 5)");
        var given = seen.Count - 1;
        await using var resumed = await OpenAsync($"SELECT item, price FROM sales EMIT CHANGES AS OF '{position}'");
        var rest = await resumed.TakeAsync(5 - given);
        seen.SkipLast(1).Select(static row => row[^3..]).Concat(rest).Order().ShouldBe(["a|1", "b|2", "c|3", "d|4", "e|5"]);
    }

    [Fact]
    public async Task A_position_may_leave_partitions_out_which_came_later()
    {
        await _engine.RunAsync("INSERT INTO sales (item, price) VALUES ('a', 1), ('b', 2), ('c', 3)");
        (await _engine.RunAsync("SELECT item FROM sales EMIT CHANGES AS OF '0:0' LIMIT 3")).Order().ShouldBe(["a", "b", "c"]);
    }

    [Theory]
    [InlineData("SELECT item FROM sales EMIT CHANGES AS OF '0:99'", "22023")]
    [InlineData("SELECT item FROM sales EMIT CHANGES AS OF '2:0'", "22023")]
    [InlineData("SELECT item FROM sales EMIT CHANGES AS OF '0:0,0:0'", "22023")]
    [InlineData("SELECT item FROM sales EMIT CHANGES AS OF 'now'", "22023")]
    [InlineData("SELECT item FROM sales EMIT CHANGES AS OF ''", "22023")]
    [InlineData("SELECT item FROM sales EMIT CHANGES AS OF '0:-1'", "22023")]
    [InlineData("SELECT item FROM sales EMIT CHANGES AS OF '0:99999999999999999999'", "22023")]
    [InlineData("SELECT item FROM prices EMIT CHANGES WITH (SNAPSHOT = TRUE) AS OF '0:0'", "22023")]
    [InlineData("SELECT item FROM sales EMIT CHANGES WITH (SNAPSHOT = TRUE)", "0A000")]
    [InlineData("SELECT shop, COUNT(*) FROM prices GROUP BY shop EMIT CHANGES AS OF '0:0'", "0A000")]
    [InlineData("SELECT item, COUNT(*) FROM sales GROUP BY item EMIT CHANGES AS OF '0:2-1'", "22023")]
    [InlineData("SELECT item, COUNT(*) FROM sales WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY item EMIT FINAL WITH (SNAPSHOT = TRUE)", "0A000")]
    [InlineData("SELECT s.item, p.price FROM sales s JOIN prices p ON s.item = p.item EMIT CHANGES WITH (SNAPSHOT = TRUE)", "0A000")]
    [InlineData("SET streamsql.lost_records = 'some'", "22023")]
    [InlineData("SELECT item FROM sales EMIT CHANGES WITH (SNAPSHOTS = TRUE)", "22023")]
    [InlineData("SELECT item FROM sales EMIT CHANGES WITH (PROGRESS = '2 days')", "22023")]
    [InlineData("SELECT item FROM sales EMIT CHANGES WITH (PROGRESS = '25h')", "22023")]
    [InlineData("SELECT item FROM sales EMIT CHANGES WITH (PROGRESS = '')", "22023")]
    [InlineData("SELECT item FROM sales EMIT CHANGES WITH (SNAPSHOT = 1)", "22023")]
    [InlineData("CREATE STREAM copies AS SELECT * FROM sales EMIT CHANGES WITH (PROGRESS = TRUE)", "0A000")]
    [InlineData("CREATE STREAM copies AS SELECT * FROM sales EMIT CHANGES AS OF '0:0'", "0A000")]
    [InlineData("SET streamsql.fetch = 'some'", "22023")]
    public async Task What_makes_no_sense_is_refused(string statement, string sqlState) =>
        (await Should.ThrowAsync<SqlException>(() => _engine.RunAsync(statement))).SqlState.ShouldBe(sqlState);

    [Fact]
    public async Task Records_that_are_deleted_before_they_are_read_end_the_query()
    {
        await _engine.RunAsync(
            "INSERT INTO sales (item, price) VALUES ('a', 1), ('b', 2), ('c', 3); SET 'auto.offset.reset' = 'earliest';");
        await using var push = await OpenAsync("SELECT item FROM sales EMIT CHANGES");
        for (var p = 0; p < 2; p++)
        {
            var partition = new TopicPartition("sales", p);
            var end = (await _engine.Broker.GetOffsetsAsync(partition, CancellationToken.None)).LastStable;
            await _engine.Broker.DeleteRecordsAsync(partition, end, CancellationToken.None);
        }

        (await Should.ThrowAsync<SqlException>(() => push.TakeAsync(3))).SqlState.ShouldBe("72000");
        (await Should.ThrowAsync<SqlException>(
            () => _engine.RunAsync("SELECT item FROM sales EMIT CHANGES AS OF '0:0,1:0'"))).SqlState.ShouldBe("72000");
    }

    private async Task<RowQueue> OpenAsync(string sql) => new(await _engine.OpenAsync(sql));

    /// <summary>
    /// Writer w writes versions in order, of one key after another: of each key the versions must go up by the number of keys.
    /// </summary>
    private static async Task CheckEachKeysVersionsAsync(RowQueue push, int versions, int keys)
    {
        var last = new Dictionary<string, int>();
        var isInSnapshot = true;
        while (last.Count < keys || last.Values.Max() < versions - 1)
        {
            var row = (await push.TakeAsync(1))[0].Split('|');
            if (row[0] == "t")
                isInSnapshot = false;
            if (row[0] == "t" || row[^1] != "w")
                continue;
            var (key, version) = (row[3], int.Parse(row[4], System.Globalization.CultureInfo.InvariantCulture));
            if (last.TryGetValue(key, out var before))
            {
                isInSnapshot.ShouldBeFalse("a key comes once in a snapshot");
                version.ShouldBe(before + keys);
            }
            else if (!isInSnapshot)
            {
                version.ShouldBeLessThan(keys);
            }

            last[key] = version;
        }
    }
}
