using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Operators;
using StreamSQL.Engine.Operators.Windows;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.Operators;

/// <summary>
/// Window functions over random rows and frames, beside an evaluation that looks at every row of a partition for every row.
/// </summary>
public sealed class WindowModelTests
{
    private static readonly SqlType[] Types = [SqlType.BigInt, SqlType.BigInt, SqlType.BigInt];
    private static readonly BoundColumn Partition = Contexts.Column(0, SqlType.BigInt);
    private static readonly BoundColumn Order = Contexts.Column(1, SqlType.BigInt);
    private static readonly BoundColumn Value = Contexts.Column(2, SqlType.BigInt);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Frames_are_what_a_naive_evaluation_finds(int seed)
    {
        var random = new Random(seed);
        var rows = Sorted(random, 2500 + random.Next(2500), partitions: random.Next(1, 9), orders: random.Next(2, 60));
        for (var round = 0; round < 5; round++)
        {
            var frame = RandomFrame(random);
            var actual = Run(rows, frame, random.Next(100, 2000));
            var expected = Naive(rows, frame);
            for (var i = 0; i < rows.Length; i++)
                actual[i].ShouldBe(expected[i], $"seed {seed}, row {i}, {PlanPrinter.Frame(frame)}");
        }
    }

    private static Row[] Sorted(Random random, int count, int partitions, int orders) =>
        [.. Enumerable.Range(0, count).Select(_ => Row.At(
                0, (long)random.Next(partitions), random.Next(8) == 0 ? null : (long)random.Next(orders),
                random.Next(8) == 0 ? null : (long)random.Next(-500, 500)))
            .OrderBy(static row => (long)row.Values[0]!).ThenBy(static row => row.Values[1] is null)
            .ThenBy(static row => (long?)row.Values[1])];

    private static FrameSpec RandomFrame(Random random)
    {
        while (true)
        {
            var start = RandomEdge(random);
            var end = RandomEdge(random);
            if (start.Kind == FrameEdgeKind.UnboundedFollowing || end.Kind == FrameEdgeKind.UnboundedPreceding || start.Kind > end.Kind)
                continue;
            return new FrameSpec((FrameUnit)random.Next(3), start, end, (FrameExclusion)random.Next(4));
        }
    }

    private static FrameEdge RandomEdge(Random random)
    {
        var kind = (FrameEdgeKind)random.Next(5);
        return new(kind, kind is FrameEdgeKind.Preceding
            or FrameEdgeKind.Following ? Contexts.Literal((long)random.Next(random.Next(2) == 0 ? 4 : 150), SqlType.BigInt) : null);
    }

    private static List<string> Run(Row[] rows, FrameSpec frame, int batchSize)
    {
        WindowCall[] calls =
        [
            Aggregate("COUNT", frame), Aggregate("SUM", frame), Aggregate("MIN", frame), Aggregate("MAX", frame), Aggregate("AVG", frame),
            new("FIRST_VALUE", new(WindowFunctionKind.FirstValue, [SqlType.BigInt], SqlType.BigInt), null, [Value], null, frame),
            new("LAST_VALUE", new(WindowFunctionKind.LastValue, [SqlType.BigInt], SqlType.BigInt), null, [Value], null, frame),
        ];
        var input = Contexts.Input(RelationKind.Rows, Types);
        var schema = Contexts.Input(RelationKind.Rows, [.. Types, .. calls.Select(static call => call.ResultType)]).Schema;
        var target = new WindowOperator(
            Contexts.Create(rules: RuleSet.Postgres),
            new LogicalWindow(input, [Partition], [new SortKey(Order, false, false)], calls, schema));
        var texts = new List<string>();
        foreach (var batch in Rows.SparseBatches(Types, rows, batchSize))
            texts.AddRange(Rows.Push(target, batch));
        texts.AddRange(Rows.Signal(target, OperatorSignal.End));
        return texts;
    }

    private static WindowCall Aggregate(string name, FrameSpec frame) =>
        new(name, null, BuiltInFunctions.Registry.FindAggregate(name)!.Bind([name == "SUM" ? SqlType.Integer : SqlType.BigInt],
            RuleSet.Postgres), [Value], null, frame);

    private static string[] Naive(Row[] rows, FrameSpec frame)
    {
        var texts = new string[rows.Length];
        for (var from = 0; from < rows.Length;)
        {
            var to = from;
            while (to < rows.Length && Equals(rows[to].Values[0], rows[from].Values[0]))
                to++;
            var partition = rows[from..to];
            var groups = new int[partition.Length];
            for (var i = 1; i < groups.Length; i++)
                groups[i] = groups[i - 1] + (Equals(partition[i].Values[1], partition[i - 1].Values[1]) ? 0 : 1);
            for (var i = 0; i < partition.Length; i++)
                texts[from + i] = Text(partition[i], Enumerable.Range(0, partition.Length).Where(j => IsIn(frame, partition, groups, i, j))
                    .Select(j => (long?)partition[j].Values[2]).ToList());
            from = to;
        }

        return texts;
    }

    private static bool IsIn(FrameSpec frame, Row[] partition, int[] groups, int row, int other)
    {
        if (!IsBehindStart(frame.Unit, frame.Start, partition, groups, row, other)
            || !IsBeforeEnd(frame.Unit, frame.End, partition, groups, row, other))
            return false;
        return frame.Exclusion switch
        {
            FrameExclusion.CurrentRow => other != row,
            FrameExclusion.Group => groups[other] != groups[row],
            FrameExclusion.Ties => other == row || groups[other] != groups[row],
            _ => true,
        };
    }

    private static bool IsBehindStart(FrameUnit unit, FrameEdge edge, Row[] partition, int[] groups, int row, int other) => edge.Kind switch
    {
        FrameEdgeKind.UnboundedPreceding => true,
        _ => Distance(unit, partition, groups, row, other) is var distance && edge.Kind == FrameEdgeKind.CurrentRow
            ? distance >= 0
            : BothNull(unit, partition, row, other)
                || distance >= (edge.Kind == FrameEdgeKind.Preceding ? -1 : 1) * (double)(long)((BoundLiteral)edge.Offset!).Value!,
    };

    private static bool IsBeforeEnd(FrameUnit unit, FrameEdge edge, Row[] partition, int[] groups, int row, int other) => edge.Kind switch
    {
        FrameEdgeKind.UnboundedFollowing => true,
        _ => Distance(unit, partition, groups, row, other) is var distance && edge.Kind == FrameEdgeKind.CurrentRow
            ? distance <= 0
            : BothNull(unit, partition, row, other)
                || distance <= (edge.Kind == FrameEdgeKind.Preceding ? -1 : 1) * (double)(long)((BoundLiteral)edge.Offset!).Value!,
    };

    private static bool BothNull(FrameUnit unit, Row[] partition, int row, int other) =>
        unit == FrameUnit.Range && partition[row].Values[1] is null && partition[other].Values[1] is null;

    /// <summary>How far behind a row another one is; a null key is as far from numbers as can be.</summary>
    private static double Distance(FrameUnit unit, Row[] partition, int[] groups, int row, int other)
    {
        if (unit == FrameUnit.Rows)
            return other - row;
        if (unit == FrameUnit.Groups)
            return groups[other] - groups[row];
        var (key, otherKey) = ((long?)partition[row].Values[1], (long?)partition[other].Values[1]);
        return (key, otherKey) switch
        {
            (null, null) => 0,
            (null, _) => double.NegativeInfinity,
            (_, null) => double.PositiveInfinity,
            _ => otherKey.Value - key.Value,
        };
    }

    private static string Text(Row row, List<long?> frame)
    {
        var known = frame.Where(static value => value is not null).Select(static value => value!.Value).ToList();
        string Of(Func<object> value) => known.Count == 0
            ? "null" : Convert.ToString(value(), System.Globalization.CultureInfo.InvariantCulture)!;
        var average = known.Count == 0 ? "null" : AverageText(known);
        string[] texts =
        [
            .. row.Values.Select(static value => value is null
                ? "null" : Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!),
            $"{known.Count}", Of(() => known.Sum()), Of(() => known.Min()), Of(() => known.Max()), average,
            frame.Count == 0 ? "null" : $"{(frame[0] is { } first ? first : "null")}",
            frame.Count == 0 ? "null" : $"{(frame[^1] is { } last ? last : "null")}",
        ];
        return $"{string.Join(',', texts)} @0";
    }

    // Rounded half away from zero to 16 digits that count, which are counted in groups of four.
    private static string AverageText(List<long> values)
    {
        var (sum, count) = (Math.Abs(values.Sum()), (long)values.Count);
        var ((groups, first), (otherGroups, otherFirst)) = (Groups(sum), Groups(count));
        var digits = 16 - (4 * (groups - otherGroups - (first <= otherFirst ? 1 : 0)));
        var power = System.Numerics.BigInteger.Pow(10, digits);
        var magnitude = ((2 * sum * power) + count) / (2 * count);
        var (whole, fraction) = (magnitude / power, magnitude % power);
        var text = fraction.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(digits, '0');
        return $"{(values.Sum() < 0 && magnitude > 0 ? "-" : "")}{whole}.{text}";
    }

    private static (int Count, int First) Groups(long number)
    {
        var text = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var behind = (text.Length - 1) / 4;
        return (behind, int.Parse(text[..(text.Length - (4 * behind))], System.Globalization.CultureInfo.InvariantCulture));
    }
}
