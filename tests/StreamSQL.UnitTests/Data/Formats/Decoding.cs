using System.Text;
using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Formats;
using StreamSQL.Data.Formats.Rows;
using StreamSQL.Data.Types;

namespace StreamSQL.UnitTests.Data.Formats;

/// <summary>Decodes texts with a decoder and shows the rows as text.</summary>
internal static class Decoding
{
    public static SliceList Slices(params string?[] records) => Slices(records.Select(r => r is null ? null : Encoding.UTF8.GetBytes(r)));

    /// <summary>All records in one buffer, with <paramref name="slack"/> bytes behind the last.</summary>
    public static SliceList Slices(IEnumerable<byte[]?> records, int slack = 128)
    {
        var all = records.ToArray();
        var buffer = new byte[all.Sum(r => r?.Length ?? 0) + slack];
        buffer.AsSpan().Fill((byte)'"');
        var list = new SliceList();
        list.Reset(buffer);
        var at = 0;
        foreach (var record in all)
        {
            record?.CopyTo(buffer, at);
            list.Add(at, record?.Length ?? -1);
            at += record?.Length ?? 0;
        }

        return list;
    }

    public static Decoded Run(RecordDecoder decoder, IReadOnlyList<FormatField> fields, SliceList source, Func<int, bool>? wanted = null)
    {
        var columns = new Column?[fields.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            if (wanted is not null && !wanted(i))
                continue;
            columns[i] = Column.Create(fields[i].Type);
        }

        return Run(decoder, columns, source);
    }

    public static Decoded Run(RecordDecoder decoder, Column?[] columns, SliceList source)
    {
        foreach (var column in columns)
            column?.Reset(source.Count);
        var errors = new DecodeErrors();
        decoder.Decode(source, columns, errors);
        var rows = new List<string>();
        for (var row = 0; row < source.Count; row++)
            rows.Add(string.Join('|', columns.Where(c => c is not null).Select(c => ColumnText.ToText(c!, row, TextStyle.Ksql) ?? "NULL")));
        return new Decoded(rows, errors.Rows.ToArray(), errors.Count == 0 ? "" : errors.FirstReason);
    }

    public static FormatField Field(string name, SqlType type) => new(name, type);
}

internal sealed record Decoded(IReadOnlyList<string> Rows, int[] Failed, string Reason);
