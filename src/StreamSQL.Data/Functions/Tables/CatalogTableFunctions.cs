using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions.Kernels;
using StreamSQL.Data.Functions.Nested;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Tables;

/// <summary>Functions that clients call when they read catalogs.</summary>
internal static class CatalogTableFunctions
{
    public static IEnumerable<TableFunction> All() =>
    [
        Empty("PG_PARTITION_ANCESTORS", "The tables that a table is a part of: none.", SqlType.RegClass),
        Empty("PG_GET_KEYWORDS", "Reserved words.",
            RowOf(("word", SqlType.Varchar), ("catcode", SqlType.Char), ("catdesc", SqlType.Varchar))),
        Empty("ACLEXPLODE", "What an access list grants: there are no access lists.",
            RowOf(("grantor", SqlType.Oid), ("grantee", SqlType.Oid), ("privilege_type", SqlType.Varchar),
                ("is_grantable", SqlType.Boolean))),
        new PostgresTableFunction("PG_OPTIONS_TO_TABLE", "Options of an object, written name=value, with name and value apart.",
            ["pg_options_to_table(ARRAY<VARCHAR>) -> (option_name VARCHAR, option_value VARCHAR)"],
            static types => types.Count == 1
                ? new([Options], OptionRow, new ExplodeFunctions.ExplodeKernel())
                    { List = new([Options], SqlType.ArrayOf(OptionRow), new RowKernel<SplitOptions>()) }
                : null),
        new PostgresTableFunction("_PG_EXPANDARRAY", "The elements of an array with their places.",
            ["_pg_expandarray(ARRAY<T>) -> (x T, n INTEGER)"],
            static types => types is [{ Kind: SqlTypeKind.Array } array]
                ? new([array], RowOf(("x", array.Element!), ("n", SqlType.Integer)), new ExplodeFunctions.ExplodeKernel())
                {
                    List = new([array], SqlType.ArrayOf(RowOf(("x", array.Element!), ("n", SqlType.Integer))), new RowKernel<Numbered>()),
                }
                : null),
    ];

    private static SqlType Options { get; } = SqlType.ArrayOf(SqlType.Varchar);

    private static SqlType OptionRow { get; } = RowOf(("option_name", SqlType.Varchar), ("option_value", SqlType.Varchar));

    private static SqlType RowOf(params (string Name, SqlType Type)[] fields) =>
        SqlType.StructOf([.. fields.Select(static f => new StructField(f.Name, f.Type))]);

    // There is no such thing here as what they tell of, whatever they are asked.
    private static PostgresTableFunction Empty(string name, string description, SqlType row) => new(
        name, description, [$"{name.ToLowerInvariant()}(...) -> {row}"],
        types => new([.. types.Select(static type => type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : type)], row, new NoRows()));

    private sealed class NoRows : TableFunctionKernel
    {
        /// <inheritdoc/>
        public override long Count(ReadOnlySpan<Column> arguments, int row, EvaluationErrors errors) => 0;

        /// <inheritdoc/>
        public override void Fill(ReadOnlySpan<Column> arguments, ReadOnlySpan<int> rows, ReadOnlySpan<long> ordinals, Column result) =>
            result.SetAllNull(rows.Length);
    }

    private readonly struct SplitOptions : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (source, target) = ((ArrayColumn)call.Argument(0), (ArrayColumn)call.Result);
            var row = source.Physical(call.Row);
            var start = target.Allocate(call.Row, source.Lengths[row]);
            var (texts, fields) = ((BytesColumn)source.Elements, ((StructColumn)target.Elements).Fields);
            for (var i = 0; i < source.Lengths[row]; i++)
            {
                var option = texts.IsNull(source.Starts[row] + i) ? [] : texts[source.Starts[row] + i];
                var end = option.IndexOf((byte)'=');
                ((BytesColumn)fields[0]).Set(start + i, end < 0 ? option : option[..end]);
                if (end < 0)
                    fields[1].SetNull(start + i);
                else
                    ((BytesColumn)fields[1]).Set(start + i, option[(end + 1)..]);
            }
        }
    }

    private readonly struct Numbered : IRowFunction
    {
        public static void Apply(in RowCall call)
        {
            var (source, target) = ((ArrayColumn)call.Argument(0), (ArrayColumn)call.Result);
            var row = source.Physical(call.Row);
            var start = target.Allocate(call.Row, source.Lengths[row]);
            var fields = ((StructColumn)target.Elements).Fields;
            for (var i = 0; i < source.Lengths[row]; i++)
            {
                fields[0].CopyRow(source.Elements, source.Starts[row] + i, start + i);
                ((FixedColumn<int>)fields[1]).Values[start + i] = i + 1;
            }
        }
    }
}
