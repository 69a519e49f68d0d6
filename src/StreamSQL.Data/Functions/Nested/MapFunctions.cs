using System.Buffers;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Nested;

/// <summary>Functions of maps.</summary>
internal static class MapFunctions
{
    private const string Category = "Map";

    public static IEnumerable<ScalarFunction> All() =>
    [
        OfMap<Keys>("MAP_KEYS", "The keys of a map.", ("MAP_KEYS(MAP('a':=1, 'b':=2))", "[a, b]"), static map => SqlType.ArrayOf(map.Key!)),
        OfMap<Values>("MAP_VALUES", "The values of a map.", ("MAP_VALUES(MAP('a':=1, 'b':=2))", "[1, 2]"),
            static map => SqlType.ArrayOf(map.Element!)),
        new ComputedFunction("MAP_UNION", Category, "The entries of two maps; of equal keys the second map's wins.",
            ["MAP_UNION(map, map) -> map"], [("MAP_UNION(MAP('a':=1), MAP('a':=2, 'b':=3))", "{a=2, b=3}")],
            static (arguments, _) => arguments is [{ Kind: SqlTypeKind.Map } map, var other]
                && map.Equals(other) ? new([map, map], map, new NullableRowKernel<Union>()) : null),
        new ComputedFunction("AS_MAP", Category, "A map of an array of keys and an array of values.",
            ["AS_MAP(ARRAY<VARCHAR>, array) -> MAP"], [("AS_MAP(ARRAY['a', 'b'], ARRAY[1, 2])", "{a=1, b=2}")],
            static (arguments, _) =>
                arguments is [{ Kind: SqlTypeKind.Array, Element.Kind: SqlTypeKind.Varchar } keys, { Kind: SqlTypeKind.Array } values]
                ? new([keys, values], SqlType.MapOf(SqlType.Varchar, values.Element!), new RowKernel<FromArrays>()) : null),
        new ComputedFunction("ENTRIES", Category,
            "The entries of a map as structs of K and V, in the order of the keys where the flag is set.",
            ["ENTRIES(map, sorted BOOLEAN) -> ARRAY<STRUCT<K, V>>"],
            [("ENTRIES(MAP('b':=2, 'a':=1), TRUE)", "[Struct{K=a,V=1}, Struct{K=b,V=2}]")],
            static (arguments, _) => arguments is [{ Kind: SqlTypeKind.Map } map, { Kind: SqlTypeKind.Boolean }]
                ? new([map, SqlType.Boolean], SqlType.ArrayOf(SqlType.StructOf([new("K", map.Key!), new("V", map.Element!)])),
                    new RowKernel<Entries>()) : null),
    ];

    private static ComputedFunction OfMap<TFunction>(string name, string description, (string, string) example,
        Func<SqlType, SqlType> result)
        where TFunction : struct, IRowFunction => new(name, Category, description, [$"{name}(map) -> ARRAY"], [example], (arguments, _) =>
            arguments is [{ Kind: SqlTypeKind.Map } map] ? new([map], result(map), new RowKernel<TFunction>()) : null);

    private readonly struct Keys : IRowFunction
    {
        public static void Apply(in RowCall call) => CopySide(call, keys: true);
    }

    private readonly struct Values : IRowFunction
    {
        public static void Apply(in RowCall call) => CopySide(call, keys: false);
    }

    private static void CopySide(in RowCall call, bool keys)
    {
        var map = (MapColumn)call.Argument(0);
        var row = map.Physical(call.Row);
        var result = (ArrayColumn)call.Result;
        var count = map.Lengths[row];
        var at = result.Allocate(call.Row, count);
        var rented = ArrayPool<int>.Shared.Rent(count);
        var places = rented.AsSpan(0, count);
        MapOrder.Fill(map, row, places);
        for (var i = 0; i < count; i++)
            result.Elements.CopyRow(keys ? map.Keys : map.Values, places[i], at + i);
        ArrayPool<int>.Shared.Return(rented);
    }

    private readonly struct Union : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            if (call.IsNull(0) && call.IsNull(1))
            {
                call.ReturnNull();
                return;
            }

            var result = (MapColumn)call.Result;
            var room = 0;
            for (var i = 0; i < 2; i++)
                room += call.IsNull(i) ? 0 : ((MapColumn)call.Argument(i)).Lengths[call.Argument(i).Physical(call.Row)];
            result.Allocate(call.Row, room);
            result.Lengths[call.Row] = 0;
            for (var i = 0; i < 2; i++)
            {
                if (!call.IsNull(i))
                    PutAll(result, call.Row, (MapColumn)call.Argument(i), call.Argument(i).Physical(call.Row));
            }
        }

        private static void PutAll(MapColumn result, int row, MapColumn source, int sourceRow)
        {
            for (var i = source.Starts[sourceRow]; i < source.Starts[sourceRow] + source.Lengths[sourceRow]; i++)
                Put(result, row, source.Keys, i, source.Values, i);
        }
    }

    /// <summary>Puts an entry into a map whose room is allocated; the value of an equal key is replaced.</summary>
    private static void Put(MapColumn result, int row, Column keys, int key, Column values, int value)
    {
        var entry = ColumnValue.FindKey(result, row, keys, key);
        if (entry < 0)
            entry = result.Starts[row] + result.Lengths[row]++;
        result.Keys.CopyRow(keys, key, entry);
        result.Values.CopyRow(values, value, entry);
    }

    private readonly struct FromArrays : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (keys, values) = ((ArrayColumn)call.Argument(0), (ArrayColumn)call.Argument(1));
            var (keyRow, valueRow) = (keys.Physical(call.Row), values.Physical(call.Row));
            var count = Math.Min(keys.Lengths[keyRow], values.Lengths[valueRow]);
            var result = (MapColumn)call.Result;
            result.Allocate(call.Row, count);
            result.Lengths[call.Row] = 0;
            for (var i = 0; i < count; i++)
                Put(result, call.Row, keys.Elements, keys.Starts[keyRow] + i, values.Elements, values.Starts[valueRow] + i);
        }
    }

    private readonly struct Entries : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var map = (MapColumn)call.Argument(0);
            var row = map.Physical(call.Row);
            var order = new int[map.Lengths[row]];
            MapOrder.Fill(map, row, order);
            if (call.Flag(1))
                Array.Sort(order, (a, b) => ColumnValue.Compare(map.Keys, a, map.Keys, b));
            var result = (ArrayColumn)call.Result;
            var structs = (StructColumn)result.Elements;
            var at = result.Allocate(call.Row, order.Length);
            foreach (var entry in order)
            {
                structs.Fields[0].CopyRow(map.Keys, entry, at);
                structs.Fields[1].CopyRow(map.Values, entry, at++);
            }
        }
    }
}
