using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Postgres.Types;

/// <summary>What a session sets about how values look.</summary>
/// <param name="Forms">How dates, times and intervals are written and read.</param>
/// <param name="ObjectNames">The name behind an object identifier of a reg... type; null when there is none.</param>
internal sealed record TextSettings(DateForms Forms, Func<SqlTypeKind, uint, string?> ObjectNames)
{
    /// <summary>The object identifier behind a name that stands for a reg... type; null when there is none.</summary>
    public Func<SqlTypeKind, string, uint?> ObjectIds { get; init; } = static (_, _) => null;

    /// <summary>ISO in UTC, no names.</summary>
    public static TextSettings Default { get; } = new(DateForms.Utc, static (_, _) => null);
}
