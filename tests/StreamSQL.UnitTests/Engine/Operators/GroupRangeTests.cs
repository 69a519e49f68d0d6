using StreamSQL.Data.Columns;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Aggregate;
using StreamSQL.Engine.State;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Operators;

/// <summary>Reads of ranges of keys of aggregates find the groups that a read of all finds in the range, also while windows go.</summary>
public sealed class GroupRangeTests
{
    private const int Keys = 9_000;

    private static readonly SqlType[] Types = [SqlType.BigInt, SqlType.BigInt];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Groups_of_a_range_are_those_of_all_groups(bool isWindowed)
    {
        var window = isWindowed ? new WindowSpec(WindowKind.Tumbling, 10, 10, 0, 40) : null;
        var plan = Contexts.ListPerKey(SqlType.BigInt, window);
        var context = Contexts.Create();
        var table = AggregateTable.Create("a", plan, context.Budget);
        var target = new StreamAggregateOperator(context, plan, table, withOld: false);
        var random = new Random(3);
        for (var round = 0; round < 12; round++)
        {
            foreach (var some in Enumerable.Range(0, Keys).OrderBy(_ => random.Next()).Chunk(4000))
                Rows.Push(target, Rows.Batch(Types, some.Select(key => Row.At(10 * round, (long)key * 3, (long)round)).ToArray()));
            Check(table, random);
            if (round % 5 == 3)
                table.Abort();
            else
                table.Commit();
            for (var i = 0; i < 3; i++)
                Check(table, random);
        }

        table.Windows.ShouldContain(static part => part.Index.Order != null);
        table.Windows.Count.ShouldBeLessThan(8);
    }

    [Fact]
    public void Sessions_of_a_range_of_keys_are_those_of_all_keys()
    {
        var plan = Contexts.ListPerKey(SqlType.BigInt, new WindowSpec(WindowKind.Session, 5, 5, 0, 100));
        var context = Contexts.Create();
        var table = SessionTable.Create("s", plan, context.Budget);
        var target = new SessionAggregateOperator(context, plan, table, withOld: false);
        var random = new Random(4);
        for (var round = 0; round < 12; round++)
        {
            foreach (var some in Enumerable.Range(0, Keys).Where(_ => round == 0 || random.Next(9) > 0).Chunk(4000))
                Rows.Push(target, Rows.Batch(Types, some.Select(key => Row.At(10 * round, (long)key * 3, (long)round)).ToArray()));
            Rows.Signal(target, OperatorSignal.Commit);
            Check(table, random);
            if (round % 5 == 3)
                table.Abort();
            else
                table.Commit();
            for (var i = 0; i < 3; i++)
                Check(table, random);
        }

        table.Index.Order.ShouldNotBeNull();
    }

    private static void Check(TableState table, Random random)
    {
        var lower = random.NextInt64(-10, 3 * Keys);
        var upper = lower + random.NextInt64(1500);
        var all = table is AggregateTable { Window: null }
            ? TableAccess.All
            : new TableAccess(null, WindowStartMin: random.NextInt64(0, 60), WindowStartMax: random.NextInt64(60, 130));
        var range = all with
        {
            Bounds = new KeyBounds { Lower = Key(lower), IncludesLower = true, Upper = Key(upper), IncludesUpper = true },
        };
        Rows.Read(table, range).Where(IsWithin).ShouldBe(Rows.Read(table, all).Where(IsWithin));

        bool IsWithin(string row) =>
            long.Parse(row[..row.IndexOf(',', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture) is var key
            && key >= lower && key <= upper;
    }

    private static Column Key(long key) => Rows.Batch([SqlType.BigInt], [Row.At(0, key)]).Columns[0];
}
