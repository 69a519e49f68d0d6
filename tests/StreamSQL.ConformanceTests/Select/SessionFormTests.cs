using StreamSQL.ConformanceTests.Support;

namespace StreamSQL.ConformanceTests.Select;

/// <summary>
/// What a session sets about dates reaches all texts that SQL makes of them, and all that it reads; the answers are PostgreSQL 15's.
/// </summary>
public sealed class SessionFormTests
{
    private static readonly (string Settings, string Query, string[] Rows)[] Cases =
    [
        ("SET DateStyle = 'SQL, DMY'", "SELECT DATE '2024-03-04'::text || ' ' || TIMESTAMP '2024-03-04 05:06:07.5'::text",
            ["04/03/2024 04/03/2024 05:06:07.5"]),
        ("SET DateStyle = 'SQL, DMY'", "SELECT EXTRACT(month FROM '03/04/2024'::date)", ["4"]),
        ("SET DateStyle = 'ISO, DMY'", "SELECT ('13/12/2024'::date)::text", ["2024-12-13"]),
        ("SET DateStyle = 'German'", "SELECT ARRAY[DATE '2024-03-04']::text", ["{04.03.2024}"]),
        ("SET DateStyle = 'Postgres, MDY'", "SELECT ROW(TIMESTAMP '2024-03-04 05:06:07', DATE '2024-03-04')::text",
            ["(\"Mon Mar 04 05:06:07 2024\",03-04-2024)"]),
        ("SET DateStyle = 'Postgres, MDY'", "SELECT to_json(DATE '2024-03-04')", ["\"2024-03-04\""]),
        ("SET DateStyle = 'Postgres, MDY'", "SELECT concat(d, ' ', i) FROM (VALUES (DATE '2024-03-04', INTERVAL '1 day')) AS t(d, i)",
            ["03-04-2024 1 day"]),
        ("SET IntervalStyle = 'iso_8601'",
            "SELECT (INTERVAL '1 year 2 days')::text, ARRAY[INTERVAL '1 day']::text, to_json(i) FROM (VALUES (INTERVAL '90 min')) AS t(i)",
            ["P1Y2D|{P1D}|\"PT1H30M\""]),
        ("SET TimeZone = 'Europe/Berlin'", "SELECT generate_series(TIMESTAMPTZ '2024-03-30 12:00', '2024-04-01 12:00', '1 day')::text",
            ["2024-03-30 12:00:00+01", "2024-03-31 12:00:00+02", "2024-04-01 12:00:00+02"]),
        ("SET TimeZone = 'Europe/Berlin'", "SELECT count(*) FROM generate_series(TIMESTAMPTZ '2024-01-31', '2024-12-31', '1 month')",
            ["12"]),
        ("SET TimeZone = 'Europe/Berlin'", "SELECT ARRAY[t]::text, to_json(t) FROM (VALUES (TIMESTAMPTZ '2024-07-01 12:00')) AS v(t)",
            ["{\"2024-07-01 12:00:00+02\"}|\"2024-07-01T12:00:00+02:00\""]),
    ];

    [Fact]
    public async Task Texts_have_the_sessions_forms()
    {
        await using var engine = await TestEngine.StartAsync();
        foreach (var (settings, query, rows) in Cases)
        {
            await engine.ExecuteAsync(settings);
            string.Join('\n', await engine.QueryAsync(query)).ShouldBe(string.Join('\n', rows), query);
            await engine.ExecuteAsync("RESET ALL");
        }
    }
}
