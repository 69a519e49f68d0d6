using System.Text;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Postgres.Types;

/// <summary>What a session sets about how values look.</summary>
/// <param name="Zone">The zone that timestamps are shown in, and that one without a zone is read in.</param>
/// <param name="ObjectNames">The name behind an object identifier of a reg... type; null when there is none.</param>
internal sealed record TextSettings(TimeZoneInfo Zone, Func<SqlTypeKind, uint, string?> ObjectNames)
{
    /// <summary>The object identifier behind a name that stands for a reg... type; null when there is none.</summary>
    public Func<SqlTypeKind, string, uint?> ObjectIds { get; init; } = static (_, _) => null;

    /// <summary>UTC, no names.</summary>
    public static TextSettings Default { get; } = new(TimeZoneInfo.Utc, static (_, _) => null);

    /// <summary>The zone of a TimeZone setting; UTC when the name is not known here.</summary>
    public static TimeZoneInfo FindZone(string name) => TimeZoneNames.TryFind(Encoding.UTF8.GetBytes(name), out var zone) ? zone : TimeZoneInfo.Utc;
}
