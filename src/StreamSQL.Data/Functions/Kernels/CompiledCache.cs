namespace StreamSQL.Data.Functions.Kernels;

/// <summary>
/// The last compiled form of a text argument (pattern, format, path): nearly always the argument is a constant, so one is enough. Safe for
/// several threads: entries are immutable and replaced whole.
/// </summary>
internal sealed class CompiledCache<T>
    where T : class
{
    private Entry? _last;

    /// <summary>The compiled form of a text, null when it does not compile.</summary>
    public T? Get(ReadOnlySpan<byte> text, Compile compile)
    {
        var last = Volatile.Read(ref _last);
        if (last is null || !text.SequenceEqual(last.Text))
        {
            last = new(text.ToArray(), compile(text));
            Volatile.Write(ref _last, last);
        }

        return last.Compiled;
    }

    /// <summary>Compiles a text; null when it does not compile.</summary>
    public delegate T? Compile(ReadOnlySpan<byte> text);

    private sealed record Entry(byte[] Text, T? Compiled);
}
