using System.Globalization;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>A filter and a projection.</summary>
internal sealed class ProjectedShape() : StreamShape("projected")
{
    public override string Statements =>
        "CREATE STREAM projected WITH (KAFKA_TOPIC = 'projected') AS SELECT id, src, seq, v * 2 AS twice, UCASE(g) AS upper FROM late " +
            "WHERE v % 3 <> 0 EMIT CHANGES";

    public override string Query => "SELECT id, src, seq, twice, upper FROM projected";

    protected override IReadOnlyList<string> Columns => ["SRC", "SEQ", "TWICE", "UPPER"];

    protected override IEnumerable<ExpectedRow> Expected(RunResult run) => run.History.Of(InputTopic.Late).SelectMany(static rows => rows)
        .Where(static row => row.Value % 3 != 0)
        .Select(static row => new ExpectedRow(row.Source, row.Key,
            $"{row.Source}|{row.Number}|{row.Value * 2}|{row.Group.ToUpperInvariant()}"));
}

/// <summary>PARTITION BY: rows move to another partition.</summary>
internal sealed class RekeyedShape() : StreamShape("rekeyed")
{
    public override string Statements =>
        "CREATE STREAM rekeyed WITH (KAFKA_TOPIC = 'rekeyed') AS SELECT g, id, src, seq, v FROM late PARTITION BY g EMIT CHANGES";

    public override string Query => "SELECT g, id, src, seq, v FROM rekeyed";

    protected override IReadOnlyList<string> Columns => ["ID", "SRC", "SEQ", "V"];

    protected override IEnumerable<ExpectedRow> Expected(RunResult run) => run.History.Of(InputTopic.Late).SelectMany(static rows => rows)
        .Select(static row => new ExpectedRow(row.Source, row.Group, $"{row.Key}|{row.Source}|{row.Number}|{row.Value}"));
}

/// <summary>A table function: no, one or several rows for each.</summary>
internal sealed class ExplodedShape() : StreamShape("exploded")
{
    public override string Statements =>
        "CREATE STREAM exploded WITH (KAFKA_TOPIC = 'exploded') AS SELECT id, src, seq, EXPLODE(tags) AS tag FROM late EMIT CHANGES";

    public override string Query => "SELECT id, src, seq, tag FROM exploded";

    protected override IReadOnlyList<string> Columns => ["SRC", "SEQ", "TAG"];

    protected override IEnumerable<ExpectedRow> Expected(RunResult run) => run.History.Of(InputTopic.Late).SelectMany(static rows => rows)
        .SelectMany(static row => row.Tags.Select(tag => new ExpectedRow(
            row.Source, row.Key, string.Create(CultureInfo.InvariantCulture, $"{row.Source}|{row.Number}|{tag}"))));
}

/// <summary>INSERT INTO ... SELECT: two queries write one stream.</summary>
internal sealed class GatheredShape() : StreamShape("gathered")
{
    public override string Statements => """
        CREATE STREAM gathered WITH (KAFKA_TOPIC = 'gathered') AS SELECT id, src, seq, v FROM late EMIT CHANGES;
        INSERT INTO gathered SELECT id, src, seq, v FROM calm WHERE v >= 50 EMIT CHANGES
        """;

    public override string Query => "SELECT id, src, seq, v FROM gathered";

    protected override IReadOnlyList<string> Columns => ["SRC", "SEQ", "V"];

    protected override IEnumerable<ExpectedRow> Expected(RunResult run) => run.History.Of(InputTopic.Late).SelectMany(static rows => rows)
        .Concat(run.History.Of(InputTopic.Calm).SelectMany(static rows => rows).Where(static row => row.Value >= 50))
        .Select(static row => new ExpectedRow(row.Source, row.Key, $"{row.Source}|{row.Number}|{row.Value}"));
}
