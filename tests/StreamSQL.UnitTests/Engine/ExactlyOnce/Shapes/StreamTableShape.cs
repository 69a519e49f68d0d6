using System.Globalization;

namespace StreamSQL.UnitTests.Engine.ExactlyOnce.Shapes;

/// <summary>
/// Rows of a stream look up rows of a table. Each comes once, in its order; what it finds is what its key had at some moment between its
/// being sent and now, and never older than what the row before it has found.
/// </summary>
internal sealed class StreamTableShape() : Shape("stream_table")
{
    public override string Statements => """
        CREATE STREAM stream_table WITH (KAFKA_TOPIC = 'stream_table') AS SELECT c.id AS id, c.src AS src, c.seq AS seq, p.seq AS pseq, p.v AS pv
            FROM calm c LEFT JOIN people p ON c.id = p.id EMIT CHANGES
        """;

    public override string Query => "SELECT id, src, seq FROM stream_table";

    public override IEnumerable<string> ExpectedRows(RunResult run) =>
        run.History.Of(InputTopic.Calm).SelectMany(static rows => rows).Select(static row => $"{row.Key}|{row.Source}|{row.Number}");

    public override IEnumerable<string> Check(RunResult run)
    {
        var log = run.Outputs[Name];
        for (var partition = 0; partition < log.Partitions.Count; partition++)
        {
            var rows = run.History.Of(InputTopic.Calm, partition);
            var people = run.History.Of(InputTopic.People, partition);
            var records = log.Partitions[partition];
            if (records.Count != rows.Count)
                yield return $"{Name} partition {partition}: {records.Count} rows of {rows.Count}";
            var table = new Dictionary<string, string?>();
            var known = 0;
            for (var i = 0; i < Math.Min(records.Count, rows.Count); i++)
            {
                var (record, row) = (records[i], rows[i]);
                if (record.Key != row.Key
                    || record.Row(["SRC", "SEQ"]) != string.Create(CultureInfo.InvariantCulture, $"{row.Source}|{row.Number}"))
                {
                    yield return $"{Name} partition {partition}, offset {record.Offset}: '{record.Key}' {record.Row(["SRC", "SEQ"])}, expected row {row.Number} of '{row.Key}'";
                    yield break;
                }

                var found = record.Row(["PSEQ", "PV"])!;
                var least = row.Known[InputTopic.People.Source(partition)];
                for (; known < people.Count && (known < least || (table.GetValueOrDefault(row.Key) ?? "|") != found); known++)
                    table[people[known].Key] = people[known].IsTombstone
                        ? null : string.Create(CultureInfo.InvariantCulture, $"{people[known].Number}|{people[known].Value}");
                if ((table.GetValueOrDefault(row.Key) ?? "|") != found)
                {
                    yield return $"{Name} partition {partition}, offset {record.Offset}: row {row.Number} of '{row.Key}' found '{found}', which is not what the table held after {least} records";
                    yield break;
                }
            }
        }
    }
}
