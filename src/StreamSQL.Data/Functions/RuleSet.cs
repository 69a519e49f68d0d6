namespace StreamSQL.Data.Functions;

/// <summary>
/// Whose rules decide where ksqlDB and PostgreSQL differ (NULL comparison, division by zero, bad casts, result types, rounding).
/// </summary>
public enum RuleSet : byte
{
    /// <summary>Persistent and push queries, and everything under <c>ksql.compat</c>.</summary>
    Ksql,

    /// <summary>Bounded SELECT.</summary>
    Postgres,
}
