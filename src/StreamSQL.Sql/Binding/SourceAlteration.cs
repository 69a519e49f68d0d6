using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// Plans ALTER STREAM and ALTER TABLE. The records in the topic stay as they are: a column that is renamed keeps its name there,
/// one that is dropped is not read any more. Queries that run go on with the columns that they were made with.
/// </summary>
public sealed class SourceAlteration
{
    private readonly PlanningContext _planning;
    private readonly AlterSourceStatement _alter;
    private SourceDefinition _source;

    private SourceAlteration(AlterSourceStatement alter, PlanningContext planning, SourceDefinition source)
    {
        _alter = alter;
        _planning = planning;
        _source = source;
    }

    /// <summary>What the stream or table is afterwards; itself where nothing changes.</summary>
    /// <exception cref="SqlException">There is no such source, or it cannot be altered so.</exception>
    public static SourceDefinition Plan(AlterSourceStatement alter, PlanningContext planning)
    {
        var before = Find(alter, planning.Catalog);
        var alteration = new SourceAlteration(alter, planning, before);
        foreach (var change in alter.Alterations)
            alteration.Apply(change);
        return alteration._source == before
            ? before : alteration._source with { Statement = $"{before.Statement};\n{alter.Text}" };
    }

    private static SourceDefinition Find(AlterSourceStatement alter, CatalogImage catalog)
    {
        var name = alter.Name.Last;
        var source = catalog.Sources.GetValueOrDefault(name.Name) ?? throw new SqlException(
            PostgresErrorCodes.UndefinedTable, $"Source {name.Name} does not exist.",
            BindingErrors.DidYouMean(name.Name, catalog.Sources.Keys), name.Position);
        if (!source.IsOf(alter.Kind))
            throw new SqlException(PostgresErrorCodes.WrongObjectType,
                $"Incompatible data source type is {Kind(source.Kind)}, but statement was ALTER {Kind(alter.Kind)}",
                position: name.Position);
        if (alter.Alterations.All(static change => change is LayoutChange))
            return source;
        if (source.QueryId is not null)
            throw BindingErrors.NotSupported("ALTER command is not supported for CREATE ... AS statements.", alter.Position,
                "Use CREATE OR REPLACE.");
        return !source.IsReadOnly ? source : throw BindingErrors.NotSupported(
            $"Cannot alter {Kind(source.Kind).ToLowerInvariant()} '{source.Name}': ALTER operations are " +
                $"not supported on source {Kind(source.Kind).ToLowerInvariant()}s.", alter.Position);
    }

    private static string Kind(RelationKind kind) => kind == RelationKind.Stream ? "STREAM" : "TABLE";

    private void Apply(Alteration change)
    {
        switch (change)
        {
            case AddedColumn added:
                Add(added);
                break;
            case DefaultChange other:
                Change(other.Column, column => ColumnDefaults.Set(column, other.Default, _planning));
                break;
            case NotNullChange nullability:
                Change(nullability.Column, column => Nullable(column, nullability));
                break;
            case TypeChange type:
                Change(type.Column, column => Typed(column, type));
                break;
            case RenamedColumn rename:
                Rename(rename);
                break;
            case DroppedColumn drop:
                Drop(drop);
                break;
            case RenamedSource rename:
                Rename(rename);
                break;
            case AddedPrimaryKey key:
                RefuseKey(key);
                break;
            case AddedConstraint added:
                _source = new ConstraintPlanner(_planning).Add(_source, [added.Constraint]);
                break;
            case DroppedConstraint drop:
                Drop(drop);
                break;
            case RenamedConstraint rename:
                Rename(rename);
                break;
        }
    }

    private void Add(AddedColumn change)
    {
        var added = change.Column with { Type = StoredTypes.Of(change.Column.Type, _planning) };
        if (_source.Columns.Any(column => column.Name == added.Name.Name))
        {
            if (change.IfNotExists)
                return;
            throw new SqlException(
                PostgresErrorCodes.DuplicateColumn,
                $"Cannot add column `{added.Name.Name}` to schema. A column with the same name already exists.",
                position: added.Position);
        }

        if (added.Constraint != ColumnConstraint.None || added.Identity is not null)
            throw BindingErrors.NotSupported("a key, header or identity column cannot be added", added.Position,
                "Create a table with it, and copy the rows with INSERT INTO ... SELECT.");
        var column = SourcePlanner.Column(_source.Kind, added with { Constraint = ColumnConstraint.None }, _planning.Catalog.Types) with
        {
            MaxLength = StoredTypes.MaxLength(change.Column.Type), StoredName = FreeName(added.Name.Name),
        };
        if (added.Default is not null)
            column = ColumnDefaults.Set(column, added.Default, _planning);
        _source = _source with { Columns = [.. _source.Columns, column] };
        var constraints = new ConstraintPlanner(_planning);
        _source = constraints.Add(_source, [.. change.Constraints, .. constraints.OfEnumerations([change.Column])]);
    }

    // A name under which no record holds anything yet; null for the column's own.
    private string? FreeName(string name)
    {
        var taken = _source.Columns.Select(static column => column.StoredName ?? column.Name).Concat(_source.FormerNames ?? [])
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var free = name;
        for (var i = 1; taken.Contains(free); i++)
            free = $"{name}_{i.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
        return free == name ? null : free;
    }

    private void Change(Identifier name, Func<SourceColumn, SourceColumn> change)
    {
        var columns = _source.Columns.ToArray();
        var place = Place(name);
        var changed = change(columns[place]);
        if (changed == columns[place])
            return;
        columns[place] = changed;
        _source = _source with { Columns = columns };
    }

    private int Place(Identifier name)
    {
        for (var i = 0; i < _source.Columns.Count; i++)
        {
            if (_source.Columns[i].Name == name.Name)
                return i;
        }

        var found = Scope.Match([.. _source.Columns.Index()], name, RuleSet.Postgres, static column => column.Item.Name);
        return found.Count == 1 ? found[0].Index : throw new SqlException(
            PostgresErrorCodes.UndefinedColumn, $"column \"{name.Text}\" of relation \"{DisplayName.Of(_source.Name)}\" does not exist",
            BindingErrors.DidYouMean(name.Name, _source.Columns.Select(static column => column.Name)), name.Position);
    }

    private SourceColumn Nullable(SourceColumn column, NotNullChange change) =>
        !change.IsNotNull && _source.Kind == RelationKind.Table && column.IsKey
            ? throw new SqlException(PostgresErrorCodes.InvalidTableDefinition, $"column \"{change.Column.Text}\" is in a primary key",
                position: change.Position)
            : column with { IsNotNull = change.IsNotNull };

    // JSON holds numbers that a wider type reads as well, and text of any length.
    private SourceColumn Typed(SourceColumn column, TypeChange change)
    {
        RequireUnread(change.Position, "change the type of a column of");
        var type = TypeResolver.Resolve(StoredTypes.Of(change.Type, _planning), _planning.Catalog.Types);
        var isWider = (column.Type.Kind, type.Kind) is (SqlTypeKind.Integer, SqlTypeKind.BigInt)
            or (SqlTypeKind.Integer or SqlTypeKind.BigInt or SqlTypeKind.Decimal, SqlTypeKind.Double)
            || (column.Type.Kind == SqlTypeKind.Decimal && type.Kind == SqlTypeKind.Decimal && type.Scale >= column.Type.Scale
                && type.Precision - type.Scale >= column.Type.Precision - column.Type.Scale);
        if (!column.Type.Equals(type) && (!isWider || column.IsKey || _source.ValueFormat.Name != "JSON"))
        {
            throw BindingErrors.NotSupported(
                $"column {DisplayName.Of(column.Name)} of type {column.Type} cannot become {type}: the records stay as they are",
                change.Position, "Add a column of that type, UPDATE it from this one, drop this one and rename the other.");
        }

        return column with { Type = type, MaxLength = StoredTypes.MaxLength(change.Type) };
    }

    private void Rename(RenamedColumn change)
    {
        var place = Place(change.Column);
        RequireUnread(change.Position, "rename a column of");
        RequireNamed(change.Position);
        if (_source.Columns.Any(column => column.Name == change.To.Name))
        {
            throw new SqlException(
                PostgresErrorCodes.DuplicateColumn,
                $"column \"{change.To.Text}\" of relation \"{DisplayName.Of(_source.Name)}\" already exists", position: change.To.Position);
        }

        var before = _source.Columns[place];
        RequireNoCheck(before, change.Position);
        var columns = _source.Columns.ToArray();
        var stored = before.StoredName ?? before.Name;
        columns[place] = before with { Name = change.To.Name, StoredName = stored == change.To.Name ? null : stored };
        string Renamed(string name) => name == before.Name ? change.To.Name : name;
        _source = _source with
        {
            Columns = columns,
            TimestampColumn = _source.TimestampColumn is { } time ? Renamed(time) : null,
            Constraints = _source.Constraints is { } all
                ? all with
                {
                    Unique = [.. all.Unique.Select(unique => unique with { Columns = [.. unique.Columns.Select(Renamed)] })],
                    ForeignKeys = [.. all.ForeignKeys.Select(key => key with { Columns = [.. key.Columns.Select(Renamed)] })],
                }
                : null,
        };
    }

    private void Drop(DroppedColumn change)
    {
        if (change.IfExists && !_source.Columns.Any(column => column.Name == change.Column.Name))
            return;
        var column = _source.Columns[Place(change.Column)];
        RequireUnread(change.Position, "drop a column of");
        RequireNamed(change.Position);
        if (column.IsKey || column.Header is not null || column.Name == _source.TimestampColumn)
        {
            throw BindingErrors.NotSupported(
                $"column {DisplayName.Of(column.Name)} cannot be dropped: it is part of the key, a header or the time of the rows",
                change.Position, "Create a table without it, and copy the rows with INSERT INTO ... SELECT.");
        }

        _source = _source with
        {
            Columns = [.. _source.Columns.Where(other => other.Name != column.Name)],
            FormerNames = [.. _source.FormerNames ?? [], column.StoredName ?? column.Name],
            Constraints = _source.Constraints is { } all
                ? all with
                {
                    Checks = [.. all.Checks.Where(check => !check.Columns.Contains(column.Name))],
                    Unique = [.. all.Unique.Where(unique => !unique.Columns.Contains(column.Name))],
                    ForeignKeys = [.. all.ForeignKeys.Where(key => !key.Columns.Contains(column.Name))],
                }
                : null,
        };
    }

    private void Rename(RenamedSource change)
    {
        RequireUnread(change.Position, "rename");
        var users = _planning.Catalog.Queries.Values.Where(query => query.Sources.Contains(_source.Name) || query.Sink == _source.Name)
            .Select(static query => query.Id).ToArray();
        if (users.Length > 0)
        {
            throw new SqlException(
                PostgresErrorCodes.DependentObjectsStillExist, $"cannot rename {DisplayName.Of(_source.Name)}: queries use it",
                $"Terminate them first: {string.Join(", ", users)}.", change.Position);
        }

        if (_planning.Catalog.IsRelation(change.To.Name))
        {
            throw new SqlException(PostgresErrorCodes.DuplicateTable, $"relation \"{change.To.Text}\" already exists",
                position: change.To.Position);
        }

        _source = _source with { Name = change.To.Name };
    }

    private void RefuseKey(AddedPrimaryKey key)
    {
        if (_source.Kind == RelationKind.Table)
        {
            throw new SqlException(
                PostgresErrorCodes.InvalidTableDefinition,
                $"multiple primary keys for table \"{DisplayName.Of(_source.Name)}\" are not allowed", position: key.Position);
        }

        throw BindingErrors.NotSupported(
            $"{DisplayName.Of(_source.Name)} was made without a primary key and cannot get one: its records have no keys", key.Position,
            "Create a table with PRIMARY KEY, copy the rows with INSERT INTO ... SELECT, drop this one and rename the other.");
    }

    private void Drop(DroppedConstraint change)
    {
        var name = DisplayName.Of(change.Name.Name);
        var all = _source.Constraints ?? TableConstraints.None;
        if (name == DisplayName.Of(_source.Name) + "_pkey" && _source.Kind == RelationKind.Table)
            throw BindingErrors.NotSupported("a primary key cannot be dropped: a table's rows are found by it", change.Position,
                "Create a table without it, and copy the rows with INSERT INTO ... SELECT.");
        if (!all.Names.Contains(name))
        {
            if (change.IfExists)
                return;
            throw UnknownConstraint(change.Name);
        }

        _source = _source with
        {
            Constraints = all with
            {
                Checks = [.. all.Checks.Where(check => check.Name != name)],
                Unique = [.. all.Unique.Where(unique => unique.Name != name)],
                ForeignKeys = [.. all.ForeignKeys.Where(key => key.Name != name)],
            },
        };
    }

    private void Rename(RenamedConstraint change)
    {
        var (from, to) = (DisplayName.Of(change.Name.Name), DisplayName.Of(change.To.Name));
        var all = _source.Constraints ?? TableConstraints.None;
        if (!all.Names.Contains(from))
            throw UnknownConstraint(change.Name);
        _source = _source with
        {
            Constraints = all with
            {
                Checks = [.. all.Checks.Select(check => check.Name == from ? check with { Name = to } : check)],
                Unique = [.. all.Unique.Select(unique => unique.Name == from ? unique with { Name = to } : unique)],
                ForeignKeys = [.. all.ForeignKeys.Select(key => key.Name == from ? key with { Name = to } : key)],
            },
        };
    }

    private SqlException UnknownConstraint(Identifier name) => new(
        PostgresErrorCodes.UndefinedObject,
        $"constraint \"{name.Text}\" of relation \"{DisplayName.Of(_source.Name)}\" does not exist", position: name.Position);

    // A view's text names what it reads.
    private void RequireUnread(TextPosition position, string what)
    {
        if (_planning.Catalog.ViewsOver(_source.Name) is { Count: > 0 } views)
        {
            throw new SqlException(
                PostgresErrorCodes.DependentObjectsStillExist,
                $"cannot {what} {DisplayName.Of(_source.Name)}: views read it ({string.Join(", ", views.Select(DisplayName.Of))})",
                "Drop the views, and create them again afterwards.", position);
        }
    }

    // Where a value's place or a registered schema says what it is, the columns of a record are what they are.
    private void RequireNamed(TextPosition position)
    {
        if (_source.ValueFormat.Name != "JSON" || _source.Columns.Any(static column => column.IsKey) && _source.KeyFormat.Name is not
            ("JSON" or "KAFKA"))
        {
            throw BindingErrors.NotSupported(
                $"columns of {DisplayName.Of(_source.Name)} cannot be renamed or dropped: its records are {_source.ValueFormat.Name}",
                position, "Only JSON names its fields one by one.");
        }
    }

    private void RequireNoCheck(SourceColumn column, TextPosition position)
    {
        if (_source.Constraints?.Checks.FirstOrDefault(check => check.Columns.Contains(column.Name)) is { } check)
        {
            throw new SqlException(
                PostgresErrorCodes.DependentObjectsStillExist, $"cannot rename a column that the constraint \"{check.Name}\" checks",
                $"ALTER TABLE {DisplayName.Of(_source.Name)} DROP CONSTRAINT {check.Name}; add it again with the new name.", position);
        }
    }
}
