using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Functions;

/// <summary>
/// pg_column_size: the bytes that PostgreSQL takes for a value of a type of fixed length, and for text and bytes with their header.
/// </summary>
internal sealed class ColumnSizeFunction : ScalarFunction
{
    private const int Header = 4;

    /// <inheritdoc/>
    public override string Name => "PG_COLUMN_SIZE";

    /// <inheritdoc/>
    public override FunctionDoc Doc => new("System", "The size of a value in bytes.", ["pg_column_size(value) -> INTEGER"], [])
        { Rules = RuleSet.Postgres };

    /// <inheritdoc/>
    public override ScalarBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules)
    {
        if (arguments is not [var type])
            return null;
        type = type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : type;
        var length = PgTypes.Of(type).Length;
        return length > 0 || TypeCoercion.IsText(type) || type.Kind == SqlTypeKind.Bytes
            ? new([type], SqlType.Integer, new Kernel(length))
            : null;
    }

    private sealed class Kernel(int length) : ScalarKernel
    {
        /// <inheritdoc/>
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var sizes = ((FixedColumn<int>)result).Values;
            foreach (var row in context.Rows)
            {
                if (arguments[0].IsNull(row))
                    result.SetNull(row);
                else
                    sizes[row] = length > 0 ? length : ((BytesColumn)arguments[0])[row].Length + Header;
            }
        }
    }
}
