using StreamSQL.Data.Errors;
using StreamSQL.Data.Functions;
using StreamSQL.Data.Types;

namespace StreamSQL.Sql.Binding;

/// <summary>The type that several values turn into: branches of CASE, elements of an array, rows of VALUES, sides of UNION.</summary>
internal static class CommonTypes
{
    /// <summary>The common type; text when nothing is known of any.</summary>
    /// <exception cref="SqlException">42804: there is none.</exception>
    public static SqlType Of(IEnumerable<SqlType> types, BindingContext context, string what, TextPosition position)
    {
        var common = SqlType.Unknown;
        foreach (var type in types)
        {
            // Two unknowns have text in common, which would keep a later number out.
            if (type.Kind == SqlTypeKind.Unknown && common.Kind == SqlTypeKind.Unknown)
                continue;
            common = TypeCoercion.CommonType(common, type, context.Rules)
                ?? throw BindingErrors.Mismatch(
                    $"{what} types {BindingErrors.Name(common)} and {BindingErrors.Name(type)} cannot be matched", position);
        }

        return common.Kind == SqlTypeKind.Unknown ? SqlType.Varchar : common;
    }
}
