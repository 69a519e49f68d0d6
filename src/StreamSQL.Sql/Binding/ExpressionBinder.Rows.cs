using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

internal sealed partial class ExpressionBinder
{
    /// <summary>A row as a value: a STRUCT that clients see as a record.</summary>
    private BoundExpression Row(RowExpression row)
    {
        var values = row.Elements.SelectMany(RowElement).ToArray();
        return Record([.. values.Select(static (_, i) => $"f{i + 1}")], values, row.Position);
    }

    private IEnumerable<BoundExpression> RowElement(Expression element) =>
        element is WholeRowReference ? BindElement(element) : [Known(Bind(element), element.Position)];

    /// <summary>Binds an element of a row: <c>relation.*</c> is several.</summary>
    public IEnumerable<BoundExpression> BindElement(Expression element)
    {
        if (element is not WholeRowReference whole)
            return [Bind(element)];
        return RelationRow(whole.Relation) is { } row
            ? row.Values
            : throw BindingErrors.UnknownAlias(whole.Relation.Last, scope.Relations, context.Rules);
    }

    private BoundExpression Record(IReadOnlyList<string> names, IReadOnlyList<BoundExpression> values, TextPosition position)
    {
        if (context.Rules == RuleSet.Ksql)
            throw BindingErrors.NotSupported("row values are supported only in comparisons and GROUP BY", position,
                "STRUCT(name := value) makes a value of several.");
        var made = (BoundCall?)StructFunctions.Construct(names, values, context)
            ?? throw BindingErrors.NotSupported("ROW(...) is not supported", position);
        return new BoundCall(made.Name, made.Binding with { ResultType = SqlType.RowOf(made.Type.Fields) }, made.Arguments)
            { SettlesArguments = made.SettlesArguments };
    }

    /// <summary>The one row of a query as a STRUCT with the fields f1, f2, ...; NULL where it gives none.</summary>
    /// <exception cref="SqlException">42601: it has not so many columns.</exception>
    public BoundSubquery QueryRow(ScalarQueryExpression query, int columns)
    {
        var plan = Plan(query.Query);
        if (plan.Schema.Columns.Count != columns)
            throw BindingErrors.Syntax("number of columns does not match number of values", query.Query.Position);
        var values = plan.Schema.Columns.Select(static (column, i) => new BoundColumn(i, column.Name, column.Type)).ToArray();
        var row = StructFunctions.Construct([.. values.Select(static (_, i) => $"f{i + 1}")], values, context)
            ?? throw BindingErrors.NotSupported("rows in SET are not supported", query.Position);
        var rows = new LogicalProject(plan, [row], new PlanSchema([new PlanColumn("ROW", row.Type, ColumnRole.Value)], RelationKind.Rows));
        return Make(SubqueryKind.Scalar, rows, null, row.Type);
    }

    /// <summary>
    /// The row of a relation, named by its alias: all that <c>alias.*</c> stands for. Where an outer
    /// join found no row for the relation it is NULL.
    /// </summary>
    private BoundExpression? WholeRow(QualifiedName name)
    {
        if (RelationRow(name) is not var (columns, values))
            return null;
        if (columns is [{ IsWholeRow: true }])
            return values[0];
        var record = Record([.. columns.Select(static c => c.Name)], values, name.Position);
        if (!columns[0].MayBeMissing)
            return record;

        // A key tells for sure. Without one, a row of nothing but NULLs counts as missing too.
        var telling = columns.Any(static c => c.Role == ColumnRole.Key) ? columns.Select(static c => c.Role == ColumnRole.Key)
            : columns.Select(static _ => true);
        var isMissing = All(true,
            [.. values.Zip(telling).Where(static pair => pair.Second).Select(static pair => new BoundIsNull(pair.First, false))]);
        return new BoundCase([new BoundCaseBranch(isMissing, new BoundLiteral(null, record.Type))], record, record.Type);
    }

    private (ScopeColumn[] Columns, BoundExpression[] Values)? RelationRow(QualifiedName name)
    {
        if (name.IsQualified || context.Rules == RuleSet.Ksql)
            return null;
        var depth = 0;
        for (var level = scope; level is not null; level = level.Outer, depth++)
        {
            var columns = Scope.Match(level.Columns, name.Last, context.Rules, static c => c.Relation ?? "").Where(static c => !c.IsPseudo)
                .OrderBy(static c => c.Index).ToArray();
            if (columns.Length == 0)
                continue;
            var at = depth;
            return (columns,
                [.. columns.Select(c => at == 0 ? (BoundExpression)new BoundColumn(c.Index, c.Name, c.Type)
                    : new BoundOuterColumn(at, c.Index, c.Name, c.Type))]);
        }

        return null;
    }

    private BoundExpression CompareRows(BinaryExpression binary, RowExpression left, RowExpression right)
    {
        if (left.Elements.Count != right.Elements.Count)
            throw BindingErrors.Syntax("unequal number of entries in row expressions", binary.Position);
        if (left.Elements.Count == 0)
            throw BindingErrors.NotSupported("cannot compare rows of zero length", binary.Position);
        var pairs = left.Elements.Zip(right.Elements).ToArray();
        BoundExpression Test(string symbol, int i)
        {
            var (first, second) = pairs[i];
            return Compare(new BinaryExpression(symbol, first, second, binary.Position), Time(first, second), Time(second, first));
        }

        switch (binary.Operator)
        {
            case "=":
                return All(true, [.. pairs.Select((_, i) => Test("=", i))]);
            case "<>":
                return All(false, [.. pairs.Select((_, i) => Test("<>", i))]);
            case "<" or "<=" or ">" or ">=":
                // The first pair that is not equal decides.
                var result = Test(binary.Operator, pairs.Length - 1);
                for (var i = pairs.Length - 2; i >= 0; i--)
                    result = new BoundLogical(false, [Test(binary.Operator[..1], i), new BoundLogical(true, [Test("=", i), result])]);
                return result;
            default:
                throw BindingErrors.NotSupported($"row values do not compare with {binary.Operator}", binary.Position);
        }
    }

    private BoundExpression IsNull(IsNullExpression test)
    {
        if (test.Operand is RowExpression row && context.Rules != RuleSet.Ksql)
            return All(true, [.. row.Elements.Select(element => new BoundIsNull(Known(Bind(element), element.Position), test.Negated))]);
        var bound = Bind(test.Operand);
        if (bound is BoundParameter { Type.Kind: SqlTypeKind.Unknown } parameter && context.Rules == RuleSet.Postgres)
            throw BindingContext.Undetermined(parameter.Index);
        var operand = Known(bound, test.Position);
        // A row is NULL when all its fields are, and is not NULL when none is.
        return operand.Type.IsRow
            ? All(true,
                [.. operand.Type.Fields.Select(
                    field => new BoundIsNull(StructFunctions.Field(operand, field.Name, context)!, test.Negated))])
            : new BoundIsNull(operand, test.Negated);
    }

    private BoundExpression IsDistinct(IsDistinctExpression test)
    {
        if (test.Left is not RowExpression left || test.Right is not RowExpression right)
        {
            return FunctionResolver.BindOperator(
                test.Negated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM", Bind(test.Left), Bind(test.Right), context, test.Position);
        }

        if (left.Elements.Count != right.Elements.Count)
            throw BindingErrors.Syntax("unequal number of entries in row expressions", test.Position);
        return All(test.Negated,
            [.. left.Elements.Zip(right.Elements, (a, b) => IsDistinct(new IsDistinctExpression(a, b, test.Negated, test.Position)))]);
    }

    /// <summary>Whether a row is among those of a sub-query.</summary>
    private BoundSubquery RowMembership(RowExpression row, Query query, TextPosition position)
    {
        var (operand, rows) = RowAndRows(row, query, position);
        return Make(SubqueryKind.In, rows, operand, SqlType.Boolean);
    }

    /// <summary>A row compared with those of a sub-query: as rows in an array.</summary>
    private BoundExpression QuantifiedRow(RowExpression row, string symbol, bool isAll, Query query, SubqueryKind kind,
        TextPosition position)
    {
        var (operand, rows) = RowAndRows(row, query, position);
        var type = rows.Schema.Columns[0].Type;
        BoundExpression list = kind == SubqueryKind.Array
            ? Make(SubqueryKind.Array, rows, null, SqlType.ArrayOf(type))
            : FunctionResolver.TryBindOperator("ARRAY", [Make(SubqueryKind.Scalar, rows, null, type)], context, position)!;
        return FunctionResolver.TryBindOperator($"{symbol} {(isAll ? "ALL" : "ANY")}", [operand, list], context, position)
            ?? throw BindingErrors.NotSupported($"row values do not compare with {symbol}", position);
    }

    /// <summary>A row, and a plan that gives the rows of a sub-query as values of one column; their fields have equal types.</summary>
    private (BoundExpression Row, LogicalPlan Rows) RowAndRows(RowExpression row, Query query, TextPosition position)
    {
        var plan = Plan(query);
        if (plan.Schema.Columns.Count != row.Elements.Count)
        {
            throw BindingErrors.Syntax(
                plan.Schema.Columns.Count < row.Elements.Count ? "subquery has too few columns" : "subquery has too many columns",
                query.Position);
        }

        var pairs = row.Elements.Select((element, i) =>
        {
            var column = new BoundColumn(i, plan.Schema.Columns[i].Name, plan.Schema.Columns[i].Type);
            return ((BoundCall)FunctionResolver.BindOperator("=", Bind(element), column, context, position)).Arguments;
        }).ToArray();
        IReadOnlyList<string> names = [.. pairs.Select(static (_, i) => $"f{i + 1}")];
        var values = Record(names, [.. pairs.Select(static pair => pair[1])], position);
        var rows = new LogicalProject(plan, [values],
            new PlanSchema([new PlanColumn("ROW", values.Type, ColumnRole.Value)], RelationKind.Rows));
        return (Record(names, [.. pairs.Select(static pair => pair[0])], position), rows);
    }

    private static BoundExpression All(bool isAnd, BoundExpression[] tests) =>
        tests.Length == 1 ? tests[0] : new BoundLogical(isAnd, tests);
}
