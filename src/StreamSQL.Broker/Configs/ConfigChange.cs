using StreamSQL.Kafka;

namespace StreamSQL.Broker.Configs;

/// <summary>What becomes of a config, by the numbers of IncrementalAlterConfigs.</summary>
internal enum ConfigOperation : sbyte
{
    /// <summary>It gets a value.</summary>
    Set = 0,

    /// <summary>It gets its default.</summary>
    Delete = 1,

    /// <summary>Words are added to its list.</summary>
    Append = 2,

    /// <summary>Words are taken from its list.</summary>
    Subtract = 3,
}

/// <summary>A change of a config.</summary>
internal readonly record struct ConfigChange(string Name, ConfigOperation Operation, string? Value)
{
    /// <summary>Makes new values from old ones.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="values">What was set before.</param>
    /// <param name="definitions">The configs there are.</param>
    /// <param name="inherited">The value of a config that is not set, to which words can be added.</param>
    /// <param name="refusal">The error code for unknown configs and values that are not accepted.</param>
    /// <exception cref="KafkaException">
    /// <paramref name="refusal"/>; <see cref="ErrorCode.InvalidRequest"/> without a value, and for a config named twice.
    /// </exception>
    public static Dictionary<string, string> Apply(
        IReadOnlyList<ConfigChange> changes, IReadOnlyDictionary<string, string> values,
        IReadOnlyDictionary<string, ConfigDefinition> definitions, Func<ConfigDefinition, string?> inherited, ErrorCode refusal)
    {
        if (changes.DistinctBy(c => c.Name).Count() != changes.Count)
            throw new KafkaException(ErrorCode.InvalidRequest, "A config is named twice.");
        var changed = new Dictionary<string, string>(values);
        foreach (ConfigChange change in changes)
        {
            if (!definitions.TryGetValue(change.Name, out ConfigDefinition? definition))
                throw new KafkaException(refusal, $"Unknown config '{change.Name}'.");
            if (change.Operation == ConfigOperation.Delete)
                changed.Remove(change.Name);
            else
                changed[change.Name] = change.ValueFrom(definition,
                    changed.GetValueOrDefault(change.Name) ?? inherited(definition), refusal);
        }
        return changed;
    }

    private string ValueFrom(ConfigDefinition definition, string? before, ErrorCode refusal)
    {
        if (Value is null)
            throw new KafkaException(ErrorCode.InvalidRequest, $"Config '{Name}' has no value.");
        if (Operation is not (ConfigOperation.Set or ConfigOperation.Append or ConfigOperation.Subtract))
            throw new KafkaException(ErrorCode.InvalidRequest, $"Unknown operation {(sbyte)Operation} on config '{Name}'.");
        if (Operation != ConfigOperation.Set && definition.Type != ConfigType.List)
            throw new KafkaException(ErrorCode.InvalidConfig, $"Nothing can be added to or taken from config '{Name}': it is not a list.");
        string value = Operation switch
        {
            ConfigOperation.Append => string.Join(',', ConfigDefinition.ListOf(before ?? "").Union(ConfigDefinition.ListOf(Value))),
            ConfigOperation.Subtract => string.Join(',', ConfigDefinition.ListOf(before ?? "").Except(ConfigDefinition.ListOf(Value))),
            _ => Value,
        };
        return definition.Normalize(value) ?? throw new KafkaException(refusal, $"Invalid value '{value}' for config '{Name}'.");
    }
}
