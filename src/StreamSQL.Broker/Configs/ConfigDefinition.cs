using System.Globalization;

namespace StreamSQL.Broker.Configs;

/// <summary>A broker config whose value a topic or a group inherits.</summary>
/// <param name="Name">The broker config.</param>
/// <param name="Factor">What turns its unit into that of the heir.</param>
public readonly record struct ConfigSynonym(string Name, long Factor = 1);

/// <summary>A config: its type, its default, and what it accepts.</summary>
/// <param name="Name">Kafka's name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Default">The default as text; null when there is none.</param>
/// <param name="Documentation">What it is for.</param>
public sealed record ConfigDefinition(string Name, ConfigType Type, string? Default, string Documentation)
{
    /// <summary>How a broker config can be changed.</summary>
    public ConfigUpdate Update { get; init; }

    /// <summary>The least number.</summary>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>The largest number.</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>A number between the two that is refused all the same; null when none is.</summary>
    public double? Hole { get; init; }

    /// <summary>The words accepted; null when all are.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>Whether the words are accepted in upper and lower case.</summary>
    public bool IgnoresCase { get; init; }

    /// <summary>Accepts what is none of the words; null when nothing else is.</summary>
    public Func<string, bool>? AcceptsOther { get; init; }

    /// <summary>Whether it is told only where it was set.</summary>
    public bool IsInternal { get; init; }

    /// <summary>The broker configs that it inherits from, the first that is set before the others.</summary>
    public IReadOnlyList<ConfigSynonym> Synonyms { get; init; } = [];

    /// <summary>Whether the value is never shown.</summary>
    public bool IsSensitive => Type == ConfigType.Password;

    /// <summary>The value in its usual form; null when it is not of the type or out of bounds.</summary>
    public string? Normalize(string value)
    {
        string text = value.Trim();
        bool isAccepted = Type switch
        {
            ConfigType.Boolean => bool.TryParse(text, out _),
            ConfigType.Short => IsInteger(text, short.MinValue, short.MaxValue),
            ConfigType.Int => IsInteger(text, int.MinValue, int.MaxValue),
            ConfigType.Long => IsInteger(text, long.MinValue, long.MaxValue),
            ConfigType.Double => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double d) && IsInside(d),
            ConfigType.List => ListOf(text).All(IsWord),
            _ => IsWord(text),
        };
        if (!isAccepted)
            return null;
        return Type switch
        {
            ConfigType.Boolean => text.ToLowerInvariant(),
            ConfigType.List => string.Join(',', ListOf(text)),
            _ => text,
        };
    }

    /// <summary>The words of a list.</summary>
    public static IReadOnlyList<string> ListOf(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private bool IsInteger(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
        && number >= least && number <= most && IsInside(number);

    private bool IsInside(double number) => number >= Minimum && number <= Maximum && number != Hole;

    private bool IsWord(string text) =>
        Words is null || Words.Contains(text, IgnoresCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal)
        || AcceptsOther?.Invoke(text) == true;
}
