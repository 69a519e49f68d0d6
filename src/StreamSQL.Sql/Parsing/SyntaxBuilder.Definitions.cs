using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing.Generated;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Parsing;

/// <summary>Views, and what PostgreSQL's clients send beside their tables: comments, indexes, privileges.</summary>
internal sealed partial class SyntaxBuilder
{
    private Statement? DefinitionStatement(StreamSqlParser.StatementContext rule, TextPosition position) => rule switch
    {
        StreamSqlParser.CreateViewStatementContext view => CreateView(view.createView(), position),
        StreamSqlParser.DropViewContext drop => new DropViewStatement(
            [.. drop.qualifiedName().Select(QualifiedName)], drop.EXISTS() is not null, drop.CASCADE() is not null, position),
        StreamSqlParser.CreateMaterializedViewStatementContext view => CreateMaterializedView(view.createMaterializedView()),
        StreamSqlParser.DropMaterializedViewContext drop => new DropSourceStatement(
            RelationKind.Table, [.. drop.qualifiedName().Select(QualifiedName)], drop.EXISTS() is not null, DeleteTopic: false, position)
        {
            IsCascade = drop.CASCADE() is not null,
            IsMaterializedView = true,
        },
        StreamSqlParser.RefreshMaterializedViewContext refresh => new RefreshViewStatement(QualifiedName(refresh.name), position),
        StreamSqlParser.CommentContext comment => Comment(comment, position),
        StreamSqlParser.CreateIndexStatementContext index => CreateIndex(index.createIndex(), position),
        StreamSqlParser.DropIndexContext drop => new DropIndexStatement(
            [.. drop.qualifiedName().Select(QualifiedName)], drop.EXISTS() is not null, position),
        StreamSqlParser.GrantContext grant => Grant(grant, position),
        StreamSqlParser.LockTableContext locked => LockTable(locked, position),
        _ => null,
    };

    private CreateViewStatement CreateView(StreamSqlParser.CreateViewContext rule, TextPosition position)
    {
        var (name, columns) = (QualifiedName(rule.name), Names(rule.nameList()));
        var text = SourceText.Slice(script, rule.query());
        if (rule.RECURSIVE() is null)
            return new CreateViewStatement(name, columns, Query(rule.query()), text, rule.REPLACE() is not null, position);
        if (columns.Count == 0)
            throw SyntaxErrors.At("a recursive view needs the names of its columns", position,
                "Write them in parentheses behind its name.");
        var list = SourceText.Slice(script, rule.nameList())[1..^1];
        var itself = SourceText.Slice(script, rule.name)[(name.Last.Position.Offset - name.Position.Offset)..];
        text = $"WITH RECURSIVE {itself} ({list}) AS ({text}) SELECT {list} FROM {itself}";
        return new CreateViewStatement(name, columns, ((QueryStatement)SqlParser.ParseStatement(text)).Query, text,
            rule.REPLACE() is not null, position);
    }

    private static IReadOnlyList<Identifier> Names(StreamSqlParser.NameListContext? rule) =>
        rule is null ? [] : Identifiers(rule.identifier());

    private CreateSourceStatement CreateMaterializedView(StreamSqlParser.CreateMaterializedViewContext rule) => new(
        RelationKind.Table, QualifiedName(rule.name), [], Properties(rule.withProperties()), Query(rule.query()),
        SourceText.PositionOf(rule))
    {
        OrReplace = rule.REPLACE() is not null,
        IfNotExists = rule.EXISTS() is not null,
        MaterializedView = new MaterializedViewNames(Names(rule.nameList())),
    };

    private static CommentStatement Comment(StreamSqlParser.CommentContext rule, TextPosition position)
    {
        var target = rule.commentTarget();
        var kind = target.kind.Type switch
        {
            StreamSqlLexer.TABLE => CommentedKind.Table,
            StreamSqlLexer.STREAM => CommentedKind.Stream,
            StreamSqlLexer.VIEW => target.MATERIALIZED() is null ? CommentedKind.View : CommentedKind.MaterializedView,
            StreamSqlLexer.COLUMN => CommentedKind.Column,
            StreamSqlLexer.DATABASE => CommentedKind.Database,
            _ => CommentedKind.Schema,
        };
        return new CommentStatement(kind, QualifiedName(target.qualifiedName()), rule.text() is { } text ? Text(text) : null, position);
    }

    private CreateIndexStatement CreateIndex(StreamSqlParser.CreateIndexContext rule, TextPosition position) => new(
        rule.index is null ? null : Identifier(rule.index), QualifiedName(rule.table),
        [.. rule.indexItem().Select(item => Expression(item.expression()))], rule.UNIQUE() is not null, position)
    {
        IfNotExists = rule.EXISTS() is not null,
    };

    private static GrantStatement Grant(StreamSqlParser.GrantContext rule, TextPosition position) => new(
        rule.grantTarget() is StreamSqlParser.GrantOnTablesContext tables ? [.. tables.qualifiedName().Select(QualifiedName)] : [],
        [.. rule.roleName().Select(static role => Identifier(role.identifier()))], position);
}
