using StreamSQL.Data.Errors;
using StreamSQL.Data.Types;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Syntax;
using StreamSQL.Sql.Text;

namespace StreamSQL.Sql.Binding;

/// <summary>The columns of a new table whose default is a sequence of their own: SERIAL, and GENERATED ... AS IDENTITY.</summary>
internal sealed class CountedColumns(PlanningContext context)
{
    private readonly List<SequenceDefinition> _sequences = [];

    /// <summary>The sequences that go with the table.</summary>
    public IReadOnlyList<SequenceDefinition> Sequences => _sequences;

    /// <summary>The type that SERIAL and its like stand for; null for all others.</summary>
    public NamedTypeSyntax? TypeOf(ColumnElement element)
    {
        if (BindingContext.IsCompatibleUnder(context.Properties)
            || element.Type is not NamedTypeSyntax { Name: { IsQualified: false } name } type)
            return null;
        var meant = name.Last.Name switch
        {
            "SERIAL" or "SERIAL4" => "INTEGER",
            "BIGSERIAL" or "SERIAL8" => "BIGINT",
            _ => null,
        };
        return meant is null ? null : type with { Name = new QualifiedName([new Identifier(meant, false, type.Position)], type.Position) };
    }

    /// <summary>The column with its default, for which a sequence is made.</summary>
    /// <exception cref="SqlException">22023: it cannot be counted; 42601: it has a default, too.</exception>
    public SourceColumn Count(string table, SourceColumn column, ColumnElement element)
    {
        if (element.Default is { } other)
            throw BindingErrors.Syntax($"multiple default values specified for column \"{DisplayName.Of(column.Name)}\"", other.Position);
        var type = column.Type.Kind switch
        {
            SqlTypeKind.Integer => "integer",
            SqlTypeKind.BigInt => "bigint",
            _ => throw BindingErrors.Invalid("identity column type must be smallint, integer, or bigint", element.Position),
        };
        var name = SequencePlanner.NameFor(table, column.Name, context.Catalog, _sequences);
        _sequences.Add(SequencePlanner.Of(name, type, element.Identity?.Options ?? []) with { OwnerTable = table,
            OwnerColumn = column.Name });
        var shown = DisplayName.Of(name);
        var quoted = shown.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') && !char.IsAsciiDigit(shown[0])
            ? shown
            : $"\"{shown.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        return column with
        {
            Default = $"nextval('{quoted.Replace("'", "''", StringComparison.Ordinal)}'::regclass)",
            IsNotNull = true,
            IsAlwaysGenerated = element.Identity is { IsAlways: true },
        };
    }
}
