using StreamSQL.Data.Columns;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Postgres.Types;

namespace StreamSQL.Postgres.Functions;

/// <summary>pg_typeof: the type that a value has for clients, as a regtype.</summary>
internal sealed class TypeOfFunction : ScalarFunction
{
    /// <inheritdoc/>
    public override string Name => "PG_TYPEOF";

    /// <inheritdoc/>
    public override FunctionDoc Doc => new("System", "The type of a value.", ["pg_typeof(value) -> REGTYPE"], [])
        { Rules = RuleSet.Postgres };

    /// <inheritdoc/>
    public override ScalarBinding? Bind(IReadOnlyList<SqlType> arguments, RuleSet rules) =>
        arguments is [var type] ? new([type.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : type], SqlType.RegType,
            new Kernel(OidOf(type))) : null;

    // A constant without a type is one of type unknown.
    private static uint OidOf(SqlType type) => type.Kind == SqlTypeKind.Unknown ? PgTypes.Unknown.Oid : PgTypes.Of(type).Oid;

    private sealed class Kernel(uint oid) : ScalarKernel
    {
        /// <inheritdoc/>
        public override void Evaluate(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
        {
            var oids = ((FixedColumn<long>)result).Values;
            foreach (var row in context.Rows)
                oids[row] = oid;
        }
    }
}
