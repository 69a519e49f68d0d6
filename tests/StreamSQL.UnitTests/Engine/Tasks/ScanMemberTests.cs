using Microsoft.Extensions.Logging.Abstractions;
using StreamSQL.Data.Columns;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Tasks.Input;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Client;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Tasks;

public sealed class ScanMemberTests : IAsyncLifetime
{
    private readonly List<ScanMember> _members = [];
    private readonly SemaphoreSlim _woken = new(0);
    private EngineHarness _engine = null!;
    private ScanSet _scans = null!;
    private SourceDefinition _source = null!;
    private int _produced;

    public async ValueTask InitializeAsync()
    {
        _engine = await EngineHarness.StartAsync();
        await _engine.RunAsync("CREATE STREAM s (k VARCHAR KEY, a BIGINT, b BIGINT) WITH (KAFKA_TOPIC = 's', PARTITIONS = 1, KEY_FORMAT " +
            "= 'KAFKA', VALUE_FORMAT = 'JSON');");
        _source = _engine.Engine.Catalog.Sources["S"];
        _scans = new ScanSet(new RecordSource(_engine.Broker, null, TimeProvider.System, NullLogger.Instance), () => _woken.Release());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
            member.Leave();
        await _scans.CloseAsync();
        await _engine.DisposeAsync();
        _woken.Dispose();
    }

    [Fact]
    public async Task Members_at_one_offset_get_the_same_columns()
    {
        var (first, second) = Together([1], [1, 2]);
        await ProduceAsync(3);

        _scans.BeginRound();
        var (columns, rows) = await ReadAsync(first);
        var (others, _) = await ReadAsync(second);

        rows.ShouldBe(3);
        others[0].ShouldBeSameAs(columns[0]);
        (first.Position, second.Position, _scans.Count).ShouldBe((3, 3, 1));
    }

    [Fact]
    public async Task A_member_that_does_not_take_its_batch_is_left_behind_and_comes_back()
    {
        var (first, second) = Together([1], [1]);
        await ProduceAsync(3);
        _scans.BeginRound();
        await ReadyAsync(first);
        await ReadyAsync(second);
        Take(first);
        await ProduceAsync(2);

        _scans.BeginRound();
        await ReadyAsync(first);
        Take(first);
        (first.Position, second.Position).ShouldBe((5, 0));

        _scans.BeginRound();
        first.IsReady().ShouldBeFalse();
        await ReadyAsync(second);
        Take(second);
        _scans.Count.ShouldBe(2);
        second.Position.ShouldBe(5);
        _scans.BeginRound();
        second.IsReady().ShouldBeFalse();
        _scans.WantsRound.ShouldBeTrue();
        _scans.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_one_behind_stops_where_the_other_stands_and_joins_it()
    {
        await ProduceAsync(5);
        var (ahead, behind) = (Member([1], 5), Member([2], 1));
        _scans.BeginRound();
        ahead.IsReady().ShouldBeFalse();
        await ProduceAsync(3);
        await ReadyAsync(behind);
        Take(behind);
        behind.Position.ShouldBe(5);

        _scans.BeginRound();
        behind.IsReady().ShouldBeFalse();
        await ReadyAsync(ahead);
        await ReadyAsync(behind);
        Take(ahead);
        Take(behind);
        (ahead.Position, behind.Position, _scans.Count).ShouldBe((8, 8, 1));
    }

    [Fact]
    public async Task Nothing_is_read_while_a_member_works_on_the_batch()
    {
        var (quick, slow) = Together([1], [1]);
        await ProduceAsync(2);
        _scans.BeginRound();
        await ReadyAsync(quick);
        Take(quick);
        await ReadyAsync(slow);
        var batch = slow.Take()!;
        await ProduceAsync(2);

        _scans.BeginRound();
        quick.IsReady().ShouldBeFalse();
        ((FixedColumn<long>)batch.Columns[0])[1].ShouldBe(1);
        slow.Release();
        await ReadyAsync(quick);
    }

    [Fact]
    public async Task A_scan_that_cannot_be_read_fails_all_its_members_and_takes_in_no_others()
    {
        var (first, second) = Together([1], [1]);
        await ProduceAsync(1);
        _scans.BeginRound();
        await ReadyAsync(first);
        await ReadyAsync(second);
        Take(first);
        Take(second);
        await _engine.Broker.DeleteTopicAsync("s", CancellationToken.None);

        _scans.BeginRound();
        Should.Throw<KafkaException>(() => first.IsReady());
        Should.Throw<KafkaException>(() => second.IsReady());
        _scans.Count.ShouldBe(0);
    }

    /// <summary>Two members that have met at the end of the empty partition.</summary>
    private (ScanMember First, ScanMember Second) Together(int[] first, int[] second)
    {
        var members = (First: Member(first), Second: Member(second));
        _scans.BeginRound();
        members.First.IsReady().ShouldBeFalse();
        members.Second.IsReady().ShouldBeFalse();
        _scans.Count.ShouldBe(1);
        return members;
    }

    private ScanMember Member(int[] columns, long position = 0)
    {
        var schema = new PlanSchema(
            columns.Select(column => new PlanColumn(_source.Columns[column].Name, _source.Columns[column].Type, ColumnRole.Value))
                .ToArray(), RelationKind.Stream, null);
        var view = new SourceView(_source, columns, schema, new TopicPartition("s", 0), new QueryCounters(), NullLogger.Instance);
        var member = new ScanMember(_scans, view, position);
        _members.Add(member);
        return member;
    }

    /// <summary>
    /// Waits until the scan's fetch, which ends on a thread of its own, has brought a batch. As in the worker, each wake begins a round: a
    /// scan is asked once in a round.
    /// </summary>
    private async Task ReadyAsync(ScanMember member)
    {
        while (!member.IsReady())
        {
            (await _woken.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeTrue("no batch came");
            _scans.BeginRound();
        }
    }

    private async Task<(Column[] Columns, int Rows)> ReadAsync(ScanMember member)
    {
        await ReadyAsync(member);
        var batch = member.Take()!;
        member.Release();
        return (batch.Columns, batch.Selection.Count);
    }

    private static void Take(ScanMember member)
    {
        member.Take();
        member.Release();
    }

    private async Task ProduceAsync(int records)
    {
        await _engine.ProduceAsync("s", 1, Enumerable.Range(_produced, records)
            .Select(static i => ("k", $$"""{"A":{{i}},"B":{{-i}}}""", (long)i)));
        _produced += records;
    }
}
