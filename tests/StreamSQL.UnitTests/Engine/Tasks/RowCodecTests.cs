using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;
using StreamSQL.Engine.Tasks;

namespace StreamSQL.UnitTests.Engine.Tasks;

public class RowCodecTests
{
    private static readonly (SqlType Type, object? Value)[] s_fields =
    [
        (SqlType.Boolean, true),
        (SqlType.Integer, -7),
        (SqlType.BigInt, long.MinValue),
        (SqlType.Double, 1.5),
        (SqlType.Decimal(38, 2), Int128.Parse("-12345678901234567890123", System.Globalization.CultureInfo.InvariantCulture)),
        (SqlType.Varchar, "grün"),
        (SqlType.Varchar, null),
        (SqlType.ArrayOf(SqlType.Integer), new object?[] { 1, null, 3 }),
        (SqlType.MapOf(SqlType.Varchar, SqlType.BigInt), new KeyValuePair<object, object?>[] { new("a", 1L), new("b", null) }),
        (SqlType.StructOf([new StructField("X", SqlType.Integer), new StructField("Y", SqlType.ArrayOf(SqlType.Varchar))]),
            new object?[] { 5, new object?[] { "p", "q" } }),
    ];

    [Fact]
    public void A_row_of_every_type_comes_back()
    {
        var bytes = Encode();
        var columns = Columns();

        var position = 0;
        RowCodec.Read(bytes, ref position, columns, 0);

        position.ShouldBe(bytes.Length);
        for (var i = 0; i < columns.Length; i++)
            ColumnText.ToText(columns[i], 0, TextStyle.Ksql).ShouldBe(ColumnText.ToText(Written()[i], 0, TextStyle.Ksql));
    }

    [Fact]
    public void A_row_that_is_cut_off_anywhere_is_refused()
    {
        var bytes = Encode();
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Should.Throw<InvalidDataException>(() =>
            {
                var position = 0;
                RowCodec.Read(cut, ref position, Columns(), 0);
            });
        }
    }

    [Fact]
    public void An_absurd_count_is_refused_before_anything_is_allocated()
    {
        var text = Column.Create(SqlType.Varchar);
        text.Reset(1);

        Should.Throw<InvalidDataException>(() =>
        {
            var position = 0;
            RowCodec.Read([1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07], ref position, [text], 0);
        });
    }

    private static byte[] Encode()
    {
        var writer = new ByteWriter();
        RowCodec.Write(writer, Written(), 0);
        return writer.Written.ToArray();
    }

    private static Column[] Written()
    {
        var columns = Columns();
        for (var i = 0; i < columns.Length; i++)
            ColumnWriter.Write(columns[i], 0, s_fields[i].Value);
        return columns;
    }

    private static Column[] Columns()
    {
        var columns = s_fields.Select(static field => Column.Create(field.Type)).ToArray();
        foreach (var column in columns)
            column.Reset(1);
        return columns;
    }
}
