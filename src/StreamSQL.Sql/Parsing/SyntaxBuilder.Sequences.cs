using System.Globalization;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing.Generated;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Parsing;

/// <summary>Sequences, and the columns that count.</summary>
internal sealed partial class SyntaxBuilder
{
    private Statement? SequenceStatement(StreamSqlParser.StatementContext rule, TextPosition position) => rule switch
    {
        StreamSqlParser.CreateSequenceStatementContext create => CreateSequence(create.createSequence(), position),
        StreamSqlParser.AlterSequenceContext alter => new AlterSequenceStatement(
            QualifiedName(alter.name), Options(alter.sequenceOption()), alter.EXISTS() is not null, position),
        StreamSqlParser.DropSequenceContext drop => new DropSequenceStatement(
            [.. drop.qualifiedName().Select(QualifiedName)], drop.EXISTS() is not null, position),
        _ => null,
    };

    private CreateSequenceStatement CreateSequence(StreamSqlParser.CreateSequenceContext rule, TextPosition position) => new(
        QualifiedName(rule.name), rule.dataType() is { } type ? DataType(type) : null, Options(rule.sequenceOption()),
        rule.EXISTS() is not null, position);

    private static IdentityClause Identity(StreamSqlParser.IdentityConstraintContext rule) =>
        new(rule.ALWAYS() is not null, Options(rule.sequenceOption()), SourceText.PositionOf(rule));

    private static IReadOnlyList<SequenceOption> Options(IEnumerable<StreamSqlParser.SequenceOptionContext> rules) =>
        [.. rules.Select(Option)];

    private static SequenceOption Option(StreamSqlParser.SequenceOptionContext rule)
    {
        var (kind, number) = rule switch
        {
            StreamSqlParser.IncrementOptionContext option => (SequenceOptionKind.Increment, option.sequenceNumber()),
            StreamSqlParser.MinimumOptionContext option => (SequenceOptionKind.Minimum, option.sequenceNumber()),
            StreamSqlParser.MaximumOptionContext option => (SequenceOptionKind.Maximum, option.sequenceNumber()),
            StreamSqlParser.StartOptionContext option => (SequenceOptionKind.Start, option.sequenceNumber()),
            StreamSqlParser.RestartOptionContext option => (SequenceOptionKind.Restart, option.sequenceNumber()),
            StreamSqlParser.CycleOptionContext => (SequenceOptionKind.Cycle, null),
            StreamSqlParser.WithoutOptionContext option when option.CYCLE() is not null => (SequenceOptionKind.NoCycle, null),
            StreamSqlParser.WithoutOptionContext option =>
                (option.MINVALUE() is not null ? SequenceOptionKind.Minimum : SequenceOptionKind.Maximum, null),
            _ => (SequenceOptionKind.Taken, (StreamSqlParser.SequenceNumberContext?)null),
        };
        var position = SourceText.PositionOf(rule);
        if (number is null)
            return new SequenceOption(kind, null, position);
        return long.TryParse(number.GetText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? new SequenceOption(kind, value, position)
            : throw SyntaxErrors.At($"{number.GetText()} is too large", position);
    }
}
