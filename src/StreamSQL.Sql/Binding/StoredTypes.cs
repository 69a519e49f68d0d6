using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>
/// The types that columns have where PostgreSQL's users write some that records do not hold: SMALLINT
/// is kept as INTEGER, UUID, JSON and JSONB are kept as text.
/// </summary>
public static class StoredTypes
{
    /// <summary>The columns of a new stream or table that are kept as text, with the types that were written.</summary>
    public static IEnumerable<(Identifier Column, string Type)> AsText(CreateSourceStatement create,
        IReadOnlyDictionary<string, string> properties) =>
        BindingContext.IsCompatibleUnder(properties) ? [] : create.Elements
            .Where(static element =>
                element.Type is NamedTypeSyntax { Name: { IsQualified: false, Last.Name: "UUID" or "JSON" or "JSONB" } })
            .Select(static element => (element.Name, ((NamedTypeSyntax)element.Type).Name.Last.Name.ToLowerInvariant()));

    /// <summary>How many characters VARCHAR(n) or CHAR(n) may have; null for every other type, and where no number is given.</summary>
    internal static int? MaxLength(DataTypeSyntax written) =>
        written is NamedTypeSyntax { Name: { IsQualified: false, Last.Name: "VARCHAR" or "CHAR" or "BPCHAR" }, Arguments: [var length] }
            ? length : null;

    /// <summary>The type that is kept; the same object where it is the one that was written.</summary>
    internal static DataTypeSyntax Of(DataTypeSyntax written, PlanningContext context) =>
        BindingContext.IsCompatibleUnder(context.Properties) ? written : Of(written, context.Catalog.Types.ContainsKey);

    private static DataTypeSyntax Of(DataTypeSyntax written, Func<string, bool> isNamed)
    {
        if (written is ArrayTypeSyntax array)
            return Of(array.Element, isNamed) is var element
                && ReferenceEquals(element, array.Element) ? array : array with { Element = element };
        if (written is not NamedTypeSyntax { Name: { IsQualified: false } name } type || isNamed(name.Last.Name))
            return written;
        var kept = name.Last.Name switch
        {
            "SMALLINT" or "INT2" => "INTEGER",
            "UUID" or "JSON" or "JSONB" => "VARCHAR",
            _ => null,
        };
        return kept is null ? written : type with { Name = new QualifiedName([new Identifier(kept, false, type.Position)], type.Position) };
    }
}
