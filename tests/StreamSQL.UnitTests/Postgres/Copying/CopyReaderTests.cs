using System.Text;
using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Sessions;
using StreamSQL.Postgres.Commands.Copying;
using StreamSQL.Postgres.Types;

namespace StreamSQL.UnitTests.Postgres.Copying;

/// <summary>Data of COPY ... FROM STDIN, cut into rows as PostgreSQL does, however it is cut into messages.</summary>
public sealed class CopyReaderTests
{
    private const int Limit = 4096;

    private static readonly CopyOptions s_text = new();
    private static readonly CopyOptions s_csv = new() { Format = CopyFormatKind.Csv, Delimiter = (byte)',', Null = "" };

    private static readonly ResultColumn[] s_columns =
        [new("id", SqlType.BigInt), new("name", SqlType.Varchar), new("tags", SqlType.ArrayOf(SqlType.Integer)),
            new("at", SqlType.Timestamp)];

    [Theory]
    [InlineData("1\tann\t{1,2}\t2001-02-14 10:00:00\n", "1|ann|{1,2}|2001-02-14 10:00:00+00")]
    [InlineData("1\t\\N\t\\N\t\\N\n2\t\\\\N\t{}\t\\N", "1|null|null|null 2|\\N|{}|null")]
    [InlineData("1\ta\\tb\\nc\\\\\\x41\\102\\q\t{}\t\\N\n", "1|a\tb\nc\\ABq|{}|null")]
    [InlineData("1\ta\\\nb\t\\N\t\\N\n", "1|a\nb|null|null")]
    [InlineData("1\t\t\\N\t\\N\r\n2\tb\t\\N\t\\N\r\n", "1||null|null 2|b|null|null")]
    [InlineData("1\ta\t\\N\t\\N\n\\.\nwhatever", "1|a|null|null")]
    [InlineData("", "")]
    public void Text(string data, string expected) => Read(s_text, data).ShouldBe(expected);

    [Theory]
    [InlineData("1,ann,\"{1,2}\",2001-02-14\n", "1|ann|{1,2}|2001-02-14 00:00:00+00")]
    [InlineData("1,,,\n2,\"\",{},\n", "1|null|null|null 2||{}|null")]
    [InlineData("1,\"a,\"\"b\"\"\nc\",,\n", "1|a,\"b\"\nc|null|null")]
    [InlineData("1,x\"y,z\"w,,\n", "1|xy,zw|null|null")]
    [InlineData("1,\"last\",,", "1|last|null|null")]
    public void Csv(string data, string expected) => Read(s_csv, data).ShouldBe(expected);

    [Fact]
    public void Csv_with_a_header_and_an_escape_of_its_own() =>
        Read(s_csv with { Header = true, Escape = (byte)'\\' }, "id,name,tags,at\n1,\"a\\\"b\\\\c\nd\",,\n")
            .ShouldBe("1|a\"b\\c\nd|null|null");

    [Theory]
    [InlineData("1\tann\n", "22P04 missing data for column \"tags\" COPY T, line 1")]
    [InlineData("1\ta\t{}\t\\N\tmore\n", "22P04 extra data after last expected column COPY T, line 1")]
    [InlineData("1\ta\t{}\t\\N\nx\ta\t{}\t\\N\n", "22P02 invalid input syntax for type bigint: \"x\" COPY T, line 2, column id")]
    [InlineData("99999999999999999999\ta\t{}\t\\N\n",
        "22003 value \"99999999999999999999\" is out of range for type bigint COPY T, line 1, column id")]
    [InlineData("1\ta\t{1,\t\\N\n", "22P02 malformed array literal: \"{1,\" COPY T, line 1, column tags")]
    [InlineData("1\ta\t\\N\tnoon\n", "22007 invalid input syntax for type timestamp with time zone: \"noon\" COPY T, line 1, column at")]
    [InlineData("1\t\\xff\t\\N\t\\N\n", "22021 invalid byte sequence for encoding \"UTF8\": 0xff COPY T, line 1, column name")]
    [InlineData("1\t\\0\t\\N\t\\N\n", "22021 invalid byte sequence for encoding \"UTF8\": 0x00 COPY T, line 1, column name")]
    public void Bad_text(string data, string expected) => Shown(Should.Throw<SqlException>(() => Read(s_text, data))).ShouldBe(expected);

    [Fact]
    public void A_quote_that_does_not_end() =>
        Shown(Should.Throw<SqlException>(() => Read(s_csv, "1,a,,\n2,\"b,,\n")))
            .ShouldBe("22P04 unterminated CSV quoted field COPY T, line 2");

    [Fact]
    public void A_row_beyond_the_limit() =>
        Should.Throw<SqlException>(() => Read(s_csv, "1,\"" + new string('x', 2 * Limit))).SqlState.ShouldBe(
            PostgresErrorCodes.ProgramLimitExceeded);

    [Fact]
    public void Binary()
    {
        byte[] data =
        [
            .. "PGCOPY\n"u8, 0xFF, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2, (byte)'h', (byte)'i',
            0, 2, 0, 0, 0, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
            255, 255,
        ];
        Read(s_text with { Format = CopyFormatKind.Binary }, data, s_columns[..2]).ShouldBe("7|hi -1|null");
    }

    [Theory]
    [InlineData(0, (byte)'X', "22P04 COPY file signature not recognized COPY T, line 1")]
    [InlineData(11, (byte)1, "22P04 unrecognized critical flags in COPY file header COPY T, line 1")]
    [InlineData(15, (byte)127, "22P04 invalid COPY file header (wrong length) COPY T, line 1")]
    [InlineData(20, (byte)3, "22P04 row field count is 3, expected 2 COPY T, line 1")]
    [InlineData(21, (byte)128, "22P04 invalid field size COPY T, line 1")]
    [InlineData(21, (byte)1, "22P04 unexpected EOF in COPY data COPY T, line 1")]
    public void Bad_binary(int at, byte value, string expected)
    {
        byte[] data =
        [
            .. "PGCOPY\n"u8, 0xFF, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2, (byte)'h', (byte)'i', 255, 255,
        ];
        data[at] = value;
        Shown(Should.Throw<SqlException>(() => Read(s_text with { Format = CopyFormatKind.Binary }, data, s_columns[..2])))
            .ShouldBe(expected);
    }

    private static string Read(CopyOptions options, string data) => Read(options, Encoding.UTF8.GetBytes(data), s_columns);

    /// <summary>Reads the data whole and byte by byte, which must give the same.</summary>
    private static string Read(CopyOptions options, byte[] data, ResultColumn[] columns)
    {
        var whole = Read(options, [data], columns);
        Read(options, data.Select(static value => new[] { value }), columns).ShouldBe(whole);
        return whole;
    }

    private static string Read(CopyOptions options, IEnumerable<byte[]> pieces, ResultColumn[] columns)
    {
        var rows = new CopyRows("T", columns, options.Format == CopyFormatKind.Binary, TextSettings.Default);
        var reader = CopyReader.Create(options, rows, Limit);
        foreach (var piece in pieces)
        {
            reader.Append(piece);
            while (reader.TryRead(isLast: false))
            {
            }
        }

        while (reader.TryRead(isLast: true))
        {
        }

        var batch = rows.ToBatch();
        return string.Join(' ', Enumerable.Range(0, batch.RowCount).Select(row =>
            string.Join('|', batch.Columns.Select(column => ColumnText.ToText(column, row, TextStyle.Postgres) ?? "null"))));
    }

    private static string Shown(SqlException error) => $"{error.SqlState} {error.Message} {error.Context}";
}
