using System.Globalization;
using Antlr4.Runtime;
using Antlr4.Runtime.Tree;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Text;
using StreamSQL.Sql.Parsing.Generated;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Parsing;

/// <summary>
/// Turns the generated parser's tree into the syntax tree. One builder serves one script. This file holds names, literals, types and the
/// depth bound; the others hold expressions, queries and statements.
/// </summary>
internal sealed partial class SyntaxBuilder(string script)
{
    /// <summary>Digits of a second.</summary>
    private const int MostDigits = 6;

    private int _depth;

    internal IReadOnlyList<Statement> Script(StreamSqlParser.ScriptContext script) => [.. script.statement().Select(Statement)];

    private static Identifier Identifier(StreamSqlParser.IdentifierContext rule) => Name(rule.Start);

    private static Identifier Identifier(StreamSqlParser.ColumnLabelContext rule) => Name(rule.Start);

    private static Identifier Identifier(StreamSqlParser.BareAliasContext rule) => Name(rule.Start);

    private static IReadOnlyList<Identifier> Identifiers(IEnumerable<StreamSqlParser.IdentifierContext> rules) =>
        [.. rules.Select(Identifier)];

    // Every kind of name is one token.
    private static Identifier Name(IToken token)
    {
        var position = SourceText.PositionOf(token);
        return token.Type switch
        {
            StreamSqlLexer.QUOTED_IDENTIFIER => new(token.Text[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal), true, position),
            StreamSqlLexer.UNICODE_IDENTIFIER =>
                new(Unicode(token.Text[3..^1].Replace("\"\"", "\"", StringComparison.Ordinal), position), true, position),
            StreamSqlLexer.BACKQUOTED_IDENTIFIER => new(token.Text[1..^1].Replace("``", "`", StringComparison.Ordinal), true, position),
            _ => new(token.Text, false, position),
        };
    }

    private static QualifiedName QualifiedName(StreamSqlParser.QualifiedNameContext rule) =>
        new([Identifier(rule.identifier()), .. rule.columnLabel().Select(Identifier)], SourceText.PositionOf(rule));

    private static string Topic(StreamSqlParser.TopicNameContext rule) =>
        rule.STRING() is { } text ? Unquote(text.Symbol) : Name(rule.Start).Text;

    private static string Unquote(IToken token) => QuotedText.Body(token.Text, 0).Replace("''", "'", StringComparison.Ordinal);

    private static string Text(StreamSqlParser.TextContext rule) => rule.Start.Type switch
    {
        StreamSqlLexer.ESCAPE_STRING => EscapeString.Decode(QuotedText.Body(rule.Start.Text, 1, hasEscapes: true),
            SourceText.PositionOf(rule)),
        StreamSqlLexer.DOLLAR_STRING => DollarBody(rule.Start.Text),
        StreamSqlLexer.UNICODE_STRING => Unicode(
            QuotedText.Body(rule.Start.Text, 2).Replace("''", "'", StringComparison.Ordinal), SourceText.PositionOf(rule), Escape(rule)),
        _ => Unquote(rule.Start),
    };

    private static string Unicode(string text, TextPosition position, char escape = UnicodeEscapes.Backslash) =>
        UnicodeEscapes.TryDecode(text, escape)
        ?? throw new SqlException(Npgsql.PostgresErrorCodes.SyntaxError, UnicodeEscapes.Error, UnicodeEscapes.Hint, position);

    /// <summary>The sign of UESCAPE.</summary>
    private static char Escape(StreamSqlParser.TextContext rule)
    {
        if (rule.STRING() is not { } given || rule.UESCAPE() is null)
            return UnicodeEscapes.Backslash;
        return Unquote(given.Symbol) is [var escape] && !char.IsAsciiHexDigit(escape) && !char.IsWhiteSpace(escape)
            && escape is not ('+' or '\'' or '"')
            ? escape
            : throw SyntaxErrors.At("invalid Unicode escape character", SourceText.PositionOf(given.Symbol));
    }

    private static string DollarBody(string text)
    {
        var tag = text.IndexOf('$', 1) + 1;
        return text[tag..^tag];
    }

    private static NumberLiteral Number(StreamSqlParser.NumericContext rule) => new(
        rule.Start.Text,
        rule.Start.Type switch
        {
            StreamSqlLexer.INTEGER => NumberKind.Integer,
            StreamSqlLexer.DECIMAL => NumberKind.Decimal,
            _ => NumberKind.Float,
        },
        SourceText.PositionOf(rule));

    private static long Integer(IToken token) =>
        long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw SyntaxErrors.At($"{token.Text} is too large", SourceText.PositionOf(token));

    private static int Small(IToken token) => Integer(token) is var value and <= int.MaxValue
        ? (int)value
        : throw SyntaxErrors.At($"{token.Text} is too large", SourceText.PositionOf(token));

    private static DurationSyntax Duration(StreamSqlParser.DurationContext rule)
    {
        var unit = Identifier(rule.identifier());
        var factor = DurationUnits.Milliseconds(unit.Name)
            ?? throw SyntaxErrors.At($"'{unit.Text}' is not a unit of time", unit.Position, DurationUnits.Hint(unit.Name));
        var count = Integer(rule.INTEGER().Symbol);
        return count <= long.MaxValue / factor
            ? new(count * factor, SourceText.PositionOf(rule))
            : throw SyntaxErrors.At("the duration is too long", SourceText.PositionOf(rule));
    }

    private DataTypeSyntax DataType(StreamSqlParser.DataTypeContext rule)
    {
        Descend(rule);
        var type = BaseType(rule.baseType());
        var dimensions = rule.ARRAY() is null ? rule.LBRACKET().Length : 1;
        for (var i = 0; i < dimensions; i++)
            type = new ArrayTypeSyntax(type, type.Position);
        _depth--;
        return type;
    }

    private DataTypeSyntax BaseType(StreamSqlParser.BaseTypeContext rule)
    {
        var position = SourceText.PositionOf(rule);
        return rule switch
        {
            StreamSqlParser.ArrayTypeContext array => new ArrayTypeSyntax(DataType(array.dataType()), position),
            StreamSqlParser.MapTypeContext map => new MapTypeSyntax(DataType(map.key), DataType(map.value), position),
            StreamSqlParser.StructTypeContext row => new StructTypeSyntax(
                [.. row.structFieldType()
                    .Select(f => new StructFieldTypeSyntax(Identifier(f.columnLabel()), DataType(f.dataType()), SourceText.PositionOf(f)))],
                    position),
            StreamSqlParser.DoubleTypeContext => BuiltInType("DOUBLE", position),
            StreamSqlParser.CharacterTypeContext text => CharacterType(text.VARYING() is not null, text.INTEGER(), position),
            StreamSqlParser.TimeTypeContext time =>
                BuiltInType(TimeType(time.TIMESTAMP() is not null, time.WITH() is not null), position, time.INTEGER()),
            StreamSqlParser.IntervalTypeContext interval => IntervalType(interval.intervalField(), interval.INTEGER(), position),
            StreamSqlParser.NamedTypeContext named => new NamedTypeSyntax(
                QualifiedName(named.qualifiedName()), TypeArguments(named), position),
            _ => throw new InvalidOperationException($"unknown type syntax {rule.GetType().Name}"),
        };
    }

    private static NamedTypeSyntax CharacterType(bool isVarying, ITerminalNode? length, TextPosition position) => new(
        BuiltInName(isVarying ? "VARCHAR" : "BPCHAR", position),
        length is not null ? [Small(length.Symbol)] : isVarying ? [] : [1], position);

    private static List<int> TypeArguments(StreamSqlParser.NamedTypeContext rule)
    {
        var arguments = new List<int>();
        foreach (var argument in rule.typeArgument())
        {
            if (argument.INTEGER() is { } number)
                arguments.Add(Small(number.Symbol));
            // ksqlDB writes VARCHAR(STRING) for text without a limit.
            else if (!argument.GetText().Equals("STRING", StringComparison.OrdinalIgnoreCase))
                throw SyntaxErrors.At($"at or near '{argument.GetText()}': expected a number", SourceText.PositionOf(argument));
        }

        return arguments;
    }

    private static string TimeType(bool isTimestamp, bool hasZone) => (isTimestamp, hasZone) switch
    {
        (true, true) => "TIMESTAMPTZ",
        (true, false) => "TIMESTAMP",
        (false, true) => "TIMETZ",
        (false, false) => "TIME",
    };

    private static NamedTypeSyntax BuiltInType(string name, TextPosition position, ITerminalNode? precision = null) =>
        new(BuiltInName(name, position), precision is null ? [] : [Math.Min(Small(precision.Symbol), MostDigits)], position);

    /// <summary>INTERVAL with its fields as numbers: see <see cref="IntervalFields.FromCodes"/>.</summary>
    private static NamedTypeSyntax IntervalType(StreamSqlParser.IntervalFieldContext[] fields, ITerminalNode? precision,
        TextPosition position)
    {
        if (fields.Length == 0 && precision is null)
            return BuiltInType("INTERVAL", position);
        var last = fields.Length == 0 ? 0 : (int)Enum.Parse<IntervalUnit>(fields[^1].Start.Text, ignoreCase: true) + 1;
        var startsAtMinute = fields.Length == 2 && fields[0].MINUTE() is not null ? 16 : 0;
        var digits = precision ?? fields.LastOrDefault()?.INTEGER();
        return new(BuiltInName("INTERVAL", position),
            [last + startsAtMinute, digits is null ? MostDigits : Math.Min(Small(digits.Symbol), MostDigits)], position);
    }

    private static QualifiedName BuiltInName(string name, TextPosition position) => new([new Identifier(name, false, position)], position);

    private static IReadOnlyList<PropertySyntax> Properties(StreamSqlParser.WithPropertiesContext? rule) =>
        rule is null ? [] : [.. rule.property().Select(Property)];

    private static PropertySyntax Property(StreamSqlParser.PropertyContext rule) => new(
        rule.STRING() is { } text ? Unquote(text.Symbol) : Identifier(rule.columnLabel()).Name, PropertyValue(rule.propertyValue()),
        SourceText.PositionOf(rule));

    private static Expression PropertyValue(StreamSqlParser.PropertyValueContext rule)
    {
        var position = SourceText.PositionOf(rule);
        if (rule.text() is { } text)
            return new StringLiteral(Text(text), position);
        if (rule.numeric() is { } numeric)
        {
            var number = Number(numeric);
            return rule.MINUS() is null ? number : number with { Text = "-" + number.Text, Position = position };
        }

        return rule.Start.Type switch
        {
            StreamSqlLexer.TRUE => new BooleanLiteral(true, position),
            StreamSqlLexer.FALSE => new BooleanLiteral(false, position),
            StreamSqlLexer.NULL => new NullLiteral(position),
            _ => new ColumnReference(new QualifiedName([Identifier(rule.identifier())], position)),
        };
    }

    // Paired with a decrement on the way out; a thrown error ends the whole build.
    private void Descend(ParserRuleContext rule)
    {
        if (++_depth > SyntaxLimits.MaxDepth)
            throw SyntaxLimits.TooDeep(SourceText.PositionOf(rule));
    }
}
