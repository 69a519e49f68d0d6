using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Optimizer;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Checks and binds the frames of windows, with PostgreSQL's errors.</summary>
internal static class FrameBinder
{
    /// <summary>Binds a frame.</summary>
    /// <exception cref="SqlException">42P20, 42P10, 42804, 0A000.</exception>
    public static FrameSpec Bind(WindowFrame frame, BoundWindow window, ExpressionBinder binder, BindingContext context)
    {
        var (start, end) = (KindOf(frame.Start), frame.End is { } last ? KindOf(last) : FrameEdgeKind.CurrentRow);
        RequireOrder(start, end, frame);
        var hasOffset = start is FrameEdgeKind.Preceding or FrameEdgeKind.Following
            || end is FrameEdgeKind.Preceding or FrameEdgeKind.Following;
        if (frame.Unit == FrameUnit.Range && hasOffset && window.OrderBy.Count != 1)
            throw BindingErrors.Windowing("RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column", frame.Position);
        if (frame.Unit == FrameUnit.Groups && window.OrderBy.Count == 0)
            throw BindingErrors.Windowing("GROUPS mode requires an ORDER BY clause", frame.Position);
        FrameEdge Edge(FrameEdgeKind kind, FrameBound? bound) =>
            new(kind, bound?.Offset is { } offset ? Offset(offset, frame.Unit, window, binder, context) : null);
        return new FrameSpec(frame.Unit, Edge(start, frame.Start), Edge(end, frame.End), frame.Exclusion);
    }

    private static FrameEdgeKind KindOf(FrameBound bound) => (bound.IsPreceding, bound.IsFollowing, bound.Offset) switch
    {
        (true, _, null) => FrameEdgeKind.UnboundedPreceding,
        (true, _, _) => FrameEdgeKind.Preceding,
        (_, true, null) => FrameEdgeKind.UnboundedFollowing,
        (_, true, _) => FrameEdgeKind.Following,
        _ => FrameEdgeKind.CurrentRow,
    };

    private static void RequireOrder(FrameEdgeKind start, FrameEdgeKind end, WindowFrame frame)
    {
        var message = (start, end) switch
        {
            (FrameEdgeKind.UnboundedFollowing, _) => "frame start cannot be UNBOUNDED FOLLOWING",
            (_, FrameEdgeKind.UnboundedPreceding) => "frame end cannot be UNBOUNDED PRECEDING",
            (FrameEdgeKind.CurrentRow, FrameEdgeKind.Preceding) => "frame starting from current row cannot have preceding rows",
            (FrameEdgeKind.Following, FrameEdgeKind.CurrentRow) when frame.End is null =>
                "frame starting from following row cannot end with current row",
            (FrameEdgeKind.Following, FrameEdgeKind.Preceding or FrameEdgeKind.CurrentRow) =>
                "frame starting from following row cannot have preceding rows",
            _ => null,
        };
        if (message is not null)
            throw BindingErrors.Windowing(message, frame.Position);
    }

    private static BoundExpression Offset(Expression syntax, FrameUnit unit, BoundWindow window, ExpressionBinder binder,
        BindingContext context)
    {
        var bound = binder.Bind(syntax);
        var name = unit.ToString().ToUpperInvariant();
        var (columns, hasSubquery) = ColumnUse.Of(bound);
        if (columns.Count > 0)
            throw new SqlException(PostgresErrorCodes.InvalidColumnReference, $"argument of {name} must not contain variables",
                position: syntax.Position);
        if (hasSubquery)
            throw BindingErrors.NotSupported($"a sub-query as the offset of {name} is not supported", syntax.Position,
                "Use a constant or a parameter.");
        if (unit == FrameUnit.Range)
            return RangeOffset(bound, window.OrderBy[0].Expression.Type, syntax, context);
        if (bound.Type.Kind is not (SqlTypeKind.Unknown or SqlTypeKind.SmallInt or SqlTypeKind.Integer or SqlTypeKind.BigInt
            or SqlTypeKind.Decimal or SqlTypeKind.Numeric))
            throw BindingErrors.Mismatch($"argument of {name} must be type bigint, not type {BindingErrors.PostgresName(bound.Type)}",
                syntax.Position);
        return Coercion.To(bound, SqlType.BigInt, context, syntax.Position);
    }

    private static BoundExpression RangeOffset(BoundExpression offset, SqlType key, Expression syntax, BindingContext context)
    {
        SqlType? wanted = key.Kind switch
        {
            SqlTypeKind.SmallInt or SqlTypeKind.Integer or SqlTypeKind.BigInt => SqlType.BigInt,
            SqlTypeKind.Double => SqlType.Double,
            SqlTypeKind.Decimal when offset.Type.Kind != SqlTypeKind.Numeric => SqlType.Decimal(SqlType.MaxPrecision, key.Scale),
            SqlTypeKind.Decimal or SqlTypeKind.Numeric => SqlType.Numeric,
            SqlTypeKind.Date or SqlTypeKind.Time or SqlTypeKind.Timestamp or SqlTypeKind.TimestampTz or SqlTypeKind.PlainTimestamp
                or SqlTypeKind.PlainTime
                or SqlTypeKind.Interval => SqlType.Interval,
            _ => null,
        };
        if (wanted is null)
        {
            throw BindingErrors.NotSupported(
                $"RANGE with offset PRECEDING/FOLLOWING is not supported for column type {BindingErrors.PostgresName(key)}",
                syntax.Position);
        }

        if (offset.Type.Kind == SqlTypeKind.Decimal && wanted.Kind == SqlTypeKind.Decimal)
            wanted = SqlType.Decimal(SqlType.MaxPrecision, Math.Max(key.Scale, offset.Type.Scale));
        return Fits(offset.Type, wanted)
            ? Coercion.To(offset, wanted, context, syntax.Position)
            : throw BindingErrors.NotSupported(
                $"RANGE with offset PRECEDING/FOLLOWING is not supported for column type {BindingErrors.PostgresName(key)} and offset " +
                    $"type {BindingErrors.PostgresName(offset.Type)}",
                syntax.Position, "Cast the offset value to an appropriate type.");
    }

    private static bool Fits(SqlType offset, SqlType wanted) => wanted.Kind switch
    {
        _ when offset.Kind == SqlTypeKind.Unknown => true,
        SqlTypeKind.BigInt => offset.Kind is SqlTypeKind.SmallInt or SqlTypeKind.Integer or SqlTypeKind.BigInt,
        SqlTypeKind.Interval => offset.Kind == SqlTypeKind.Interval,
        SqlTypeKind.Decimal => offset.Kind is SqlTypeKind.SmallInt or SqlTypeKind.Integer or SqlTypeKind.BigInt or SqlTypeKind.Decimal,
        SqlTypeKind.Numeric => TypeCoercion.IsExact(offset),
        _ => offset.IsNumeric,
    };
}
