using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.State;
using StreamSQL.UnitTests.Engine.Support;

namespace StreamSQL.UnitTests.Engine.State;

public class KeyIndexTests
{
    public static TheoryData<string> Kinds() => ["bigint", "integer", "text", "composite"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Slots_follow_a_dictionary_through_adds_and_removals(string kind)
    {
        var (types, key) = Keys(kind);
        var index = KeyIndex.Create(types, nullable: false);
        var model = new Dictionary<int, int>();
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var numbers = Enumerable.Range(0, random.Next(1, 600)).Select(_ => random.Next(20_000)).ToArray();
            var batch = Rows.Batch(types, numbers.Select(number => Row.At(0, key(number))).ToArray());
            var slots = new int[numbers.Length];
            index.FindOrAdd(batch.Columns, batch.Selection, slots);
            for (var i = 0; i < numbers.Length; i++)
            {
                if (model.TryGetValue(numbers[i], out var known))
                    slots[i].ShouldBe(known);
                model[numbers[i]] = slots[i];
            }

            foreach (var number in model.Keys.Where(_ => random.Next(10) == 0).ToArray())
            {
                index.Remove(model[number]);
                model.Remove(number);
            }

            index.Count.ShouldBe(model.Count);
            model.Values.Distinct().Count().ShouldBe(model.Count);
        }

        var all = Rows.Batch(types, Enumerable.Range(0, 20_000).Select(number => Row.At(0, key(number))).ToArray());
        var found = new int[20_000];
        index.Find(all.Columns, all.Selection, found);
        for (var number = 0; number < found.Length; number++)
            found[number].ShouldBe(model.GetValueOrDefault(number, -1));
        index.SlotLimit.ShouldBeLessThan(21_000);
    }

    [Theory]
    [InlineData("bigint")]
    [InlineData("integer")]
    [InlineData("text")]
    public void Null_is_a_key_where_it_may_be_one(string kind)
    {
        var (types, key) = Keys(kind);
        var index = KeyIndex.Create(types, nullable: true);
        var batch = Rows.Batch(types, [Row.At(0, key(7)), Row.At(0, [null]), Row.At(0, key(0)), Row.At(0, [null]), Row.At(0, key(7))]);
        var slots = new int[5];

        index.FindOrAdd(batch.Columns, batch.Selection, slots);

        slots.ShouldBe([0, 1, 2, 1, 0]);
        index.Count.ShouldBe(3);
        var output = new ChangeBatch(types);
        output.Reset(3);
        index.ReadKeys([2, 1, 0], output.Columns, 0);
        output.Columns[0].IsNull(0).ShouldBeFalse();
        output.Columns[0].IsNull(1).ShouldBeTrue();
        output.Columns[0].IsNull(2).ShouldBeFalse();
        index.Find(batch.Columns, batch.Selection, slots);
        slots.ShouldBe([0, 1, 2, 1, 0]);
        index.Remove(1);
        index.Find(batch.Columns, batch.Selection, slots);
        slots.ShouldBe([0, -1, 2, -1, 0]);
    }

    /// <summary>Small keys are found without the hash table, until one comes that is not small.</summary>
    [Theory]
    [InlineData("bigint", 20_000)]
    [InlineData("integer", 20_000)]
    [InlineData("bigint", 300_000)]
    [InlineData("integer", 300_000)]
    [InlineData("bigint", -40)]
    public void Small_keys_have_the_slots_of_their_first_rows(string kind, int lastKeys)
    {
        SqlType[] types = [kind == "bigint" ? SqlType.BigInt : SqlType.Integer];
        Func<int, object> key = kind == "bigint" ? static number => (long)number : static number => number;
        var index = KeyIndex.Create(types, nullable: true);
        var model = new Dictionary<int, int>();
        var random = new Random(5);
        for (var round = 0; round < 60; round++)
        {
            // NULL is written -1 here; some rounds have none.
            var numbers = Enumerable.Range(0, 300).Select(_ => round % 2 == 0 && random.Next(9) == 0 ? -1
                : round < 40 ? random.Next(round * 100 + 1) : lastKeys < 0 ? -2 - random.Next(-lastKeys) : random.Next(lastKeys)).ToArray();
            var rows = numbers.Select(number => number == -1 ? Row.At(0, [null]) : Row.At(0, [key(number)])).ToArray();
            var batch = round % 3 == 0 ? Rows.SparseBatches(types, rows, rows.Length).Single() : Rows.Batch(types, rows);
            var slots = new int[numbers.Length];
            index.FindOrAdd(batch.Columns, batch.Selection, slots);
            for (var i = 0; i < numbers.Length; i++)
            {
                if (!model.TryGetValue(numbers[i], out var known))
                    model.Add(numbers[i], known = model.Count);
                slots[i].ShouldBe(known);
            }

            index.Count.ShouldBe(model.Count);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Keys_can_be_read_back_and_found_in_encoded_form(string kind)
    {
        var (types, key) = Keys(kind);
        var index = KeyIndex.Create(types, nullable: false);
        var batch = Rows.Batch(types, Enumerable.Range(0, 500).Select(number => Row.At(0, key(number))).ToArray());
        var slots = new int[500];
        index.FindOrAdd(batch.Columns, batch.Selection, slots);

        var output = new ChangeBatch(types);
        output.Reset(500);
        index.ReadKeys(slots, output.Columns, 0);
        Rows.Texts(output).Select(static text => text.Split('@')[0]).ShouldBe(Rows.Texts(batch).Select(static text => text.Split('@')[0]));
        var copy = KeyIndex.Create(types, nullable: false);
        foreach (var slot in slots)
        {
            var encoded = new byte[index.EncodedLength(slot)];
            index.WriteEncoded(slot, encoded);
            index.Find(encoded).ShouldBe(slot);
            copy.Find(encoded).ShouldBe(-1);
            copy.FindOrAdd(encoded).ShouldBe(slot);
        }
    }

    [Fact]
    public void A_large_table_grows_step_by_step_without_losing_keys()
    {
        var index = KeyIndex.Create([SqlType.BigInt], nullable: false);
        var slots = new int[1000];
        for (var round = 0; round < 300; round++)
        {
            var batch = Rows.Batch([SqlType.BigInt], Enumerable.Range(round * 1000, 1000).Select(static n => Row.At(0, n * 0x1_0000_0001L))
                .ToArray());
            index.FindOrAdd(batch.Columns, batch.Selection, slots);
            slots.ShouldBe(Enumerable.Range(round * 1000, 1000));
            if (round % 3 == 2)
            {
                var early = Rows.Batch([SqlType.BigInt],
                    Enumerable.Range(0, 1000).Select(static n => Row.At(0, n * 0x1_0000_0001L)).ToArray());
                index.Find(early.Columns, early.Selection, slots);
                slots.ShouldBe(Enumerable.Range(0, 1000));
            }
        }
    }

    [Fact]
    public void Removal_while_the_table_grows_leaves_no_ghost()
    {
        var index = KeyIndex.Create([SqlType.BigInt], nullable: false);
        var slots = new int[1];
        var random = new Random(3);
        var model = new Dictionary<long, int>();
        for (var step = 0; step < 400_000; step++)
        {
            var key = (long)random.Next(120_000);
            var batch = step % 1000 == 0 ? Rows.Batch([SqlType.BigInt], [Row.At(0, key)]) : null;
            if (model.Remove(key, out var slot) && step % 3 == 0)
            {
                index.Remove(slot);
            }
            else
            {
                var encoded = new byte[8];
                System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(encoded, key ^ long.MinValue);
                model[key] = index.FindOrAdd(encoded);
            }

            if (batch is null)
                continue;
            index.Find(batch.Columns, batch.Selection, slots);
            slots[0].ShouldBe(model.GetValueOrDefault(key, -1));
            index.Count.ShouldBe(model.Count);
        }
    }

    private static (SqlType[] Types, Func<int, object?[]> Key) Keys(string kind) => kind switch
    {
        "bigint" => ([SqlType.BigInt], static n => [(long)n * n]),
        "integer" => ([SqlType.Integer], static n => [-n]),
        "text" => ([SqlType.Varchar], static n => [n == 0 ? "" : $"key {n} {new string('x', n % 40)}"]),
        _ => ([SqlType.Varchar, SqlType.Double, SqlType.Decimal(20, 3), SqlType.Varchar],
            static n => [$"a\0{n % 7}", n / 7.0, (Int128)(-n), n.ToString(System.Globalization.CultureInfo.InvariantCulture)]),
    };
}
