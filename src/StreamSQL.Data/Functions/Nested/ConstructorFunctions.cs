using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Nested;

/// <summary>
/// <c>ARRAY[..]</c>, <c>MAP(k := v)</c>, <c>STRUCT(f := v)</c>, and the ways in: <c>a[i]</c>, <c>m[k]</c>, <c>s->f</c>. Field names are no
/// values: the binder passes them to <c>STRUCT</c> and <c>-&gt;</c> as a last argument type, a STRUCT with fields of those names; the
/// kernel takes no argument for it.
/// </summary>
internal static class ConstructorFunctions
{
    private const string Category = "Nested";

    public static IEnumerable<ScalarFunction> All() =>
    [
        new ComputedFunction("ARRAY", Category, "An array of the elements.", ["ARRAY[value, ...] -> ARRAY"],
            [("ARRAY[1, 2]", "[1, 2]")], BindArray),
        new ComputedFunction("MAP", Category, "A map of the entries; of equal keys the last wins.", ["MAP(key := value, ...) -> MAP"],
            [("MAP('a':=1)", "{a=1}")], BindMap),
        new ComputedFunction("STRUCT", Category, "A struct of the fields.", ["STRUCT(name := value, ...) -> STRUCT"],
            [("STRUCT(A:=1)", "Struct{A=1}")], BindStruct),
        new ComputedFunction("->", Category, "A field of a struct; NULL of a NULL struct.", ["struct->name -> the field's type"],
            [("STRUCT(A:=1)->A", "1")], BindField),
        new ComputedFunction("[]", Category,
            "The element at a place, from 1, or from the end with a negative one; the value of a key. NULL where there is none.",
            ["array[INTEGER] -> the element's type", "map[key] -> the value's type"],
            [("ARRAY[7, 8][1]", "7"), ("ARRAY[7, 8][-1]", "8"), ("ARRAY[7, 8][3]", "null"), ("MAP('a':=1)['a']", "1")], BindElement),
    ];

    private static ScalarBinding? BindArray(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (CommonOf(arguments, rules) is not { } element)
            return null;
        return new([.. arguments.Select(_ => element)], SqlType.ArrayOf(element), new NullableRowKernel<MakeArray>());
    }

    private static ScalarBinding? BindMap(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count % 2 != 0)
            return null;
        var key = CommonOf([.. arguments.Where(static (_, i) => i % 2 == 0)], rules);
        var value = CommonOf([.. arguments.Where(static (_, i) => i % 2 == 1)], rules);
        return key is null || value is null ? null
            : new([.. arguments.Select((_, i) => i % 2 == 0 ? key : value)], SqlType.MapOf(key, value), new NullableRowKernel<MakeMap>());
    }

    private static ScalarBinding? BindStruct(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count < 1 || arguments[^1] is not { Kind: SqlTypeKind.Struct } names || names.Fields.Count != arguments.Count - 1)
            return null;
        var types = arguments.Take(names.Fields.Count)
            .Select(static type => type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : type).ToArray();
        return new([.. types, names], SqlType.StructOf([.. types.Select((type, i) => new StructField(names.Fields[i].Name, type))]),
            new MakeStructKernel());
    }

    private static ScalarBinding? BindField(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count != 2 || arguments[0].Kind != SqlTypeKind.Struct
            || arguments[1] is not { Kind: SqlTypeKind.Struct, Fields: [var name] })
            return null;
        for (var i = 0; i < arguments[0].Fields.Count; i++)
        {
            if (arguments[0].Fields[i].Name == name.Name)
                return new([.. arguments], arguments[0].Fields[i].Type, new FieldKernel(i));
        }

        return null;
    }

    private static ScalarBinding? BindElement(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments.Count != 2)
            return null;
        return arguments[0].Kind switch
        {
            SqlTypeKind.Array when arguments[1].Kind is SqlTypeKind.Integer or SqlTypeKind.SmallInt or SqlTypeKind.Unknown =>
                new([arguments[0], SqlType.Integer], arguments[0].Element!, Element(rules)),
            SqlTypeKind.Array when arguments[1].Kind == SqlTypeKind.BigInt =>
                new([arguments[0], SqlType.BigInt], arguments[0].Element!, Element(rules)),
            SqlTypeKind.Map when TypeCoercion.CanImplicitlyCast(arguments[1], arguments[0].Key!, rules) =>
                new([arguments[0], arguments[0].Key!], arguments[0].Element!, new RowKernel<ValueOfKey>()),
            _ => null,
        };
    }

    // PostgreSQL counts from the start alone.
    private static ScalarKernel Element(RuleSet rules) =>
        rules == RuleSet.Ksql ? new RowKernel<ElementOfArray>() : new RowKernel<ElementAt>();

    private static SqlType? CommonOf(IReadOnlyList<SqlType> types, RuleSet rules)
    {
        if (types.Count == 0)
            return null;
        SqlType? common = types[0];
        for (var i = 1; i < types.Count && common is not null; i++)
            common = TypeCoercion.CommonType(common, types[i], rules);
        return common?.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : common;
    }

    private readonly struct MakeArray : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var array = (ArrayColumn)call.Result;
            var start = array.Allocate(call.Row, call.Count);
            for (var i = 0; i < call.Count; i++)
                array.Elements.CopyRow(call.Argument(i), call.Row, start + i);
        }
    }

    private readonly struct MakeMap : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var map = (MapColumn)call.Result;
            var start = map.Allocate(call.Row, call.Count / 2);
            map.Lengths[call.Row] = 0;
            for (var i = 0; i < call.Count; i += 2)
            {
                var entry = ColumnValue.FindKey(map, call.Row, call.Argument(i), call.Row);
                if (entry < 0)
                    entry = start + map.Lengths[call.Row]++;
                map.Keys.CopyRow(call.Argument(i), call.Row, entry);
                map.Values.CopyRow(call.Argument(i + 1), call.Row, entry);
            }
        }
    }

    private readonly struct ElementAt : IRowFunction
    {
        public static void Apply(in RowCall call) => Return(call, ElementOfArray.Place(call) - 1);

        public static void Return(in RowCall call, long index)
        {
            var array = (ArrayColumn)call.Argument(0);
            var row = array.Physical(call.Row);
            if (index < 0 || index >= array.Lengths[row])
                call.ReturnNull();
            else
                call.Result.CopyRow(array.Elements, array.Starts[row] + (int)index, call.Row);
        }
    }

    private readonly struct ElementOfArray : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var array = (ArrayColumn)call.Argument(0);
            var place = Place(call);
            ElementAt.Return(call, place > 0 ? place - 1 : place < 0 ? array.Lengths[array.Physical(call.Row)] + place : -1);
        }

        public static long Place(in RowCall call) => call.Argument(1) is FixedColumn<long> places ? places[call.Row] : call.Int(1);
    }

    private readonly struct ValueOfKey : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var map = (MapColumn)call.Argument(0);
            var entry = ColumnValue.FindKey(map, map.Physical(call.Row), call.Argument(1), call.Row);
            if (entry < 0)
                call.ReturnNull();
            else
                call.Result.CopyRow(map.Values, entry, call.Row);
        }
    }

    private sealed class MakeStructKernel : ScalarKernel
    {
        /// <inheritdoc/>
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var structs = (StructColumn)result;
            for (var i = 0; i < structs.Fields.Length; i++)
            {
                foreach (var row in context.Rows)
                    structs.Fields[i].CopyRow(arguments[i], row, row);
            }
        }
    }

    private sealed class FieldKernel(int field) : StrictKernel
    {
        /// <inheritdoc/>
        protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var structs = (StructColumn)arguments[0];
            foreach (var row in context.Rows)
                result.CopyRow(structs.Fields[field], structs.Physical(row), row);
        }
    }
}
