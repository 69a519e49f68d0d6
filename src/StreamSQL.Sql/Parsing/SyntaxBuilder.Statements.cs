using Antlr4.Runtime;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Parsing.Generated;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Parsing;

internal sealed partial class SyntaxBuilder
{
    private Statement Statement(StreamSqlParser.StatementContext rule)
    {
        var position = SourceText.PositionOf(rule);
        Statement statement = rule switch
        {
            StreamSqlParser.QueryStatementContext query => new QueryStatement(Query(query.query())),
            StreamSqlParser.InsertContext insert => Insert(insert.insertStatement()),
            StreamSqlParser.UpdateContext update => Update(update.updateStatement()),
            StreamSqlParser.DeleteContext delete => Delete(delete.deleteStatement()),
            StreamSqlParser.CreateSourceStatementContext create => CreateSource(create.createSource()),
            StreamSqlParser.CreateTypeContext type =>
                new CreateTypeStatement(Identifier(type.name), DataType(type.dataType()), type.EXISTS() is not null, position),
            StreamSqlParser.CreateEnumContext type => new CreateTypeStatement(
                QualifiedName(type.name).Last, new NamedTypeSyntax(BuiltInName("VARCHAR", position), [], position), false, position)
            { Labels = [.. type.STRING().Select(label => Unquote(label.Symbol))] },
            StreamSqlParser.CreateConnectorStatementContext connector => CreateConnector(connector.createConnector()),
            StreamSqlParser.DropSourceContext drop => new DropSourceStatement(
                KindOf(drop.STREAM() is not null), [.. drop.qualifiedName().Select(QualifiedName)], drop.EXISTS() is not null,
                drop.TOPIC() is not null, position)
            {
                IsCascade = drop.CASCADE() is not null,
            },
            StreamSqlParser.TruncateContext truncate => new TruncateStatement(
                [.. truncate.qualifiedName().Select(QualifiedName)], position),
            StreamSqlParser.DropTypeContext drop => new DropTypeStatement(
                QualifiedName(drop.name).Last, drop.EXISTS() is not null, position),
            StreamSqlParser.DropConnectorContext drop =>
                new DropConnectorStatement(Identifier(drop.name), drop.EXISTS() is not null, position),
            StreamSqlParser.AlterSourceContext alter => new AlterSourceStatement(
                KindOf(alter.STREAM() is not null), QualifiedName(alter.name), [.. alter.alteration().Select(Alteration)], position)
            {
                IfExists = alter.EXISTS() is not null,
            },
            StreamSqlParser.ExplainContext explain => Explain(explain),
            StreamSqlParser.AssertContext assert => Assert(assert.assertStatement()),
            StreamSqlParser.TransactionContext transaction => Transaction(transaction.transactionStatement()),
            StreamSqlParser.CursorContext cursor => Cursor(cursor.cursorStatement()),
            StreamSqlParser.CopyContext copy => Copy(copy.copyStatement()),
            StreamSqlParser.SetContext set => Set(set.setStatement()),
            _ => DefinitionStatement(rule, position) ?? SequenceStatement(rule, position) ?? CatalogStatement(rule, position)
                ?? RoleStatement(rule, position) ?? SessionStatement(rule, position),
        };
        return statement.Text.Length > 0 ? statement : statement with { Text = SourceText.Slice(script, rule) };
    }

    private static RelationKind KindOf(bool isStream) => isStream ? RelationKind.Stream : RelationKind.Table;

    private static Statement? CatalogStatement(StreamSqlParser.StatementContext rule, TextPosition position) => rule switch
    {
        StreamSqlParser.ShowContext show => Show(show.showTarget(), position),
        StreamSqlParser.DescribeContext describe => Describe(describe, position),
        StreamSqlParser.PrintContext print => new PrintStatement(
            Topic(print.topic), print.BEGINNING() is not null, print.interval is null ? null : Integer(print.interval),
            print.limit is null ? null : Integer(print.limit), position),
        StreamSqlParser.TerminateContext terminate => new TerminateStatement(OptionalName(terminate.id), position),
        StreamSqlParser.PauseContext pause => new PauseStatement(OptionalName(pause.id), true, position),
        StreamSqlParser.ResumeContext resume => new PauseStatement(OptionalName(resume.id), false, position),
        StreamSqlParser.RunScriptContext run => new RunScriptStatement(Unquote(run.path), position),
        StreamSqlParser.AlterSystemContext alter => new AlterSystemStatement(
            alter.key is null ? SettingName(alter.name) : Unquote(alter.key), Unquote(alter.value), position),
        _ => null,
    };

    private static Identifier? OptionalName(StreamSqlParser.IdentifierContext? rule) => rule is null ? null : Identifier(rule);

    private CreateSourceStatement CreateSource(StreamSqlParser.CreateSourceContext rule)
    {
        var elements = rule.tableElements()?.tableElement() ?? [];
        var keys = elements.OfType<StreamSqlParser.PrimaryKeyElementContext>().ToList();
        if (keys.Count > 1)
            throw SyntaxErrors.At("multiple PRIMARY KEY elements are not allowed", SourceText.PositionOf(keys[1]));
        return new CreateSourceStatement(
            KindOf(rule.kind.Type == StreamSqlLexer.STREAM), QualifiedName(rule.name), Columns(rule.tableElements()),
            [.. Properties(rule.withProperties()).Where(static property => !IsStorageParameter(property))],
            rule.query() is { } query ? Query(query) : null, SourceText.PositionOf(rule))
        {
            OrReplace = rule.REPLACE() is not null,
            IfNotExists = rule.EXISTS() is not null,
            IsReadOnly = rule.SOURCE() is not null,
            PrimaryKey = keys.Count == 0 ? [] : Identifiers(keys[0].nameList().identifier()),
            Constraints = Constraints(elements),
        };
    }

    private IReadOnlyList<ColumnElement> Columns(StreamSqlParser.TableElementsContext? rule) =>
        rule is null ? [] : [.. rule.tableElement().OfType<StreamSqlParser.ColumnElementContext>().Select(Column)];

    private ColumnElement Column(StreamSqlParser.ColumnElementContext rule) =>
        Column(Identifier(rule.name), rule.dataType(), rule.columnConstraint(), SourceText.PositionOf(rule));

    private ColumnElement Column(
        Identifier name, StreamSqlParser.DataTypeContext type, StreamSqlParser.ColumnConstraintContext[] constraints, TextPosition position)
    {
        var constraint = ColumnConstraint.None;
        string? headerKey = null;
        bool? isNotNull = null;
        ColumnDefault? otherwise = null;
        IdentityClause? identity = null;
        foreach (var written in constraints)
        {
            var next = written switch
            {
                StreamSqlParser.KeyConstraintContext key => key.PRIMARY() is null ? ColumnConstraint.Key : ColumnConstraint.PrimaryKey,
                StreamSqlParser.HeadersConstraintContext => ColumnConstraint.Headers,
                StreamSqlParser.HeaderConstraintContext => ColumnConstraint.Header,
                _ => ColumnConstraint.None,
            };
            if (written is StreamSqlParser.NullConstraintContext nullable)
                isNotNull = Nullability(name, nullable, isNotNull);
            if (written is StreamSqlParser.DefaultConstraintContext given)
                otherwise = otherwise is null ? Default(given.expression()) : throw Multiple(name, "default values", given);
            if (next != ColumnConstraint.None && constraint != ColumnConstraint.None)
                throw SyntaxErrors.At($"column {name} has conflicting constraints", SourceText.PositionOf(written));
            constraint = next == ColumnConstraint.None ? constraint : next;
            if (written is StreamSqlParser.IdentityConstraintContext counted)
                identity = identity is null ? Identity(counted) : throw Multiple(name, "identity specifications", counted);
            headerKey = written is StreamSqlParser.HeaderConstraintContext header ? Unquote(header.key) : headerKey;
        }

        return new ColumnElement(name, DataType(type), constraint, headerKey, position)
        {
            IsNotNull = isNotNull ?? false,
            Default = otherwise,
            Identity = identity,
        };
    }

    private static bool Nullability(Identifier column, StreamSqlParser.NullConstraintContext written, bool? before)
    {
        var isNotNull = written.NOT() is not null;
        return before is null || before == isNotNull ? isNotNull : throw SyntaxErrors.At(
            $"conflicting NULL/NOT NULL declarations for column \"{column}\"", SourceText.PositionOf(written));
    }

    private static SqlException Multiple(Identifier column, string what, ParserRuleContext written) =>
        SyntaxErrors.At($"multiple {what} specified for column \"{column}\"", SourceText.PositionOf(written));

    private ColumnDefault Default(StreamSqlParser.ExpressionContext rule) =>
        new(Expression(rule), SourceText.Slice(script, rule), SourceText.PositionOf(rule));

    private Alteration Alteration(StreamSqlParser.AlterationContext rule)
    {
        var position = SourceText.PositionOf(rule);
        return rule switch
        {
            StreamSqlParser.AddColumnContext add => AddedColumn(add, position),
            StreamSqlParser.SetDefaultContext set => new DefaultChange(Identifier(set.identifier()), Default(set.expression()), position),
            StreamSqlParser.DropDefaultContext drop => new DefaultChange(Identifier(drop.identifier()), null, position),
            StreamSqlParser.SetNotNullContext set => new NotNullChange(Identifier(set.identifier()), set.SET() is not null, position),
            _ => OtherAlteration(rule, position) ?? throw new InvalidOperationException($"unknown alteration {rule.GetType().Name}"),
        };
    }

    private AddedColumn AddedColumn(StreamSqlParser.AddColumnContext rule, TextPosition position)
    {
        var column = Column(Identifier(rule.identifier()), rule.dataType(), rule.columnConstraint(), position);
        return new AddedColumn(column, rule.EXISTS() is not null, position)
        {
            Constraints = [.. rule.columnConstraint().Select(written => Constraint(written, column.Name)).OfType<TableConstraintSyntax>()],
        };
    }

    private static MaintenanceStatement Maintenance(StreamSqlParser.MaintenanceStatementContext rule, TextPosition position) => new(
        rule.Start.Text.ToUpperInvariant(),
        [.. rule.maintained().Select(static m => (QualifiedName(m.qualifiedName()), Identifiers(m.identifier())))], position);

    private static CreateConnectorStatement CreateConnector(StreamSqlParser.CreateConnectorContext rule) => new(
        rule.kind.Type == StreamSqlLexer.SINK, Identifier(rule.name), rule.EXISTS() is not null, Properties(rule.withProperties()),
        SourceText.PositionOf(rule));

    private InsertStatement Insert(StreamSqlParser.InsertStatementContext rule) => new(
        QualifiedName(rule.name), Identifiers(rule.identifier()),
        rule.query() is { } query ? Inserted(With(rule.withClause()), Query(query)) : null,
        Properties(rule.withProperties()), SourceText.PositionOf(rule))
    {
        OnConflict = rule.onConflict() is { } conflict
            ? new OnConflict(Identifiers(conflict.identifier().Where(name => name != conflict.constraint)),
                Assignments(conflict.assignment()), Where(conflict.whereClause()), SourceText.PositionOf(conflict))
            {
                Constraint = conflict.constraint is null ? null : Identifier(conflict.constraint),
            }
            : null,
        Returning = Returning(rule.returning()),
    };

    /// <summary>The rows of an INSERT behind its own WITH, which VALUES are a query to.</summary>
    private static Query Inserted(WithClause with, Query query) => with.Tables.Count == 0 ? query
        : new Query(new NestedQuery(query), query.Position) { With = with };

    private List<Assignment> Assignments(IEnumerable<StreamSqlParser.AssignmentContext> rules) => [.. rules.SelectMany(Assignments)];

    private IEnumerable<Assignment> Assignments(StreamSqlParser.AssignmentContext rule)
    {
        var position = SourceText.PositionOf(rule);
        switch (rule)
        {
            case StreamSqlParser.ColumnAssignmentContext column:
                return [new Assignment(Identifier(column.identifier()), Optional(column.expression()), position)];
            case StreamSqlParser.RowAssignmentContext row when row.identifier().Length != row.valuesItem().Length:
                throw SyntaxErrors.At("number of columns does not match number of values", position);
            case StreamSqlParser.RowAssignmentContext row:
                return row.identifier().Zip(row.valuesItem(),
                    (column, item) => new Assignment(Identifier(column), Optional(item.rowItem()?.expression()), position));
            case StreamSqlParser.QueryAssignmentContext several:
                var columns = Identifiers(several.identifier());
                var query = new ScalarQueryExpression(Query(several.query()), position);
                return columns.Select((column, i) =>
                    new Assignment(column, new QueryColumnExpression(query, i, columns.Count, query.Query.Position), position));
            default:
                throw new InvalidOperationException($"unknown assignment syntax {rule.GetType().Name}");
        }
    }

    private IReadOnlyList<SelectItem> Returning(StreamSqlParser.ReturningContext? rule) =>
        rule is null ? [] : SelectItems(rule.selectItem());

    private UpdateStatement Update(StreamSqlParser.UpdateStatementContext rule) => new(
        QualifiedName(rule.name), rule.alias is null ? null : Identifier(rule.alias), Assignments(rule.assignment()),
        FromItems(rule.fromItem()),
        Where(rule.whereClause()), Returning(rule.returning()), SourceText.PositionOf(rule))
    {
        With = With(rule.withClause()),
    };

    private DeleteStatement Delete(StreamSqlParser.DeleteStatementContext rule) => new(
        QualifiedName(rule.name), rule.alias is null ? null : Identifier(rule.alias), FromItems(rule.fromItem()), Where(rule.whereClause()),
        Returning(rule.returning()), SourceText.PositionOf(rule))
    {
        With = With(rule.withClause()),
    };

    private ExplainStatement Explain(StreamSqlParser.ExplainContext rule)
    {
        var position = SourceText.PositionOf(rule);
        var options = new List<PropertySyntax>();
        if (rule.explainOptions() is { } written)
        {
            if (written.ANALYZE() is not null)
                options.Add(new PropertySyntax("ANALYZE", new BooleanLiteral(true, position), position));
            if (written.VERBOSE() is not null)
                options.Add(new PropertySyntax("VERBOSE", new BooleanLiteral(true, position), position));
            options.AddRange(written.explainOption().Select(o => new PropertySyntax(
                Identifier(o.columnLabel()).Name,
                o.propertyValue() is { } value ? PropertyValue(value) : new BooleanLiteral(true, position), SourceText.PositionOf(o))));
        }

        return new ExplainStatement(rule.explained() is { } target ? Explained(target) : null, OptionalName(rule.id), options, position);
    }

    private Statement Explained(StreamSqlParser.ExplainedContext rule)
    {
        Statement statement = rule.query() is { } query ? new QueryStatement(Query(query))
            : rule.insertStatement() is { } insert ? Insert(insert)
            : rule.updateStatement() is { } update ? Update(update)
            : rule.deleteStatement() is { } delete ? Delete(delete)
            : CreateSource(rule.createSource());
        return statement with { Text = SourceText.Slice(script, rule) };
    }

    private static ShowStatement Show(StreamSqlParser.ShowTargetContext rule, TextPosition position)
    {
        var target = rule.PROPERTIES() is not null ? ShowTarget.Properties
            : rule.TOPICS() is not null ? ShowTarget.Topics
            : rule.STREAMS() is not null ? ShowTarget.Streams
            : rule.TABLES() is not null ? ShowTarget.Tables
            : rule.QUERIES() is not null ? ShowTarget.Queries
            : rule.FUNCTIONS() is not null ? ShowTarget.Functions
            : rule.PLUGINS() is not null ? ShowTarget.ConnectorPlugins
            : rule.CONNECTORS() is not null ? rule.SOURCE() is not null ? ShowTarget.SourceConnectors
                : rule.SINK() is not null ? ShowTarget.SinkConnectors : ShowTarget.Connectors
            : rule.TYPES() is not null ? ShowTarget.Types
            : ShowTarget.Variables;
        return new ShowStatement(target, rule.EXTENDED() is not null, rule.ALL() is not null, position);
    }

    private static Statement Describe(StreamSqlParser.DescribeContext rule, TextPosition position)
    {
        if (rule.functionName() is { } function)
            return new DescribeFunctionStatement(FunctionName(function), position);
        if (rule.connector is not null)
            return new DescribeConnectorStatement(Identifier(rule.connector), position);
        return rule.name is null
            ? new DescribeAllStatement(KindOf(rule.STREAMS() is not null), rule.EXTENDED() is not null, position)
            : new DescribeSourceStatement(QualifiedName(rule.name), rule.EXTENDED() is not null, position);
    }

    private Statement Assert(StreamSqlParser.AssertStatementContext rule)
    {
        var position = SourceText.PositionOf(rule);
        switch (rule)
        {
            case StreamSqlParser.AssertValuesContext values:
                return new AssertValuesStatement(QualifiedName(values.name), Identifiers(values.identifier()),
                    Expressions(values.expression()), position);
            case StreamSqlParser.AssertTombstoneContext tombstone:
                return new AssertTombstoneStatement(QualifiedName(tombstone.name), Identifiers(tombstone.identifier()),
                    Expressions(tombstone.expression()), position);
            case StreamSqlParser.AssertSourceContext source:
                return new AssertSourceStatement(
                    KindOf(source.kind.Type == StreamSqlLexer.STREAM), QualifiedName(source.name), Columns(source.tableElements()),
                    Properties(source.withProperties()), position);
            case StreamSqlParser.AssertTopicContext topic:
                return new AssertTopicStatement(
                    Topic(topic.topic), topic.NOT() is null, Properties(topic.withProperties()),
                    topic.duration() is { } timeout ? Duration(timeout) : null, position);
            case StreamSqlParser.AssertSchemaContext schema:
                return new AssertSchemaStatement(
                    schema.subject is null ? null : Topic(schema.subject), schema.id is null ? null : Small(schema.id),
                    schema.NOT() is null,
                    schema.duration() is { } limit ? Duration(limit) : null, position);
            default:
                throw new InvalidOperationException($"unknown assertion syntax {rule.GetType().Name}");
        }
    }
}
