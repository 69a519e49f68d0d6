using StreamSQL.Sql.Syntax;

namespace StreamSQL.Sql.Binding;

/// <summary>ASSERT TOPIC ... WITH (PARTITIONS = n, REPLICAS = n).</summary>
public static class TopicAssertion
{
    /// <summary>How a topic differs from what is expected of it; null when it does not.</summary>
    /// <exception cref="Data.Errors.SqlException">The statement is wrong.</exception>
    public static string? FindDifference(AssertTopicStatement assert, int partitions)
    {
        foreach (var property in assert.Properties)
        {
            int? actual = property.Name.ToUpperInvariant() switch
            {
                "PARTITIONS" => partitions,
                "REPLICAS" => 1,
                _ => throw BindingErrors.Syntax($"Cannot assert unknown topic property: {property.Name}", property.Position,
                    "There are PARTITIONS and REPLICAS."),
            };
            if (property.Value is not NumberLiteral number || !int.TryParse(number.Text, out var expected))
                throw BindingErrors.Invalid($"{property.Name} must be a whole number", property.Position);
            if (expected != actual)
                return $"Mismatched configuration for topic {assert.Topic}: For config {property.Name}, expected {expected} got {actual}";
        }

        return null;
    }
}
