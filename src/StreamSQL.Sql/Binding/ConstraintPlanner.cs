using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// CHECK, UNIQUE and REFERENCES of CREATE TABLE and ALTER TABLE: resolves their columns and gives them PostgreSQL's names.
/// </summary>
internal sealed class ConstraintPlanner(PlanningContext planning)
{
    /// <summary>The source with the constraints added.</summary>
    /// <exception cref="SqlException">One names what is not there, or its name is taken.</exception>
    public SourceDefinition Add(SourceDefinition source, IReadOnlyList<TableConstraintSyntax> written)
    {
        var all = source.Constraints ?? TableConstraints.None;
        foreach (var constraint in written)
        {
            all = constraint switch
            {
                CheckSyntax check => all with { Checks = [.. all.Checks, Check(check, source, all)] },
                UniqueSyntax unique => all with { Unique = [.. all.Unique, Unique(unique, source, all)] },
                ForeignKeySyntax key => all with { ForeignKeys = [.. all.ForeignKeys, ForeignKey(key, source, all)] },
                _ => throw new InvalidOperationException($"unknown constraint {constraint.GetType().Name}"),
            };
        }

        return written.Count == 0 ? source : source with { Constraints = all };
    }

    /// <summary>The checks that columns of enumerations bring with them.</summary>
    public IEnumerable<TableConstraintSyntax> OfEnumerations(IEnumerable<ColumnElement> columns)
    {
        foreach (var column in columns)
        {
            if (column.Type is not NamedTypeSyntax { Name: { IsQualified: false } name }
                || !planning.Catalog.Labels.TryGetValue(name.Last.Name, out var labels))
                continue;
            var values = labels.Select(label => (Expression)new StringLiteral(label, column.Position)).ToArray();
            var reference = new ColumnReference(new QualifiedName([column.Name], column.Position));
            var texts = labels.Select(static label => $"'{label.Replace("'", "''", StringComparison.Ordinal)}'");
            yield return new CheckSyntax(
                null, column.Name, new InListExpression(reference, values, false, column.Position),
                $"{Quote(column.Name)} IN ({string.Join(", ", texts)})", column.Position);
        }
    }

    private static string Quote(Identifier name) => $"\"{name.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private CheckConstraint Check(CheckSyntax check, SourceDefinition source, TableConstraints others)
    {
        string[] columns = [.. TableChecks.ColumnsOf(check, source, planning).Order().Select(i => source.Columns[i].Name)];
        string[] named = check.Column is { } column ? [column.Name] : columns.Length == 1 ? columns : [];
        return new CheckConstraint(NameOf(check.Name, source, others, named, "check"), check.Text, columns);
    }

    private static UniqueConstraint Unique(UniqueSyntax unique, SourceDefinition source, TableConstraints others)
    {
        var columns = Resolve(unique.Columns, source);
        return new UniqueConstraint(NameOf(unique.Name, source, others, columns, "key"), columns);
    }

    private ForeignKeyConstraint ForeignKey(ForeignKeySyntax key, SourceDefinition source, TableConstraints others)
    {
        var columns = Resolve(key.Columns, source);
        var isSelf = key.Table.Last.Name == source.Name;
        var table = isSelf ? source : planning.Catalog.Sources.GetValueOrDefault(key.Table.Last.Name) ?? throw new SqlException(
            PostgresErrorCodes.UndefinedTable, $"relation \"{key.Table.Last.Text}\" does not exist",
            BindingErrors.DidYouMean(key.Table.Last.Name, planning.Catalog.Sources.Keys), key.Table.Position);
        var referenced = key.Referenced.Count > 0
            ? Resolve(key.Referenced, table) : [.. table.Columns.Where(static column => column.IsKey).Select(static column => column.Name)];
        if (referenced.Count == 0)
        {
            throw new SqlException(
                PostgresErrorCodes.UndefinedObject, $"there is no primary key for referenced table \"{DisplayName.Of(table.Name)}\"",
                position: key.Position);
        }

        if (referenced.Count != columns.Count)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidForeignKey, "number of referencing and referenced columns for foreign key disagree",
                position: key.Position);
        }

        return new ForeignKeyConstraint(
            NameOf(key.Name, source, others, columns, "fkey"), columns, table.Name, referenced, key.OnUpdate, key.OnDelete);
    }

    private static IReadOnlyList<string> Resolve(IReadOnlyList<Identifier> names, SourceDefinition source) =>
    [
        .. names.Select(name => Scope.Match([.. source.Columns], name, RuleSet.Postgres, static column => column.Name) is [var column]
            ? column.Name
            : throw new SqlException(
                PostgresErrorCodes.UndefinedColumn, $"column \"{name.Text}\" named in key does not exist",
                BindingErrors.DidYouMean(name.Name, source.Columns.Select(static column => column.Name)), name.Position)),
    ];

    /// <summary>The name that was given, or the one that PostgreSQL gives: table, columns, kind, a number where it is taken.</summary>
    private static string NameOf(
        Identifier? given, SourceDefinition source, TableConstraints others, IReadOnlyList<string> columns, string kind)
    {
        var taken = others.Names.Append(DisplayName.Of(source.Name) + "_pkey").ToHashSet(StringComparer.Ordinal);
        if (given is not null)
        {
            var name = DisplayName.Of(given.Name);
            return !taken.Contains(name) ? name : throw new SqlException(
                PostgresErrorCodes.DuplicateObject,
                $"constraint \"{name}\" for relation \"{DisplayName.Of(source.Name)}\" already exists", position: given.Position);
        }

        var stem = string.Join('_', columns.Prepend(source.Name).Select(DisplayName.Of).Append(kind));
        var free = stem;
        for (var i = 1; taken.Contains(free); i++)
            free = stem + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return free;
    }
}
