using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>Partitions and configs of the topic behind a stream or table.</summary>
internal static class TopicSettings
{
    private const int MaxPartitions = 10_000;

    /// <summary>Partitions of a source's topic: those it has, or those it is to be created with.</summary>
    /// <exception cref="SqlException">42P01: there is no such topic and PARTITIONS is not given; 22023: it has another number.</exception>
    public static int Partitions(WithOptions options, string topic, int? existing, CreateSourceStatement create)
    {
        var wanted = Wanted(options);
        if (existing is null)
        {
            return wanted ?? throw new SqlException(
                PostgresErrorCodes.UndefinedTable,
                $"Topic '{topic}' does not exist. If you want to create a new topic for the " +
                    $"{create.Kind.ToString().ToLowerInvariant()} please re-run the statement providing the required 'PARTITIONS' " +
                    "configuration in the WITH clause.",
                $"Add PARTITIONS: CREATE {create.Kind.ToString().ToUpperInvariant()} {create.Name} (...) WITH (KAFKA_TOPIC='{topic}', " +
                    "PARTITIONS=4).", create.Position);
        }

        return wanted is null || wanted == existing
            ? existing.Value
            : throw BindingErrors.Invalid(
                $"Topic '{topic}' has {existing} partitions, not {wanted}", options.Position("PARTITIONS")!.Value,
                "Leave PARTITIONS out, or use another topic.");
    }

    /// <summary>PARTITIONS of the WITH clause.</summary>
    public static int? Wanted(WithOptions options)
    {
        if (options.Number("REPLICAS", 1, short.MaxValue) is > 1)
            throw BindingErrors.NotSupported("REPLICAS greater than 1 needs a cluster, which is not supported yet",
                options.Position("REPLICAS")!.Value);
        return (int?)options.Number("PARTITIONS", 1, MaxPartitions);
    }

    /// <summary>Configs of a new topic. A query's result does not expire unless it is told to: its records carry event time.</summary>
    public static IReadOnlyDictionary<string, string> Configs(WithOptions options, bool isTable)
    {
        var configs = new Dictionary<string, string>(StringComparer.Ordinal);
        if (options.Text("CLEANUP_POLICY") is { } policy)
        {
            var lower = policy.ToLowerInvariant();
            if (lower is not ("delete" or "compact" or "compact,delete" or "delete,compact"))
                throw BindingErrors.Invalid($"CLEANUP_POLICY must be delete, compact or compact,delete, not '{policy}'",
                    options.Position("CLEANUP_POLICY")!.Value);
            configs["cleanup.policy"] = lower;
        }
        else if (isTable)
        {
            configs["cleanup.policy"] = "compact";
        }

        configs["retention.ms"] = (options.Number("RETENTION_MS", -1, long.MaxValue)
            ?? -1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return configs;
    }
}
