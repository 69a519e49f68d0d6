using System.Buffers;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Engine.State;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.State;

/// <summary>A pre-image is a merge into an empty group: it must be an exact copy for every aggregate there is.</summary>
public class PreImageTests
{
    private static readonly SqlType[] Types = [SqlType.BigInt, SqlType.Varchar, SqlType.Double, SqlType.Decimal(18, 4), SqlType.Timestamp,
        SqlType.Integer];

    public static TheoryData<string> Aggregates() => [.. BuiltInFunctions.Registry.Aggregates.Select(static aggregate => aggregate.Name)];

    [Theory]
    [MemberData(nameof(Aggregates))]
    public void A_group_comes_back_from_its_pre_image(string name)
    {
        foreach (var rules in new[] { RuleSet.Ksql, RuleSet.Postgres })
        {
            foreach (var column in Enumerable.Range(0, Types.Length))
            {
                if (BuiltInFunctions.Registry.FindAggregate(name)!.Bind([Types[column]], rules) is { } binding
                    && binding.ParameterTypes[0].Physical == Types[column].Physical)
                    Check(binding, column);
            }
        }
    }

    private static void Check(AggregateBinding binding, int column)
    {
        const int slots = 5;
        var random = new Random(17);
        var state = binding.CreateState();
        state.EnsureSlots(slots);
        var times = new GroupTimes();
        times.EnsureSlots(slots);
        times.Raise([0, 1, 2, 3, 4], [0, 1, 2, 3, 4]);
        for (var round = 0; round < 20; round++)
        {
            var preImages = new PreImages([binding.CreateState()]);
            var saved = new byte[slots][];
            var places = new int[slots];
            preImages.Take([state], [3, 0], times);
            preImages.Take([state], [1, 4, 2], times);
            preImages.Count.ShouldBe(slots);
            foreach (var (place, slot) in new[] { 3, 0, 1, 4, 2 }.Index())
            {
                places[slot] = place;
                saved[slot] = Save(state, slot);
                Save(preImages.States[0], place).ShouldBe(saved[slot]);
            }

            Add(state, column, random, slots);
            for (var slot = 0; slot < slots; slot += 2)
            {
                preImages.PutBack(places[slot], [state], slot).ShouldBe(slot);
                Save(state, slot).ShouldBe(saved[slot]);
            }
        }
    }

    private static void Add(AggregateState state, int column, Random random, int slots)
    {
        var rows = Enumerable.Range(0, 12).Select(_ => Row.At(0, random.Next(5) == 0 ? new object?[Types.Length] :
            [(long)random.Next(50), $"t{random.Next(20)}", random.Next(100) / 8.0, (Int128)random.Next(1000), (long)random.Next(1000),
                random.Next(9)])).ToArray();
        var batch = Rows.Batch(Types, rows);
        Column[] arguments = [batch.Columns[column]];
        state.Add(arguments, batch.Selection, rows.Select(_ => random.Next(slots)).ToArray(), null);
    }

    private static byte[] Save(AggregateState state, int slot)
    {
        var writer = new ArrayBufferWriter<byte>();
        state.Save(slot, writer);
        return writer.WrittenSpan.ToArray();
    }
}
