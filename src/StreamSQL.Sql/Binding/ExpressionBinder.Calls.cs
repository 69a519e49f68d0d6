using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Functions.DatesAndTimes;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

internal sealed partial class ExpressionBinder
{
    private BoundExpression Call(FunctionCall call)
    {
        if (call.Over is not null)
            return WindowCall(call);
        if (IsGrouping(call))
            return Grouping(call);
        if (!context.IsContinuous && HypotheticalRanks.Rewrite(call) is { } counts)
            return Bind(counts);
        if (FunctionResolver.FindAggregate(call, context) is { } aggregate)
            return Aggregate(aggregate, call);
        if (!context.IsContinuous && context.Planning.Functions.FindWindow(call.Name.Last.Name.ToUpperInvariant()) is not null)
            throw WrongObject($"window function {Shown(call)} requires an OVER clause", call);
        if (context.Planning.Functions.FindLambda(call.Name.Last.Name.ToUpperInvariant()) is { } withLambdas)
            return LambdaCall(withLambdas, call);
        call = SessionArrays.AsUnnest(call);
        if (call.IsVariadic && context.Rules != RuleSet.Ksql)
            return Variadic(call);
        call = NamedArguments.InOrder(call, context);
        if (FunctionResolver.FindTable(call, context) is { } rows)
            return TableFunction(rows, call);
        if ((call.IsStar || call.IsDistinct || call.Filter is not null || call.OrderBy.Count > 0) && FunctionResolver.Exists(call, context))
        {
            throw call.IsStar && context.Rules == RuleSet.Ksql
                ? BindingErrors.WrongArguments(
                    call, [], context.Planning.Functions.FindScalar(call.Name.Last.Name.ToUpperInvariant())
                        .SelectMany(static f => f.Doc.Signatures), context.Rules)
                : BindingErrors.Syntax(
                    $"{call.Name.Last.Name} is not an aggregate function: *, DISTINCT, ORDER BY and FILTER are not allowed", call.Position);
        }

        return call.Name.Last.Name switch
        {
            "COALESCE" or "IFNULL" when call.Arguments.Count > 0 => Coalesce(call),
            "NULLIF" when call.Arguments.Count == 2 => NullIf(call),
            "GREATEST" or "LEAST" when context.Rules == RuleSet.Ksql && call.Arguments.Count > 0 => Extreme(call),
            "DATEADD" or "DATESUB" or "TIMEADD" or "TIMESUB" or "TIMESTAMPADD" or "TIMESTAMPSUB"
                when call.Arguments is [ColumnReference { Name: { IsQualified: false } unit }, ..]
                    && Data.Text.TimeUnits.IsUnit(unit.Last.Name) =>
                FunctionResolver.BindScalar(
                    call, [new BoundLiteral(unit.Last.Name, SqlType.Varchar), .. call.Arguments.Skip(1).Select(Bind)], context),
            "NORMALIZE" when context.Rules == RuleSet.Postgres
                && call.Arguments is [var text, ColumnReference { Name: { IsQualified: false, Last.Name: "NFC" or "NFD" or "NFKC"
                    or "NFKD" } form }] =>
                FunctionResolver.BindScalar(call, [Bind(text), new BoundLiteral(form.Last.Name, SqlType.Varchar)], context),
            "EXTRACT" when context.Rules == RuleSet.Postgres && call.Arguments is [StringLiteral field, var source] =>
                Extract(call, field, Bind(source)),
            "MAKE_INTERVAL" when call.Arguments.Any(static argument => argument is LambdaExpression) =>
                FunctionResolver.BindScalar(call, IntervalParts(call), context),
            _ => CastByName(call) ?? FunctionResolver.BindScalar(call, [.. call.Arguments.Select(Bind)], context),
        };
    }

    // Functions that take any number of arguments, and so the elements of an array in their place.
    private static readonly HashSet<string> VariadicFunctions = new(StringComparer.Ordinal)
    {
        "CONCAT", "CONCAT_WS", "FORMAT", "JSON_BUILD_ARRAY", "JSON_BUILD_OBJECT", "JSONB_BUILD_ARRAY", "JSONB_BUILD_OBJECT",
        "JSON_EXTRACT_PATH", "JSON_EXTRACT_PATH_TEXT", "JSONB_EXTRACT_PATH", "JSONB_EXTRACT_PATH_TEXT",
    };

    /// <summary>f(a, VARIADIC array).</summary>
    private BoundCall Variadic(FunctionCall call)
    {
        var name = call.Name.Last.Name.ToUpperInvariant();
        BoundExpression[] arguments = [.. call.Arguments.Select(Bind)];
        var last = call.Arguments[^1];
        if (arguments[^1].Type.Kind == SqlTypeKind.Unknown && name.Contains("EXTRACT_PATH", StringComparison.Ordinal))
            arguments[^1] = Coercion.To(arguments[^1], SqlType.ArrayOf(SqlType.Varchar), context, last.Position);
        if (arguments[^1].Type.Kind != SqlTypeKind.Array)
            throw BindingErrors.Mismatch("VARIADIC argument must be an array", last.Position);
        SqlType[] plain = [.. arguments.SkipLast(1).Select(static argument => argument.Type)];
        var overloads = VariadicFunctions.Contains(name) ? context.Planning.Functions.FindScalar(name) : [];
        foreach (var function in overloads)
        {
            if (VariadicCall.Bind(function, plain, arguments[^1].Type.Element!, context.Rules) is { } binding)
            {
                return new BoundCall(
                    function.Name, binding,
                    [.. arguments.Select((argument, i) =>
                        Coercion.To(argument, binding.ParameterTypes[i], context, call.Arguments[i].Position))]);
            }
        }

        throw BindingErrors.WrongArguments(call, arguments.Select(static a => a.Type), overloads.SelectMany(static f => f.Doc.Signatures),
            context.Rules);
    }

    // The type of EXTRACT depends on its field.
    private BoundCall Extract(FunctionCall call, StringLiteral field, BoundExpression source)
    {
        var binding = FieldFunctions.BindExtract(field.Value, source.Type)
            ?? throw BindingErrors.WrongArguments(call, [SqlType.Varchar, source.Type],
                ["EXTRACT(field FROM timestamp, date, time or interval)"], context.Rules);
        return new BoundCall("EXTRACT", binding,
            [new BoundLiteral(field.Value, SqlType.Varchar), Coercion.To(source, binding.ParameterTypes[1], context, call.Position)]);
    }

    /// <summary>MAKE_INTERVAL(days => 10): what is not named is 0. An argument by name has the form of a lambda.</summary>
    private BoundExpression[] IntervalParts(FunctionCall call)
    {
        var parts = MakeFunctions.IntervalArguments.Select(static name => (BoundExpression)new BoundLiteral(0, SqlType.Integer)).ToArray();
        for (var i = 0; i < call.Arguments.Count; i++)
        {
            var at = call.Arguments[i] is LambdaExpression { Parameters: [var name] }
                ? System.Array.IndexOf(MakeFunctions.IntervalArguments, name.Name) : i;
            if (at < 0 || at >= parts.Length)
                throw BindingErrors.WrongArguments(call, [],
                    ["MAKE_INTERVAL(years, months, weeks, days, hours, mins INTEGER, secs DOUBLE)"], context.Rules);
            parts[at] = Bind(call.Arguments[i] is LambdaExpression named ? named.Body : call.Arguments[i]);
        }

        return parts;
    }

    // int8(x) is PostgreSQL's other way to write a cast, where no function has that name.
    private BoundExpression? CastByName(FunctionCall call) =>
        context.Rules == RuleSet.Postgres && call.Arguments.Count == 1 && !call.Name.IsQualified && CastNames.Contains(call.Name.Last.Name)
            && !FunctionResolver.Exists(call, context)
            ? Coercion.To(Bind(call.Arguments[0]),
                TypeResolver.Resolve(new NamedTypeSyntax(call.Name, [], call.Position), context.Planning.Catalog.Types, context.Rules),
                context, call.Position)
            : null;

    private static readonly HashSet<string> CastNames = new(StringComparer.Ordinal)
    {
        "INT2", "INT4", "INT8", "FLOAT4", "FLOAT8", "TEXT", "BOOL", "NAME", "VARCHAR", "BPCHAR", "UUID", "JSON", "JSONB", "DATE",
        "TIMESTAMPTZ", "TIMETZ", "BYTEA", "OID", "XID", "REGCLASS", "REGTYPE",
    };

    private TableCallReference TableFunction(TableFunction function, FunctionCall call)
    {
        if (context.Rules != RuleSet.Ksql && !context.IsContinuous)
            return BoundedTableFunction(function, call);
        if (TableCalls is null)
        {
            throw BindingErrors.Syntax(
                context.Planning.Functions.FindTable(Clause) is null
                    ? $"{Clause} does not support table functions: {function.Name} is a table function."
                    : $"Table functions cannot be nested: {function.Name} stands in {Clause}.",
                call.Position, "They may stand in the select list.");
        }

        var inner = new ExpressionBinder(context, scope, queries) { Clause = function.Name };
        var (binding, arguments) = FunctionResolver.BindTable(function, call, [.. call.Arguments.Select(inner.Bind)], context);
        return TableCalls.Add(new TableCall(function.Name, binding, arguments), call.Position);
    }

    // By PostgreSQL's rules such calls nest, and take aggregates and window functions as arguments.
    private TableCallReference BoundedTableFunction(TableFunction function, FunctionCall call)
    {
        if (TableCalls is null)
        {
            var isMovable = IsInAggregate || IsInWindowCall;
            throw BindingErrors.NotSupported(
                IsInAggregate ? "aggregate function calls cannot contain set-returning function calls"
                : IsInWindowCall ? "window function calls cannot contain set-returning function calls"
                : Clause == "FROM" ? "set-returning functions must appear at top level of FROM"
                : $"set-returning functions are not allowed in {Clause}",
                call.Position, isMovable ? "You might be able to move the set-returning function into a LATERAL FROM item." : null);
        }

        var (binding, arguments) = FunctionResolver.BindTable(function, call, [.. call.Arguments.Select(Bind)], context);
        var bound = new TableCall(function.Name, binding, arguments);
        return IsBehindList ? TableCalls.AddOnce(bound, call.Position) : TableCalls.Add(bound, call.Position);
    }

    /// <exception cref="SqlException">0A000: a function that gives rows stands where one value is computed or not.</exception>
    private void RequireNoRows(IEnumerable<BoundExpression> parts, string where, TextPosition position)
    {
        if (TableCalls is { IsEmpty: false } && context.Rules != RuleSet.Ksql && parts.Any(Contains<TableCallReference>.In))
        {
            throw BindingErrors.NotSupported(
                $"set-returning functions are not allowed in {where}", position,
                "You might be able to move the set-returning function into a LATERAL FROM item.");
        }
    }

    private BoundCoalesce Coalesce(FunctionCall call)
    {
        var (type, values) = Common([.. call.Arguments.Select(Bind)], call.Name.Last.Name, call.Position);
        RequireNoRows(values, "COALESCE", call.Position);
        return new BoundCoalesce(values, type);
    }

    private BoundExpression Extreme(FunctionCall call)
    {
        BoundExpression[] arguments = [.. call.Arguments.Select(Bind)];
        if (arguments.All(static argument => argument is BoundLiteral { Value: null, Type.Kind: SqlTypeKind.Unknown }))
            throw BindingErrors.AmbiguousArguments(call, arguments.Select(static argument => argument.Type));
        return FunctionResolver.BindScalar(call, Common(arguments, call.Name.Last.Name, call.Position).Values, context);
    }

    private BoundCase NullIf(FunctionCall call)
    {
        var (left, right) = (Known(Bind(call.Arguments[0]), call.Position), Bind(call.Arguments[1]));
        var equal = FunctionResolver.BindOperator("=", left, right, context, call.Position);
        left = Coercion.To(left, ComparedAs(left.Type, right.Type), context, call.Position);
        return new BoundCase([new BoundCaseBranch(equal, new BoundLiteral(null, left.Type))], left, left.Type);
    }

    // What a number is cast to beside one of another kind: PostgreSQL compares whole numbers of all
    // sizes as they are, and doubles with reals.
    private SqlType ComparedAs(SqlType type, SqlType other) => context.Rules == RuleSet.Ksql || !TypeCoercion.IsExact(type) ? type
        : other.Kind is SqlTypeKind.Double or SqlTypeKind.Real ? SqlType.Double
        : other.Kind is SqlTypeKind.Decimal or SqlTypeKind.Numeric && type.Kind != SqlTypeKind.Decimal ? SqlType.Numeric
        : type;

    private BoundExpression Field(FieldAccess field)
    {
        var operand = Bind(field.Operand);
        if (operand.Type.Kind == SqlTypeKind.Struct)
            return FieldOf(operand, field.Field);
        // On JSON an arrow takes an expression: here a column.
        if (field.IsArrow && operand.Type.Kind is SqlTypeKind.Json or SqlTypeKind.Jsonb)
        {
            var key = Column(new ColumnReference(new QualifiedName([field.Field], field.Field.Position)));
            return FunctionResolver.BindOperator("->", operand, key, context, field.Position);
        }

        throw BindingErrors.Mismatch(
            $"{(field.IsArrow ? "->" : ".")}{field.Field.Text} needs a STRUCT, but its left side is {BindingErrors.Name(operand.Type)}",
            field.Position);
    }

    /// <summary>A field of a STRUCT.</summary>
    public BoundExpression FieldOf(BoundExpression operand, Identifier name)
    {
        var fields = Scope.Match(operand.Type.Fields, name, context.Rules, static f => f.Name);
        if (fields.Count == 0)
        {
            throw new SqlException(
                Npgsql.PostgresErrorCodes.UndefinedColumn, $"{BindingErrors.Name(operand.Type)} has no field {name}",
                BindingErrors.DidYouMean(name.Name, operand.Type.Fields.Select(static f => f.Name)), name.Position);
        }

        return StructFunctions.Field(operand, fields[0].Name, context)
            ?? throw BindingErrors.NotSupported("fields of a STRUCT are not supported", name.Position);
    }

    private BoundExpression Subscript(SubscriptExpression item)
    {
        var (operand, index) = (Bind(item.Operand), Bind(item.Index));
        // The catalog's vectors count from 0, arrays from 1.
        if (operand.Type.IsVector)
            index = FunctionResolver.TryBindOperator("+", [index, new BoundLiteral(1, SqlType.Integer)], context, item.Position) ?? index;
        if (operand.Type.Kind == SqlTypeKind.Jsonb
            && FunctionResolver.TryBindOperator("->", [operand, index], context, item.Position) is { } member)
            return member;
        return FunctionResolver.TryBindOperator("[]", [operand, index], context, item.Position)
            ?? throw BindingErrors.Mismatch(
                $"[] needs an ARRAY with an INTEGER or a MAP with its key, not {BindingErrors.Name(operand.Type)} with " +
                    $"{BindingErrors.Name(index.Type)}", item.Position);
    }

    private BoundExpression Slice(SliceExpression slice)
    {
        var operand = Bind(slice.Operand);
        BoundExpression Bound(Expression? syntax, int open) => syntax is null
            ? new BoundLiteral(open, SqlType.Integer)
            : Coercion.Implicit(Bind(syntax), SqlType.Integer, context, syntax.Position);
        return FunctionResolver.TryBindOperator("[:]", [operand, Bound(slice.Lower, 1), Bound(slice.Upper, int.MaxValue)], context,
            slice.Position)
            ?? throw BindingErrors.Mismatch($"cannot subscript type {BindingErrors.PostgresName(operand.Type)} because it is not an array",
                slice.Position);
    }

    private BoundExpression Array(ArrayExpression array)
    {
        if (array.Elements.Count == 0 && context.Rules == RuleSet.Ksql)
            throw BindingErrors.Mismatch("Array constructor cannot be empty. Please supply at least one element.", array.Position);
        if (array.Elements.Count == 0)
            throw new SqlException(Npgsql.PostgresErrorCodes.IndeterminateDatatype, "cannot determine type of empty array",
                "Explicitly cast to the desired type, for example ARRAY[]::integer[].", array.Position);
        var elements = array.Elements.Select(Bind).ToArray();
        if (elements.Length > 0 && context.Rules == RuleSet.Ksql
            && elements.All(static e => e is BoundLiteral { Value: null, Type.Kind: SqlTypeKind.Unknown }))
        {
            throw BindingErrors.Mismatch(
                "Cannot construct an array with all NULL elements. As a workaround, you may cast a NULL value to the desired type.",
                array.Position);
        }

        var (type, values) = Common(elements, "ARRAY", array.Position);
        if (values.All(static value => value is BoundLiteral))
            return new BoundLiteral(values.Select(static value => ((BoundLiteral)value).Value).ToArray(), SqlType.ArrayOf(type));
        return FunctionResolver.TryBindOperator("ARRAY", values, context, array.Position)
            ?? throw BindingErrors.NotSupported("ARRAY of expressions is not supported", array.Position, "Constants are.");
    }

    private BoundExpression Map(MapExpression map)
    {
        if (map.Entries.Count == 0)
            throw BindingErrors.Mismatch("Map constructor cannot be empty. Please supply at least one key value pair.", map.Position);
        var (_, keys) = Common([.. map.Entries.Select(entry => Bind(entry.Key))], "MAP key", map.Position);
        var (_, values) = Common([.. map.Entries.Select(entry => Bind(entry.Value))], "MAP value", map.Position);
        return FunctionResolver.TryBindOperator("MAP",
            [.. keys.Zip(values, static (k, v) => new[] { k, v }).SelectMany(static pair => pair)], context, map.Position)
            ?? throw BindingErrors.NotSupported("MAP(...) is not supported", map.Position);
    }

    private BoundExpression Struct(StructExpression row)
    {
        var values = row.Fields.Select(field => Known(Bind(field.Value), field.Position)).ToArray();
        return StructFunctions.Construct([.. row.Fields.Select(static f => f.Name.Name)], values, context)
            ?? throw BindingErrors.NotSupported("STRUCT(...) is not supported", row.Position);
    }
}
