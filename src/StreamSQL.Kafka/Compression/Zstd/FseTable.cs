using System.Numerics;

namespace StreamSQL.Kafka.Compression.Zstd;

/// <summary>
/// A decoding table of finite state entropy (RFC 8878, 4.1): each state gives a symbol, and how many bits, added to a baseline, make the
/// next state.
/// </summary>
internal sealed class FseTable
{
    private readonly byte[] _symbols;
    private readonly byte[] _bits;
    private readonly ushort[] _baselines;

    private FseTable(int accuracyLog)
    {
        AccuracyLog = accuracyLog;
        _symbols = new byte[1 << accuracyLog];
        _bits = new byte[1 << accuracyLog];
        _baselines = new ushort[1 << accuracyLog];
    }

    /// <summary>The table has two to this power of states; the first state takes so many bits.</summary>
    public int AccuracyLog { get; }

    /// <summary>A table of one state, which always gives the same symbol.</summary>
    public static FseTable Single(byte symbol)
    {
        var table = new FseTable(0);
        table._symbols[0] = symbol;
        return table;
    }

    /// <summary>A table from the probabilities of the symbols, in units of one state; -1 means less than one.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/> when they do not fill the table.</exception>
    public static FseTable Build(ReadOnlySpan<short> probabilities, int accuracyLog)
    {
        var table = new FseTable(accuracyLog);
        int size = 1 << accuracyLog;
        Span<ushort> next = stackalloc ushort[probabilities.Length];
        table.Spread(probabilities, next);
        for (int state = 0; state < size; state++)
        {
            int reached = next[table._symbols[state]]++;
            int bits = accuracyLog - BitOperations.Log2((uint)reached);
            table._bits[state] = (byte)bits;
            table._baselines[state] = (ushort)((reached << bits) - size);
        }
        return table;
    }

    /// <summary>Reads a table's description from the front of <paramref name="source"/> and moves past it.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.CorruptMessage"/> when it is malformed.</exception>
    public static FseTable Read(ref ReadOnlySpan<byte> source, int maxSymbol, int maxAccuracyLog)
    {
        int position = 0;
        int accuracyLog = ReadForward(source, ref position, 4) + 5;
        if (accuracyLog > maxAccuracyLog)
            throw ZstdFrame.Malformed();
        Span<short> probabilities = stackalloc short[maxSymbol + 1];
        int count = 0;
        int remaining = 1 << accuracyLog;
        while (remaining > 0)
        {
            if (count > maxSymbol)
                throw ZstdFrame.Malformed();
            int probability = ReadProbability(source, ref position, remaining);
            remaining -= Math.Abs(probability);
            probabilities[count++] = (short)probability;
            if (probability == 0)
                count += ReadZeros(source, ref position);
        }
        int bytes = (position + 7) / 8;
        if (count > maxSymbol + 1 || bytes > source.Length)
            throw ZstdFrame.Malformed();
        source = source[bytes..];
        return Build(probabilities[..count], accuracyLog);
    }

    public byte Symbol(int state) => _symbols[state];

    /// <summary>How many bits a state reads for the next one.</summary>
    public int Bits(int state) => _bits[state];

    /// <summary>What those bits are added to.</summary>
    public int Baseline(int state) => _baselines[state];

    /// <summary>The state after <paramref name="state"/>.</summary>
    public int Next(int state, ref BackwardBitReader bits) => _baselines[state] + bits.Read(_bits[state]);

    // Symbols with a probability below one take one state each at the high end; the others are strewn over the rest by a fixed step.
    private void Spread(ReadOnlySpan<short> probabilities, Span<ushort> next)
    {
        int size = _symbols.Length;
        int high = size - 1;
        for (int symbol = 0; symbol < probabilities.Length; symbol++)
        {
            next[symbol] = (ushort)Math.Abs(probabilities[symbol]);
            if (probabilities[symbol] == -1)
                _symbols[high--] = (byte)symbol;
        }
        int step = (size >> 1) + (size >> 3) + 3;
        int position = 0;
        for (int symbol = 0; symbol < probabilities.Length; symbol++)
        {
            for (int i = 0; i < probabilities[symbol]; i++)
            {
                _symbols[position] = (byte)symbol;
                do
                    position = (position + step) & (size - 1);
                while (position > high);
            }
        }
        if (position != 0)
            throw ZstdFrame.Malformed();
    }

    // The fewer states are left, the fewer values are possible; of those, the small ones take one bit less.
    private static int ReadProbability(ReadOnlySpan<byte> source, ref int position, int remaining)
    {
        int bits = BitOperations.Log2((uint)remaining + 1) + 1;
        int value = ReadForward(source, ref position, bits);
        int lowerMask = (1 << (bits - 1)) - 1;
        int threshold = (1 << bits) - 1 - (remaining + 1);
        if ((value & lowerMask) < threshold)
        {
            position--;
            value &= lowerMask;
        }
        else if (value > lowerMask)
        {
            value -= threshold;
        }
        return value - 1;
    }

    private static int ReadZeros(ReadOnlySpan<byte> source, ref int position)
    {
        int zeros = 0;
        int repeat;
        do
        {
            repeat = ReadForward(source, ref position, 2);
            zeros += repeat;
        }
        while (repeat == 3 && position < source.Length * 8);
        return zeros;
    }

    private static int ReadForward(ReadOnlySpan<byte> source, ref int position, int count)
    {
        if (position + count > (source.Length + 1) * 8) // a byte of grace: the last value may give a bit back
            throw ZstdFrame.Malformed();
        int value = 0;
        for (int i = 0; i < count; i++, position++)
        {
            int at = position >> 3;
            if (at < source.Length)
                value |= (source[at] >> (position & 7) & 1) << i;
        }
        return value;
    }
}
