using StreamSQL.Sql.Plans;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>What a WINDOW clause must keep to.</summary>
internal static class WindowChecks
{
    public static WindowSpec Check(WindowSyntax syntax, PlanSchema input)
    {
        var (window, position) = (syntax.Spec, syntax.Position);
        if (input.Kind == RelationKind.Table)
            throw BindingErrors.NotSupported("WINDOW clause not supported on tables", position,
                "Window the stream that the table is made from.");
        if (input.Window is not null)
            throw BindingErrors.NotSupported("a windowed source cannot be windowed again", position);
        if (window.SizeMs <= 0)
            throw BindingErrors.Invalid("the window's size must be greater than 0", position);
        if (window.AdvanceMs <= 0 || window.AdvanceMs > window.SizeMs)
            throw BindingErrors.Invalid("ADVANCE BY must be greater than 0 and at most SIZE", position);
        // Windows per row are bounded, since every one of them is stored.
        if (window.SizeMs / window.AdvanceMs > 10_000)
            throw BindingErrors.Invalid("a row would fall into more than 10000 windows", position, "Choose a longer ADVANCE BY.");
        if (window.RetentionMs is { } retention && retention < window.SizeMs + (window.GraceMs ?? 0))
            throw BindingErrors.Invalid("RETENTION must not be shorter than the window's size and grace period together", position);
        return window;
    }
}
