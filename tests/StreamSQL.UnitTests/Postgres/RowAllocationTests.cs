using StreamSQL.Data.Batches;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Commands.Copying;
using StreamSQL.Postgres.Protocol;
using StreamSQL.Postgres.Types;
using StreamSQL.UnitTests.Postgres.Support;

namespace StreamSQL.UnitTests.Postgres;

/// <summary>A row on its way to a client is written from its columns: nothing is allocated for it.</summary>
public sealed class RowAllocationTests
{
    private const int Rows = 1000;

    private static readonly (SqlType Type, Func<int, object?> Value)[] Columns =
    [
        (SqlType.BigInt, static row => (long)row * 1_000_003),
        (SqlType.Integer, static row => -row),
        (SqlType.Boolean, static row => row % 2 == 0),
        (SqlType.Double, static row => row / 7.0),
        (SqlType.Varchar, static row => $"row number {row}, with a\ttab"),
        (SqlType.Timestamp, static row => 1_700_000_000_000 + row),
        (SqlType.Date, static row => 19_000 + row),
        (SqlType.Decimal(12, 2), static row => (Int128)row * 101),
        (SqlType.Varchar, static row => row % 3 == 0 ? null : "x"),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_allocated_for_a_row(bool binary)
    {
        var format = Format(binary ? FormatCode.Binary : FormatCode.Text);
        Measure((output, batch, row) => format.WriteRow(output, batch, row)).ShouldBe(0);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("csv")]
    [InlineData("binary")]
    public void Nothing_is_allocated_for_a_row_of_COPY(string name)
    {
        var kind = Enum.Parse<CopyFormatKind>(name, ignoreCase: true);
        var options = new CopyOptions { Format = kind, Delimiter = kind == CopyFormatKind.Csv ? (byte)',' : (byte)'\t' };
        var copy = CopyFormat.Create(options, Format(kind == CopyFormatKind.Binary ? FormatCode.Binary : FormatCode.Text));
        Measure(copy.WriteRow).ShouldBe(0);
    }

    private static RowFormat Format(FormatCode format) =>
        RowFormat.Create([.. Columns.Select(static (column, i) => new ResultColumn($"c{i}", column.Type))], [format], TextSettings.Default);

    private static long Measure(Action<OutputBuffer, ChangeBatch, int> write)
    {
        var batch = new ChangeBatch([.. Columns.Select(static column => column.Type)]);
        batch.Reset(Rows);
        for (var row = 0; row < Rows; row++)
        {
            for (var c = 0; c < Columns.Length; c++)
                Batches.Set(batch.Columns[c], row, Columns[c].Value(row));
        }

        using var output = new OutputBuffer();
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            // In the first rounds the buffer grows to what it needs, and in any the runtime may load or
            // compile something: what rows allocate, all do.
            output.Truncate(0);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var row = 0; row < Rows; row++)
                write(output, batch, row);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
