using StreamSQL.Data.Types;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;

namespace StreamSQL.Sql.Optimizer;

/// <summary>
/// Tells a bounded read of a table which keys and windows it needs, from the conditions in the filter above it: equality and lists on all
/// key columns give points, comparisons and LIKE on the first key column a range, comparisons on WINDOWSTART and WINDOWEND a window range.
/// Where the column was cast for the comparison (a TIMESTAMP compared as timestamptz), the constant keeps its type, and whoever reads the
/// table turns it into the column's. The filter stays.
/// </summary>
internal static class KeyAccessDerivation
{
    private const int MaxPoints = 10_000;

    /// <summary>Rewrites a plan and the plans of its sub-queries.</summary>
    public static LogicalPlan Run(LogicalPlan plan)
    {
        var subqueries = new SubqueryPlans(Run);
        return Derive(plan);

        LogicalPlan Derive(LogicalPlan node)
        {
            var rewritten = node.MapInputs(Derive).MapExpressions(subqueries.Rewrite);
            return rewritten is LogicalFilter { Input: LogicalScan { Mode: ScanMode.Bounded, Source.Kind: RelationKind.Table,
                Access: null } scan } filter
                ? new LogicalFilter(scan with { Access = Find(scan.Schema, filter.Predicate) }, filter.Predicate)
                : rewritten;
        }
    }

    private static KeyAccess? Find(PlanSchema schema, BoundExpression predicate)
    {
        var conditions = Conjunctions.Split(predicate).ToArray();
        var points = FindPoints(schema, conditions);
        var key = points is null && schema.KeyCount > 0 ? FindRange(0, conditions) : default;
        var start = FindRange(IndexOf(schema, ColumnRole.WindowStart), conditions);
        var end = FindRange(IndexOf(schema, ColumnRole.WindowEnd), conditions);
        var pattern = points is null && schema.KeyCount > 0 ? FindPattern(conditions) : null;
        return points is null && key.IsOpen && start.IsOpen && end.IsOpen && pattern is null
            ? null
            : new KeyAccess(points, key.Lower, key.Upper, new(start.Lower, start.Upper), new(end.Lower, end.Upper)) { Pattern = pattern };
    }

    private static BoundExpression[][]? FindPoints(PlanSchema schema, BoundExpression[] conditions)
    {
        var keyCount = schema.KeyCount;
        BoundExpression[][] points = keyCount == 0 ? [] : [[]];
        for (var key = 0; key < keyCount; key++)
        {
            var values = conditions.Select(condition => ValuesOf(key, condition)).Where(static found => found is not null)
                .MinBy(static found => found!.Count);
            if (values is null || (long)points.Length * values.Count > MaxPoints)
                return null;
            points = points.SelectMany(point => values, static (point, value) => (BoundExpression[])[.. point, value]).ToArray();
        }

        return keyCount == 0 ? null : points;
    }

    /// <summary>The values that a condition allows for a column, if it is an equality with a constant or a list of them.</summary>
    private static IReadOnlyList<BoundExpression>? ValuesOf(int column, BoundExpression condition)
    {
        if (TryCompare(condition, column, out var @operator, out var constant))
            return @operator == "=" ? [constant] : null;
        if (condition is not BoundLogical { IsAnd: false } or)
            return null;
        var values = new List<BoundExpression>(or.Operands.Count);
        foreach (var operand in or.Operands)
        {
            if (ValuesOf(column, operand) is not { } some)
                return null;
            values.AddRange(some);
        }

        return values.Distinct().ToArray();
    }

    /// <summary>The pattern that the first key column is to match, where the filter asks for that.</summary>
    private static BoundExpression? FindPattern(BoundExpression[] conditions)
    {
        foreach (var condition in conditions)
        {
            if (condition is BoundCall { Name: "LIKE", Arguments: [BoundColumn { Index: 0, Type.Kind: SqlTypeKind.Varchar }, var pattern] }
                && IsConstant(pattern))
                return pattern;
        }

        return null;
    }

    private static Range FindRange(int column, BoundExpression[] conditions)
    {
        var range = default(Range);
        if (column < 0)
            return range;
        foreach (var condition in conditions)
        {
            if (!TryCompare(condition, column, out var @operator, out var constant))
                continue;
            range = @operator switch
            {
                "=" => new(new(constant, Inclusive: true), new(constant, Inclusive: true)),
                ">" or ">=" when range.Lower is null => range with { Lower = new(constant, @operator == ">=") },
                "<" or "<=" when range.Upper is null => range with { Upper = new(constant, @operator == "<=") },
                _ => range,
            };
        }

        return range;
    }

    private static bool TryCompare(BoundExpression condition, int column, out string @operator, out BoundExpression constant)
    {
        @operator = "";
        constant = condition;
        if (condition is not BoundCall { Arguments: [var left, var right] } call)
            return false;
        if (IsColumn(left, column) && IsConstant(right))
            (@operator, constant) = (call.Name, right);
        else if (IsColumn(right, column) && IsConstant(left))
            (@operator, constant) = (Mirror(call.Name), left);
        return @operator is "=" or "<" or "<=" or ">" or ">=";
    }

    /// <summary>
    /// Whether it is the column, or a cast of it that keeps every value and their order and can be
    /// turned back (see <see cref="KeyAccess"/>).
    /// </summary>
    private static bool IsColumn(BoundExpression expression, int column) => expression switch
    {
        BoundColumn own => own.Index == column,
        BoundCall { Name: Coercion.CastName, Arguments: [BoundColumn own] } cast => own.Index == column
            && (own.Type.Kind, cast.Type.Kind) is
            (SqlTypeKind.Timestamp, SqlTypeKind.TimestampTz) or (SqlTypeKind.Time, SqlTypeKind.PlainTime)
                or (SqlTypeKind.Date, SqlTypeKind.PlainTimestamp)
            or (SqlTypeKind.Integer, SqlTypeKind.BigInt or SqlTypeKind.Decimal) or (SqlTypeKind.BigInt, SqlTypeKind.Decimal)
            or (SqlTypeKind.Decimal, SqlTypeKind.Decimal) && KeepsValues(own.Type, cast.Type),
        _ => false,
    };

    private static bool KeepsValues(SqlType from, SqlType to) => to.Kind != SqlTypeKind.Decimal || from.Kind switch
    {
        SqlTypeKind.Decimal => to.Scale >= from.Scale && to.Precision - to.Scale >= from.Precision - from.Scale,
        SqlTypeKind.Integer => to.Precision - to.Scale >= 10,
        _ => to.Precision - to.Scale >= 19,
    };

    /// <summary>Whether it has one value while the statement runs, known before any row is read.</summary>
    private static bool IsConstant(BoundExpression expression) => expression switch
    {
        BoundLiteral literal => literal.Value is not null,
        BoundParameter => true,
        BoundCall call => call.Binding.IsDeterministic
            && call.Arguments.All(static argument => argument is BoundLiteral || IsConstant(argument)),
        _ => false,
    };

    private static string Mirror(string @operator) => @operator switch
    {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        _ => @operator,
    };

    private static int IndexOf(PlanSchema schema, ColumnRole role)
    {
        for (var i = 0; i < schema.Columns.Count; i++)
        {
            if (schema.Columns[i].Role == role)
                return i;
        }

        return -1;
    }

    private readonly record struct Range(KeyBound? Lower, KeyBound? Upper)
    {
        public bool IsOpen => Lower is null && Upper is null;
    }
}
