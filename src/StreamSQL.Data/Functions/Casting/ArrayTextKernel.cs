using StreamSQL.Data.Batches;
using StreamSQL.Data.Columns;
using StreamSQL.Data.Text;
using StreamSQL.Data.Types;

namespace StreamSQL.Data.Functions.Casting;

/// <summary>PostgreSQL's text of an array, <c>{1,NULL,"a b"}</c>, to ARRAY; each element's text is cast by its own kernel. One dimension.</summary>
internal sealed class ArrayTextKernel(SqlType array, ScalarKernel element) : StrictKernel
{
    /// <inheritdoc/>
    protected override void EvaluateValid(in KernelContext context, ReadOnlySpan<Column> arguments, Column result)
    {
        var source = (BytesColumn)arguments[0];
        var target = (ArrayColumn)result;
        var texts = new BytesColumn(SqlType.Varchar);
        texts.Reset(0);
        var count = 0;
        foreach (var row in context.Rows)
        {
            var first = count;
            if (!TrySplit(source[row], texts, ref count))
            {
                result.SetNull(row);
                TextErrors.Report(context, row, ParseResult.Malformed, array.ToString(), isDateTime: false, source[row]);
                count = first;
            }

            target.Allocate(row, count - first);
        }

        if (count > 0)
            element.Evaluate(new(RowSelection.All(count), count, context.Errors, context.Time), [texts], target.Elements);
    }

    private static bool TrySplit(ReadOnlySpan<byte> text, BytesColumn elements, ref int count)
    {
        var body = text.Trim(" \t\r\n"u8);
        if (body is not [(byte)'{', .., (byte)'}'])
            return false;
        body = body[1..^1].Trim(" \t\r\n"u8);
        while (!body.IsEmpty)
        {
            elements.Grow(count + 1);
            if (!TryTake(ref body, elements, count++))
                return false;
            if (body.IsEmpty)
                return true;
            if (body[0] != (byte)',' || body.Length == 1)
                return false;
            body = body[1..].TrimStart(" \t\r\n"u8);
        }

        return true;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, BytesColumn elements, int index)
    {
        if (rest[0] == (byte)'"')
            return TryTakeQuoted(ref rest, elements, index);
        var end = rest.IndexOf((byte)',');
        var word = (end < 0 ? rest : rest[..end]).TrimEnd(" \t\r\n"u8);
        rest = end < 0 ? default : rest[end..];
        if (word.IsEmpty || word.IndexOfAny("{}\""u8) >= 0)
            return false;
        if (System.Text.Ascii.EqualsIgnoreCase(word, "NULL"u8))
            elements.SetNull(index);
        else
            elements.Set(index, word);
        return true;
    }

    private static bool TryTakeQuoted(ref ReadOnlySpan<byte> rest, BytesColumn elements, int index)
    {
        var value = new byte[rest.Length];
        var length = 0;
        var at = 1;
        for (; at < rest.Length && rest[at] != (byte)'"'; at++)
        {
            if (rest[at] == (byte)'\\' && ++at == rest.Length)
                return false;
            value[length++] = rest[at];
        }

        if (at >= rest.Length)
            return false;
        rest = rest[(at + 1)..].TrimStart(" \t\r\n"u8);
        elements.Set(index, value.AsSpan(0, length));
        return true;
    }
}
