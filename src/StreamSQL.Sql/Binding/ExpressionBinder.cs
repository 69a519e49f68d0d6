using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Resolves the names and types of expressions in one scope. This file holds names, operators and
/// conditions; the others calls and sub-queries.
/// </summary>
/// <param name="context">The statement.</param>
/// <param name="scope">The columns that can be named.</param>
/// <param name="queries">Plans sub-queries; null where none may stand.</param>
internal sealed partial class ExpressionBinder(BindingContext context, Scope scope, QueryPlanner? queries)
{
    /// <summary>The clause that is being bound, for errors.</summary>
    public string Clause { get; init; } = "SELECT";

    /// <summary>Where aggregates are collected; null where none may stand.</summary>
    public AggregateCollector? Aggregates { get; init; }

    /// <summary>Where table functions are collected; null where none may stand.</summary>
    public TableCallCollector? TableCalls { get; init; }

    /// <summary>Whether it binds a clause behind the select list, where a call of a table function is that of the list.</summary>
    public bool IsBehindList { get; init; }

    /// <summary>The lambdas that the expression stands in, the innermost last, each by its parameters.</summary>
    public IReadOnlyList<IReadOnlyList<BoundLambdaVariable>> Lambdas { get; init; } = [];

    /// <summary>Binds an expression.</summary>
    /// <exception cref="SqlException">42703, 42P01, 42883, 42804, 42846, 42803, 0A000, each with its place.</exception>
    public BoundExpression Bind(Expression syntax) => syntax switch
    {
        NullLiteral => new BoundLiteral(null, SqlType.Unknown),
        BooleanLiteral literal => new BoundLiteral(literal.Value, SqlType.Boolean),
        NumberLiteral number => Coercion.Number(number, context.Rules),
        StringLiteral text => new BoundLiteral(text.Value, context.Rules == RuleSet.Ksql ? SqlType.Varchar : SqlType.Unknown),
        HexLiteral hex => Hex(hex),
        TypedLiteral typed => TypedTexts.Bind(typed, context),
        ParameterExpression parameter => context.Parameter(parameter.Index),
        ColumnReference column => Column(column),
        FieldAccess field => Field(field),
        SubscriptExpression item => Subscript(item),
        UnaryExpression unary => Unary(unary),
        BinaryExpression binary => Binary(binary),
        LogicalExpression logical => new BoundLogical(logical.IsAnd, [.. logical.Operands.Select(BindCondition)]),
        NotExpression not => new BoundNot(BindCondition(not.Operand)),
        IsNullExpression test => IsNull(test),
        IsBooleanExpression test => IsBoolean(test),
        IsDistinctExpression test => IsDistinct(test),
        BetweenExpression between => Between(between),
        LikeExpression like => Like(like),
        InListExpression list => InList(list),
        QuantifiedExpression quantified => Quantified(quantified),
        CaseExpression choice => Case(choice),
        CastExpression cast => Cast(cast),
        CollateExpression collate => Collate(collate),
        AtTimeZoneExpression zone => FunctionResolver.BindScalar(
            new FunctionCall(Named("TIMEZONE", zone.Position), [], zone.Position), [Bind(zone.Zone), Bind(zone.Operand)], context),
        ArrayExpression array => Array(array),
        MapExpression map => Map(map),
        StructExpression row => Struct(row),
        FunctionCall call => Call(call),
        LambdaExpression lambda => throw BindingErrors.Mismatch(
            "a lambda is not a value", lambda.Position,
            $"It may be an argument of {string.Join(", ", context.Planning.Functions.Lambdas.Select(static f => f.Name).Order())}."),
        SliceExpression slice => Slice(slice),
        RowExpression row => Row(row),
        WholeRowReference whole => WholeRow(whole.Relation)
            ?? throw BindingErrors.UnknownAlias(whole.Relation.Last, scope.Relations, context.Rules),
        _ => Subquery(syntax),
    };

    /// <summary>Binds a condition.</summary>
    /// <exception cref="SqlException">42804: it is no BOOLEAN.</exception>
    public BoundExpression BindCondition(Expression syntax)
    {
        var bound = Bind(syntax);
        if (bound.Type.Kind == SqlTypeKind.Boolean)
            return bound;
        if (bound.Type.Kind == SqlTypeKind.Unknown)
            return Coercion.To(bound, SqlType.Boolean, context, syntax.Position);
        throw context.Rules == RuleSet.Ksql
            ? ExpressionErrors.NotBoolean(syntax, bound.Type, Clause)
            : BindingErrors.Mismatch($"argument of {Clause} must be type boolean, not type {BindingErrors.PostgresName(bound.Type)}",
                syntax.Position);
    }

    /// <summary>An expression of a type that its place does not decide: text where nothing is known.</summary>
    public BoundExpression Known(BoundExpression expression, TextPosition position) =>
        expression.Type.Kind == SqlTypeKind.Unknown ? Coercion.To(expression, SqlType.Varchar, context, position) : expression;

    private BoundExpression Column(ColumnReference column)
    {
        if (Variable(column.Name) is { } variable)
            return variable;
        if (scope.Find(column.Name, context.Rules) is { } found)
            return found;
        if (WholeRow(column.Name) is { } row)
            return row;
        if (!column.Name.IsQualified && NiladicFunctions.Contains(column.Name.Last.Name) && !column.Name.Last.IsQuoted)
            return FunctionResolver.BindScalar(new FunctionCall(column.Name, [], column.Position), [], context);
        // s.f where s is a column: a field of a STRUCT.
        if (column.Name.IsQualified && scope.Find(new QualifiedName([.. column.Name.Parts.SkipLast(1)], column.Position),
            context.Rules) is { } owner
            && owner.Type.Kind == SqlTypeKind.Struct)
            return FieldOf(owner, column.Name.Last);
        if (column.Name.IsQualified && !scope.Relations.Any(relation => MatchesRelation(relation, column.Name.Parts[^2])))
            throw BindingErrors.UnknownAlias(column.Name.Parts[^2], scope.Relations, context.Rules);
        throw BindingErrors.UnknownColumn(column.Name, Clause, scope.Columns.Select(static c => c.Name), context.Rules);
    }

    private bool MatchesRelation(string relation, Identifier name) => Scope.Match([relation], name, context.Rules, static r => r).Count > 0;

    // SQL's functions that are called without parentheses.
    private static readonly HashSet<string> NiladicFunctions = new(StringComparer.Ordinal)
    {
        "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP", "CURRENT_USER", "CURRENT_ROLE",
        "CURRENT_CATALOG", "CURRENT_SCHEMA",
        "SESSION_USER", "USER",
    };

    private static BoundLiteral Hex(HexLiteral hex) => hex.Digits.Length % 2 == 0
        ? new BoundLiteral(Convert.FromHexString(hex.Digits), SqlType.Bytes)
        : throw BindingErrors.Syntax("a hexadecimal literal needs an even number of digits", hex.Position);

    private BoundExpression Unary(UnaryExpression unary)
    {
        var operand = Bind(unary.Operand);
        if (unary.Operator == "+" && operand.Type.IsNumeric)
            return operand;
        return FunctionResolver.TryBindOperator(unary.Operator, [operand], context, unary.Position)
            is { } result ? Strict(unary.Operator, result) : throw BindingErrors.WrongOperands(unary.Operator, operand.Type, operand.Type,
                unary.Position, context.Rules);
    }

    private BoundExpression Binary(BinaryExpression binary)
    {
        if (binary.Left is RowExpression left && binary.Right is RowExpression right)
            return CompareRows(binary, left, right);
        if (binary.Left is RowExpression row && binary.Right is ScalarQueryExpression one)
            return QuantifiedRow(row, binary.Operator, isAll: false, one.Query, SubqueryKind.Scalar, binary.Position);
        if (OperatorName(binary.Operator) is var name && name != binary.Operator)
            return FunctionResolver.BindOperator(name, Bind(binary.Left), Bind(binary.Right), context, binary.Position);
        return Compare(binary, Time(binary.Left, binary.Right), Time(binary.Right, binary.Left));
    }

    // LIKE and its kin are functions under the words; PostgreSQL also has symbols for them.
    private static string OperatorName(string symbol) => symbol is "~~" or "~~*" or "!~~" or "!~~*"
        ? (symbol[0] == '!' ? "NOT " : "") + (symbol[^1] == '*' ? "ILIKE" : "LIKE")
        : symbol;

    // The one rule by which two values meet an operator; what has no operator of its own (CASE, lists, rows) is written as one.
    private BoundExpression Compare(BinaryExpression binary, BoundExpression left, BoundExpression right)
    {
        if (context.Rules != RuleSet.Ksql)
            return FunctionResolver.BindOperator(binary.Operator, left, right, context, binary.Position);
        if (ExpressionErrors.IsComparison(binary.Operator) && (binary.Left is NullLiteral || binary.Right is NullLiteral))
            throw ExpressionErrors.NullComparison(binary, left.Type, right.Type, Clause);
        var isArithmetic = ExpressionErrors.IsArithmetic(binary.Operator);
        if (isArithmetic && (binary.Left is NullLiteral || binary.Right is NullLiteral))
            throw ExpressionErrors.Arithmetic(binary, left.Type, right.Type);
        return FunctionResolver.TryBindOperator(binary.Operator, [left, right], context, binary.Position) is { } result
            ? Strict(binary.Operator, result)
            : throw (isArithmetic ? ExpressionErrors.Arithmetic(binary, left.Type, right.Type)
                : ExpressionErrors.IsComparison(binary.Operator)
                    ? ExpressionErrors.CannotCompare(binary, left.Type, right.Type, Clause, NameInJoin)
                : BindingErrors.WrongOperands(binary.Operator, left.Type, right.Type, binary.Position, context.Rules));
    }

    // A joined row has each column under its source's name.
    private string? NameInJoin(QualifiedName name) =>
        context.IsContinuous && Clause is "WHERE" or "HAVING" or "SELECT" && scope.HasSeveralRelations
            && scope.Columns.FirstOrDefault(column => scope.Find(name, context.Rules) is BoundColumn found
                && found.Index == column.Index) is { Relation: { } relation }
        ? $"{relation}_{name.Last.Name}"
        : null;

    // ROWTIME, WINDOWSTART and WINDOWEND are milliseconds, but compare with a text as an instant.
    private BoundExpression Time(Expression syntax, Expression other)
    {
        var bound = Bind(syntax);
        return TypeCoercion.IsText(bound.Type) && bound is not BoundLiteral { Value: null } and not BoundParameter
            && other is ColumnReference { Name.Last: { IsQuoted: false, Name: "ROWTIME" or "WINDOWSTART" or "WINDOWEND" } }
            && Bind(other).Type.Kind == SqlTypeKind.BigInt
            ? FunctionResolver.TryBindOperator("TEXT_TO_MILLIS", [bound], context, syntax.Position) ?? bound
            : bound;
    }

    private BoundExpression IsBoolean(IsBooleanExpression test)
    {
        var operand = BindCondition(test.Operand);
        if (test.Value is not { } value)
            return new BoundIsNull(operand, test.Negated);
        BoundExpression wanted = value ? operand : new BoundNot(operand);
        BoundExpression result = new BoundCoalesce([wanted, new BoundLiteral(false, SqlType.Boolean)], SqlType.Boolean);
        return test.Negated ? new BoundNot(result) : result;
    }

    private BoundExpression Between(BetweenExpression between)
    {
        var operand = between.Operand;
        BoundExpression Within(Expression lower, Expression upper) => operand is RowExpression row && lower is RowExpression low
            && upper is RowExpression high
            ? new BoundLogical(true,
            [
                CompareRows(new BinaryExpression(">=", row, low, between.Position), row, low),
                CompareRows(new BinaryExpression("<=", row, high, between.Position), row, high),
            ])
            : new BoundLogical(true,
        [
            Bound(">=", lower),
            Bound("<=", upper),
        ]);
        BoundExpression Bound(string symbol, Expression bound)
        {
            try
            {
                return Compare(new BinaryExpression(symbol, operand, bound, between.Position), Time(operand, bound),
                    InItem(operand, bound));
            }
            catch (SqlException error) when (context.Rules == RuleSet.Ksql && error.SqlState == Npgsql.PostgresErrorCodes.UndefinedFunction)
            {
                throw ExpressionErrors.InBetween(error);
            }
        }


        var result = Within(between.Lower, between.Upper);
        if (between.Symmetric)
            result = new BoundLogical(false, [result, Within(between.Upper, between.Lower)]);
        return between.Negated ? new BoundNot(result) : result;
    }

    private BoundExpression Like(LikeExpression like)
    {
        if (like.Kind == LikeKind.SimilarTo && context.Rules == RuleSet.Ksql)
            throw BindingErrors.NotSupported("SIMILAR TO is not supported", like.Position, "Use LIKE, or ~ with a regular expression.");
        var name = (like.Negated ? "NOT " : "") + like.Kind switch { LikeKind.ILike => "ILIKE", LikeKind.SimilarTo => "SIMILAR TO",
            _ => "LIKE" };
        List<BoundExpression> arguments = [Bind(like.Operand), Bind(like.Pattern)];
        if (like.Escape is { } escape)
            arguments.Add(new BoundLiteral(escape, SqlType.Varchar));
        return FunctionResolver.TryBindOperator(name, arguments, context, like.Position)
            ?? throw BindingErrors.WrongOperands(name, arguments[0].Type, arguments[1].Type, like.Position, context.Rules);
    }

    private BoundExpression InList(InListExpression list)
    {
        // NULL equals nothing; ksqlDB allows it in a list, though not in a comparison.
        var items = context.Rules == RuleSet.Ksql ? list.Items.Where(static item => item is not NullLiteral) : list.Items;
        BoundExpression[] tests = [.. items.Select(item => list.Operand is RowExpression row && item is RowExpression values
            ? CompareRows(new BinaryExpression("=", row, values, item.Position), row, values)
            : InTest(list, item))];
        BoundExpression result = tests.Length switch
        {
            0 => new BoundLiteral(false, SqlType.Boolean),
            1 => tests[0],
            _ => new BoundLogical(false, tests),
        };
        return list.Negated ? new BoundNot(result) : result;
    }

    private BoundExpression InTest(InListExpression list, Expression item)
    {
        var operand = list.Operand;
        var left = InOperand(operand, item);
        if (context.Rules != RuleSet.Ksql)
            return Compare(new BinaryExpression("=", operand, item, item.Position), left, InItem(operand, item));
        try
        {
            var right = InItem(operand, item);
            return FunctionResolver.TryBindOperator("=", [left, right], context, item.Position)
                ?? throw ExpressionErrors.InvalidItem(TypeBefore(list, item), item, right.Type);
        }
        catch (SqlException error)
            when (error.SqlState is Npgsql.PostgresErrorCodes.InvalidTextRepresentation or Npgsql.PostgresErrorCodes.NumericValueOutOfRange)
        {
            throw ExpressionErrors.InvalidItem(error, item);
        }
    }

    // The type that the operand and the items before one have in common.
    private SqlType TypeBefore(InListExpression list, Expression item) => list.Items.TakeWhile(before => !ReferenceEquals(before, item))
        .Aggregate(Bind(list.Operand).Type, (type, before) => TypeCoercion.CommonType(type, Bind(before).Type, context.Rules) ?? type);

    // In a list, and as a bound of BETWEEN, ksqlDB reads a text as a value of the other side's type.
    private BoundExpression InItem(Expression operand, Expression item)
    {
        var bound = Time(item, operand);
        if (context.Rules != RuleSet.Ksql || operand is RowExpression || bound.Type.Equals(SqlType.BigInt))
            return bound;
        var type = Bind(operand).Type;
        if (bound is BoundLiteral { Value: string text, Type.Kind: SqlTypeKind.Varchar })
            return type.IsNumeric ? LiteralCoercion.Number(text, type, item.Position)
                : LiteralCoercion.To(bound, type, context, item.Position);
        return type.IsNested ? LiteralCoercion.To(bound, InType(operand, item, bound), context, item.Position) : bound;
    }

    // Nested values compare in the type that holds both.
    private BoundExpression InOperand(Expression operand, Expression item)
    {
        var bound = Time(operand, item);
        return context.Rules == RuleSet.Ksql && bound.Type.IsNested
            ? LiteralCoercion.To(bound, InType(operand, item, Bind(item)), context, operand.Position)
            : bound;
    }

    private SqlType InType(Expression operand, Expression item, BoundExpression bound)
    {
        var left = Bind(operand);
        try
        {
            return LiteralCoercion.CommonType([left, bound], context, "IN", operand.Position);
        }
        catch (SqlException error) when (error.SqlState == Npgsql.PostgresErrorCodes.DatatypeMismatch)
        {
            throw ExpressionErrors.InvalidItem(left.Type, item, bound.Type);
        }
    }

    private BoundExpression Quantified(QuantifiedExpression quantified)
    {
        var symbol = OperatorName(quantified.Operator);
        if (quantified.Array is ArrayExpression { Elements.Count: > 0 } array)
        {
            return All(quantified.IsAll, [.. array.Elements.Select(item => Compare(
                new BinaryExpression(symbol, quantified.Operand, item, quantified.Position), Time(quantified.Operand, item),
                Time(item, quantified.Operand)))]);
        }

        var operand = Bind(quantified.Operand);
        var values = Bind(quantified.Array);
        if (values.Type.Kind == SqlTypeKind.Unknown)
            values = Coercion.To(values, SqlType.ArrayOf(Known(operand, quantified.Position).Type), context, quantified.Position);
        return QuantifiedArray(operand, symbol, quantified.IsAll, values, quantified.Position);
    }

    private BoundExpression QuantifiedArray(BoundExpression operand, string symbol, bool isAll, BoundExpression values,
        TextPosition position)
    {
        var name = $"{symbol} {(isAll ? "ALL" : "ANY")}";
        if (FunctionResolver.TryBindOperator(name, [operand, values], context, position) is { } comparison)
            return comparison;
        if (values.Type.Kind != SqlTypeKind.Array)
            throw BindingErrors.Mismatch($"op {(isAll ? "ALL" : "ANY")} (array) requires array on right side", position);
        // Any other operator is asked of each element.
        var element = new BoundColumn(0, "", values.Type.Element!);
        var asked = (BoundCall)FunctionResolver.BindOperator(symbol, operand, element, context, position);
        if (asked.Type.Kind != SqlTypeKind.Boolean)
            throw BindingErrors.Mismatch($"op {(isAll ? "ALL" : "ANY")} (array) requires operator to yield boolean", position);
        IReadOnlyList<SqlType> types = [asked.Arguments[0].Type, SqlType.ArrayOf(asked.Arguments[1].Type)];
        var binding = new ScalarBinding(types, SqlType.Boolean, QuantifiedOperator.Over(asked.Binding, isAll));
        return new BoundCall(name, binding, [asked.Arguments[0], Coercion.To(values, types[1], context, position)]);
    }

    private BoundExpression Cast(CastExpression cast)
    {
        // An array without elements has the type that it is cast to.
        if (context.Rules == RuleSet.Postgres && cast.Operand is ArrayExpression { Elements.Count: 0 }
            && TypeResolver.Resolve(cast.Type, context.Planning.Catalog.Types, context.Rules) is { Kind: SqlTypeKind.Array } empty)
            return new BoundLiteral(System.Array.Empty<object?>(), empty);
        var operand = Bind(cast.Operand);
        try
        {
            var type = FixedPoint(operand.Type, TypeResolver.Resolve(cast.Type, context.Planning.Catalog.Types, context.Rules));
            var value = TypedTexts.WithPrecision(Coercion.To(operand, type, context, cast.Position), cast.Type, context);
            return Cut(value, cast.Type, cast.Position);
        }
        catch (SqlException error) when (context.Rules == RuleSet.Ksql && Clause == "SELECT"
            && error.SqlState == Npgsql.PostgresErrorCodes.CannotCoerce)
        {
            throw ExpressionErrors.InvalidSelect(error);
        }
    }

    // numeric(p, s) of what is never NaN and fits into a DECIMAL is one: all its values have one scale, and it is computed faster.
    private static SqlType FixedPoint(SqlType from, SqlType to) =>
        to is { Kind: SqlTypeKind.Numeric, Precision: > 0 and <= SqlType.MaxPrecision }
        && to.Scale >= 0 && to.Scale <= to.Precision
        && TypeCoercion.AsDecimal(from) is not null ? SqlType.Decimal(to.Precision, to.Scale) : to;

    // PostgreSQL's varchar(n) and char(n) keep so many characters; the spaces that fill up a char(n) count nowhere, and are not kept.
    private BoundExpression Cut(BoundExpression text, DataTypeSyntax syntax, TextPosition position)
    {
        if (context.Rules == RuleSet.Ksql
            || syntax is not NamedTypeSyntax { Name.Last: { IsQuoted: false, Name: "VARCHAR" or "BPCHAR" or "CHAR" } name } type)
            return text;
        var isPadded = name.Name != "VARCHAR";
        if (type.Arguments.Count != 1)
            return text;
        var cut = FunctionResolver.TryBindOperator("LEFT", [text, new BoundLiteral(type.Arguments[0], SqlType.Integer)],
            context, position)!;
        return isPadded ? FunctionResolver.TryBindOperator("RTRIM", [cut], context, position)! : cut;
    }

    private BoundExpression Collate(CollateExpression collate)
    {
        var name = collate.Collation.Last.Text;
        return name.ToUpperInvariant() is "DEFAULT" or "C" or "POSIX" or "UCS_BASIC"
            ? Bind(collate.Operand)
            : throw new SqlException(
                Npgsql.PostgresErrorCodes.UndefinedObject, $"collation \"{name}\" does not exist",
                "Text compares by code point: COLLATE \"C\".", collate.Collation.Position);
    }

    private BoundExpression Case(CaseExpression choice)
    {
        var conditions = choice.Branches.Select(branch => choice.Operand is null
            ? BindCondition(branch.Condition)
            : Compare(new BinaryExpression("=", choice.Operand, branch.Condition, branch.Position), Bind(choice.Operand),
                Bind(branch.Condition))).ToArray();
        var results = choice.Branches.Select(branch => Bind(branch.Result)).ToList();
        if (choice.Else is not null)
            results.Add(Bind(choice.Else));
        if (context.Rules == RuleSet.Ksql
            && results.All(static result => result is BoundLiteral { Value: null, Type.Kind: SqlTypeKind.Unknown }))
            throw BindingErrors.Mismatch("Invalid Case expression. All case branches have NULL type", choice.Position);
        var (type, values) = Common(results, "CASE", choice.Position);
        RequireNoRows(conditions.Concat(values), "CASE", choice.Position);
        var branches = conditions.Select((condition, i) => new BoundCaseBranch(condition, values[i])).ToArray();
        return new BoundCase(branches, choice.Else is null ? null : values[^1], type);
    }

    /// <summary>Casts expressions to the one type that all of them turn into.</summary>
    private (SqlType Type, IReadOnlyList<BoundExpression> Values) Common(IReadOnlyList<BoundExpression> values, string what,
        TextPosition position)
    {
        if (context.Rules == RuleSet.Ksql)
        {
            var common = LiteralCoercion.CommonType(values, context, what, position);
            return (common, [.. values.Select(value => LiteralCoercion.To(value, common, context, position))]);
        }

        var type = CommonTypes.Of(values.Select(static v => v.Type), context, what, position);
        return (type, [.. values.Select(value => Coercion.To(value, type, context, position))]);
    }

    private static QualifiedName Named(string name, TextPosition position) => new([new Identifier(name, false, position)], position);
}
