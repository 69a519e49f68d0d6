using StreamSQL.Data.Errors;
using StreamSQL.Data.Schemas;

namespace StreamSQL.Connect.Schemas;

/// <summary>Combines the seven levels from "who reads this can read that".</summary>
internal static class CompatibilityCheck
{
    /// <summary>Why a schema cannot follow the earlier ones; empty when it can.</summary>
    public static IReadOnlyList<string> Find(RegistryState state, CompatibilityLevel level, IReadOnlyList<StoredVersion> earlier,
        SchemaDefinition schema)
    {
        if (level == CompatibilityLevel.None || earlier.Count == 0)
            return [];
        var transitive = level is CompatibilityLevel.BackwardTransitive or CompatibilityLevel.ForwardTransitive
            or CompatibilityLevel.FullTransitive;
        var backward = level is not (CompatibilityLevel.Forward or CompatibilityLevel.ForwardTransitive);
        var forward = level is not (CompatibilityLevel.Backward or CompatibilityLevel.BackwardTransitive);
        var added = state.Resolve(schema);
        var reasons = new List<string>();
        foreach (var stored in transitive ? earlier.Reverse() : earlier.TakeLast(1))
        {
            if (stored.Schema.Type != schema.Type)
            {
                reasons.Add($"version {stored.Version} is of type {SchemaTypes.NameOf(stored.Schema.Type)}, the new schema of type " +
                    $"{SchemaTypes.NameOf(schema.Type)}");
                continue;
            }

            var old = state.Resolve(stored.Schema);
            if (backward)
                Add(reasons, stored, "the new schema cannot read data of", added, old);
            if (forward)
                Add(reasons, stored, "data of the new schema cannot be read by", old, added);
        }

        return reasons;
    }

    private static void Add(List<string> reasons, StoredVersion stored, string direction, ResolvedSchema reader, ResolvedSchema writer)
    {
        try
        {
            reasons.AddRange(SchemaFormats.Find(reader.Type)!.FindIncompatibilities(reader, writer)
                .Select(reason => $"{direction} version {stored.Version}: {reason}"));
        }
        catch (SqlException error)
        {
            reasons.Add($"{direction} version {stored.Version}: {error.Message}");
        }
    }
}
