namespace StreamSQL.Connect.Schemas;

/// <summary>Which of a subject's schemas a new one must be compatible with, and in which direction.</summary>
public enum CompatibilityLevel
{
    /// <summary>Anything may follow anything.</summary>
    None,

    /// <summary>The new schema reads what the last one wrote.</summary>
    Backward,

    /// <summary>The new schema reads what all earlier ones wrote.</summary>
    BackwardTransitive,

    /// <summary>The last schema reads what the new one writes.</summary>
    Forward,

    /// <summary>All earlier schemas read what the new one writes.</summary>
    ForwardTransitive,

    /// <summary>Both directions, with the last schema.</summary>
    Full,

    /// <summary>Both directions, with all earlier schemas.</summary>
    FullTransitive,
}

/// <summary>What may be done with a subject.</summary>
public enum RegistryMode
{
    /// <summary>Everything, but giving ids.</summary>
    ReadWrite,

    /// <summary>Reading only.</summary>
    ReadOnly,

    /// <summary>Reading only, for all subjects, whatever modes they have.</summary>
    ReadOnlyOverride,

    /// <summary>Registering schemas with ids and versions that the client gives; nothing is compared.</summary>
    Import,
}

/// <summary>The words of the API for levels and modes.</summary>
public static class RegistryWords
{
    private static readonly Dictionary<string, CompatibilityLevel> s_levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["NONE"] = CompatibilityLevel.None,
        ["BACKWARD"] = CompatibilityLevel.Backward,
        ["BACKWARD_TRANSITIVE"] = CompatibilityLevel.BackwardTransitive,
        ["FORWARD"] = CompatibilityLevel.Forward,
        ["FORWARD_TRANSITIVE"] = CompatibilityLevel.ForwardTransitive,
        ["FULL"] = CompatibilityLevel.Full,
        ["FULL_TRANSITIVE"] = CompatibilityLevel.FullTransitive,
    };

    private static readonly Dictionary<string, RegistryMode> s_modes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["READWRITE"] = RegistryMode.ReadWrite,
        ["READONLY"] = RegistryMode.ReadOnly,
        ["READONLY_OVERRIDE"] = RegistryMode.ReadOnlyOverride,
        ["IMPORT"] = RegistryMode.Import,
    };

    /// <summary>A level's word.</summary>
    public static string Of(CompatibilityLevel level) => s_levels.First(pair => pair.Value == level).Key;

    /// <summary>A mode's word.</summary>
    public static string Of(RegistryMode mode) => s_modes.First(pair => pair.Value == mode).Key;

    /// <summary>The level of a word.</summary>
    /// <exception cref="RegistryException">42203.</exception>
    public static CompatibilityLevel Level(string? word) => word is not null && s_levels.TryGetValue(word, out var level)
        ? level
        : throw new RegistryException(
            RegistryException.InvalidCompatibilityLevel,
            $"Invalid compatibility level. Valid values are {string.Join(", ", s_levels.Keys)}");

    /// <summary>The mode of a word.</summary>
    /// <exception cref="RegistryException">42204.</exception>
    public static RegistryMode Mode(string? word) => word is not null && s_modes.TryGetValue(word, out var mode)
        ? mode
        : throw new RegistryException(RegistryException.InvalidMode, $"Invalid mode. Valid values are {string.Join(", ", s_modes.Keys)}");
}
