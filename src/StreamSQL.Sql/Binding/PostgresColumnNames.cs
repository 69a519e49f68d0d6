using StreamSQL.Sql.Expressions;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// PostgreSQL's names: the column's, the function's, the type's, or <c>?column?</c>. The name of a type is weaker than those, so that an
/// outer cast names what an inner one would. Upper case is shown in lower case.
/// </summary>
internal sealed class PostgresColumnNames : ColumnNames
{
    private const string NoName = "?column?";

    // What PostgreSQL calls the types whose names in SQL are others.
    private static readonly Dictionary<string, string> InternalNames = new(StringComparer.Ordinal)
    {
        ["SMALLINT"] = "int2", ["INT"] = "int4", ["INTEGER"] = "int4", ["BIGINT"] = "int8", ["REAL"] = "float4", ["DOUBLE"] = "float8",
        ["FLOAT"] = "float8",
        ["DECIMAL"] = "numeric", ["DEC"] = "numeric", ["BOOLEAN"] = "bool", ["CHAR"] = "bpchar",
    };

    // Functions that SQL writes in words of its own.
    private static readonly Dictionary<string, string> FunctionNames = new(StringComparer.Ordinal) { ["TRIM"] = "btrim" };

    public static PostgresColumnNames Instance { get; } = new();

    public override string OfStar(ScopeColumn column) => column.Name;

    public override string Of(Expression syntax, BoundExpression bound) => Find(syntax, bound).Name ?? NoName;

    /// <summary>The name of an expression that is not bound yet.</summary>
    public static string Of(Expression syntax) => Find(syntax, null).Name ?? NoName;

    // The name, and whether it is that of a type.
    private static (string? Name, bool IsType) Find(Expression syntax, BoundExpression? bound) => syntax switch
    {
        ColumnReference when bound is BoundColumn column => (column.Name, false),
        ColumnReference reference => (reference.Name.Last.Name, false),
        FieldAccess { Field: var field } => (field.Name, false),
        FunctionCall call => (FunctionNames.GetValueOrDefault(call.Name.Last.Name, call.Name.Last.Name), false),
        AtTimeZoneExpression => ("timezone", false),
        CastExpression cast => Cast(Find(cast.Operand, bound), cast.Type),
        TypedLiteral literal => (TypeName(literal.Type), true),
        SubscriptExpression item => Find(item.Operand, bound),
        SliceExpression slice => Find(slice.Operand, bound),
        CollateExpression collate => Find(collate.Operand, bound),
        CaseExpression { Else: { } otherwise } when Find(otherwise, bound) is { Name: { } name, IsType: false } => (name, false),
        CaseExpression => ("CASE", true),
        ExistsExpression => ("EXISTS", false),
        ArrayExpression or ArrayQueryExpression => ("ARRAY", false),
        RowExpression => ("ROW", false),
        ScalarQueryExpression query => (FirstColumn(query.Query.Body, bound), false),
        _ => (null, false),
    };

    // A set operation has the names of its first query.
    private static string? FirstColumn(QueryBody body, BoundExpression? bound) => body switch
    {
        SelectBody { Items: [ExpressionItem only] } => only.Alias?.Name ?? Find(only.Expression, bound).Name ?? NoName,
        NestedQuery nested => FirstColumn(nested.Query.Body, bound),
        SetOperation operation => FirstColumn(operation.Left, bound),
        ValuesBody => "COLUMN1",
        _ => null,
    };

    private static (string? Name, bool IsType) Cast((string? Name, bool IsType) operand, DataTypeSyntax type) =>
        operand is { Name: not null, IsType: false } ? operand : (TypeName(type) ?? operand.Name, true);

    private static string? TypeName(DataTypeSyntax type) => type switch
    {
        ArrayTypeSyntax array => TypeName(array.Element),
        NamedTypeSyntax { Name.Last: { IsQuoted: false, Name: "FLOAT" }, Arguments: [<= TypeResolver.RealDigits] } => "float4",
        NamedTypeSyntax { Name.Last: var name } => name.IsQuoted ? name.Name : InternalNames.GetValueOrDefault(name.Name, name.Name),
        _ => null,
    };
}
