using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing.Generated;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Parsing;

/// <summary>Constraints of tables, and what ALTER TABLE changes beside columns.</summary>
internal sealed partial class SyntaxBuilder
{
    private static readonly HashSet<string> StorageParameters = new(StringComparer.OrdinalIgnoreCase)
        { "fillfactor", "parallel_workers", "toast_tuple_target", "user_catalog_table", "vacuum_index_cleanup", "vacuum_truncate", "oids" };

    /// <summary>Whether WITH says how PostgreSQL lays out its files: nothing follows from that here.</summary>
    private static bool IsStorageParameter(PropertySyntax property) => StorageParameters.Contains(property.Name)
        || property.Name.StartsWith("autovacuum_", StringComparison.OrdinalIgnoreCase);

    private IReadOnlyList<TableConstraintSyntax> Constraints(IEnumerable<StreamSqlParser.TableElementContext> elements)
    {
        var all = new List<TableConstraintSyntax>();
        foreach (var element in elements)
        {
            if (element is StreamSqlParser.ConstraintElementContext written)
                all.Add(Constraint(written.tableConstraint(), written.constraint));
            else if (element is StreamSqlParser.ColumnElementContext column)
                all.AddRange(column.columnConstraint().Select(constraint => Constraint(constraint, Identifier(column.name)))
                    .OfType<TableConstraintSyntax>());
        }

        return all;
    }

    /// <summary>What is said behind a column that is no part of the column itself; null for all else.</summary>
    private TableConstraintSyntax? Constraint(StreamSqlParser.ColumnConstraintContext rule, Identifier column) => rule switch
    {
        StreamSqlParser.UniqueConstraintContext unique =>
            new UniqueSyntax(OptionalName(unique.constraint), [column], SourceText.PositionOf(unique)),
        StreamSqlParser.CheckConstraintContext check => Check(check.expression(), check.constraint, column),
        StreamSqlParser.ReferencesConstraintContext foreign => ForeignKey(foreign.references(), foreign.constraint, [column]),
        _ => null,
    };

    private TableConstraintSyntax Constraint(StreamSqlParser.TableConstraintContext rule, StreamSqlParser.IdentifierContext? name) =>
        rule switch
        {
            StreamSqlParser.UniqueColumnsContext unique =>
                new UniqueSyntax(OptionalName(name), Identifiers(unique.nameList().identifier()), SourceText.PositionOf(unique)),
            StreamSqlParser.CheckedRowContext check => Check(check.expression(), name, null),
            StreamSqlParser.ForeignKeyContext foreign =>
                ForeignKey(foreign.references(), name, Identifiers(foreign.nameList().identifier())),
            _ => throw new InvalidOperationException($"unknown constraint {rule.GetType().Name}"),
        };

    private CheckSyntax Check(StreamSqlParser.ExpressionContext condition, StreamSqlParser.IdentifierContext? name, Identifier? column) =>
        new(OptionalName(name), column, Expression(condition), SourceText.Slice(script, condition), SourceText.PositionOf(condition));

    private static ForeignKeySyntax ForeignKey(
        StreamSqlParser.ReferencesContext rule, StreamSqlParser.IdentifierContext? name, IReadOnlyList<Identifier> columns) => new(
            OptionalName(name), columns, QualifiedName(rule.qualifiedName()), Names(rule.nameList()), ActionOn(rule, StreamSqlLexer.UPDATE),
            ActionOn(rule, StreamSqlLexer.DELETE), SourceText.PositionOf(rule));

    /// <summary>What stands behind ON DELETE or ON UPDATE, as pg_constraint says it.</summary>
    private static char ActionOn(StreamSqlParser.ReferencesContext rule, int what)
    {
        for (var i = 0; i + 1 < rule.ChildCount; i++)
        {
            if (rule.GetChild(i).Payload is not Antlr4.Runtime.IToken { Type: var type } || type != what)
                continue;
            return rule.GetChild(i + 1).GetText().ToUpperInvariant() switch
            {
                "RESTRICT" => 'r',
                "CASCADE" => 'c',
                "SET" => rule.GetChild(i + 2).GetText().Equals("NULL", StringComparison.OrdinalIgnoreCase) ? 'n' : 'd',
                _ => 'a',
            };
        }

        return 'a';
    }

    private Alteration? OtherAlteration(StreamSqlParser.AlterationContext rule, TextPosition position) => rule switch
    {
        StreamSqlParser.SetTypeContext set =>
            new TypeChange(Identifier(set.identifier()), DataType(set.dataType()), set.USING() is not null, position),
        StreamSqlParser.DropColumnContext drop => new DroppedColumn(Identifier(drop.identifier()), drop.EXISTS() is not null, position),
        StreamSqlParser.RenameColumnContext rename =>
            new RenamedColumn(Identifier(rename.identifier(0)), Identifier(rename.to), position),
        StreamSqlParser.RenameSourceContext rename => new RenamedSource(Identifier(rename.to), position),
        StreamSqlParser.AddPrimaryKeyContext key => new AddedPrimaryKey(Identifiers(key.nameList().identifier()), position),
        StreamSqlParser.AddConstraintContext add => new AddedConstraint(Constraint(add.tableConstraint(), add.constraint), position),
        StreamSqlParser.DropConstraintContext drop =>
            new DroppedConstraint(Identifier(drop.identifier()), drop.EXISTS() is not null, position),
        StreamSqlParser.RenameConstraintContext rename =>
            new RenamedConstraint(Identifier(rename.identifier(0)), Identifier(rename.to), position),
        StreamSqlParser.ChangeLayoutContext => new LayoutChange(position),
        _ => null,
    };

    private static LockTableStatement LockTable(StreamSqlParser.LockTableContext rule, TextPosition position) => new(
        [.. rule.lockedTable().Select(static table => QualifiedName(table.qualifiedName()))],
        rule.lockMode() is { } mode ? string.Join(' ', mode.children.Select(static word => word.GetText().ToUpperInvariant())) : null,
        position);
}
