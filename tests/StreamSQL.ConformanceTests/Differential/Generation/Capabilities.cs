namespace StreamSQL.ConformanceTests.Differential.Generation;

/// <summary>Parts of SQL that not every version of StreamSQL has.</summary>
internal enum Feature
{
    FullJoinUsing,
    OrderInAggregates,
    QuantifiedQueries,
    WindowFunctions,
    WindowFrames,
    GroupingSets,
    RecursiveTables,
    SearchAndCycle,
    Lateral,
    Series,
    Json,
    BooleanAggregates,
    DeviationAggregates,
}

/// <summary>
/// What the StreamSQL server has: each feature and each template marked as perhaps missing is tried once, in its simplest form, and left
/// out and told when it is refused. What is not marked is always generated, so that nothing that works today can go away unnoticed.
/// </summary>
internal sealed class Capabilities
{
    private static readonly (Feature Feature, string Probe)[] Probes =
    [
        (Feature.FullJoinUsing, "SELECT * FROM (SELECT 1 AS a) x FULL JOIN (SELECT 1 AS a) y USING (a)"),
        (Feature.OrderInAggregates, "SELECT array_agg(a ORDER BY a), string_agg(a::text, ',' ORDER BY a) FROM (SELECT 1 AS a) x"),
        (Feature.QuantifiedQueries, "SELECT 1 > ANY (SELECT 1), 1 < ALL (SELECT 1), 1 <> ALL (SELECT 2)"),
        (Feature.WindowFunctions, "SELECT row_number() OVER (PARTITION BY a ORDER BY a), sum(a) OVER (ORDER BY a) FROM (SELECT 1 AS a) x"),
        (Feature.WindowFrames,
            "SELECT count(*) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM (SELECT 1 AS a) x"),
        (Feature.GroupingSets,
            "SELECT a, grouping(a), count(*) FROM (SELECT 1 AS a, 2 AS b) x GROUP BY GROUPING SETS ((a), ()), ROLLUP (a, b), CUBE (b)"),
        (Feature.RecursiveTables, "WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r WHERE a < 3) SELECT * FROM r"),
        (Feature.SearchAndCycle, "WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r WHERE a < 3) SEARCH DEPTH FIRST BY a " +
            "SET o CYCLE a SET c USING p SELECT o, p FROM r"),
        (Feature.Lateral, "SELECT * FROM (SELECT 1 AS a) x CROSS JOIN LATERAL (SELECT x.a + 1 AS b) y"),
        (Feature.Series, "SELECT * FROM generate_series(1, 3) AS g (n)"),
        (Feature.BooleanAggregates, "SELECT bool_and(a), bool_or(a), every(a) FROM (SELECT true AS a) x"),
        (Feature.DeviationAggregates, "SELECT stddev(a), stddev_pop(a), variance(a), var_samp(a), var_pop(a) FROM (SELECT 1 AS a) x"),
        (Feature.Json, "SELECT '{\"a\": [1]}'::jsonb -> 'a' ->> 0"),
    ];

    private readonly HashSet<Feature> _missingFeatures = [];
    private readonly HashSet<Template> _missingTemplates = [];

    private Capabilities()
    {
    }

    /// <summary>What was left out, as text.</summary>
    public IReadOnlyList<string> Missing =>
        [.. _missingFeatures.Select(static feature => feature.ToString()),
            .. _missingTemplates.Select(static template => string.Concat(template.Pieces))];

    /// <summary>Tries what is marked.</summary>
    public static async Task<Capabilities> DetectAsync(Subject subject)
    {
        var found = new Capabilities();
        foreach (var (feature, probe) in Probes)
        {
            if ((await subject.QueryAsync(new(probe, []), text: true)).SqlState is not null)
                found._missingFeatures.Add(feature);
        }

        foreach (var template in Template.All.SelectMany(static templates => templates).Where(static template => template.MayBeMissing))
        {
            if ((await subject.QueryAsync(new($"SELECT {template.SimplestText()}", []), text: true)).SqlState is not null)
                found._missingTemplates.Add(template);
        }

        return found;
    }

    public bool Has(Feature feature) => !_missingFeatures.Contains(feature);

    public bool Has(Template template) => !_missingTemplates.Contains(template);
}
