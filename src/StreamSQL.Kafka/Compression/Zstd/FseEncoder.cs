namespace StreamSQL.Kafka.Compression.Zstd;

/// <summary>
/// Encodes symbols by a small FSE table: for each symbol and each state that a reader is to have after it, the state that leads there.
/// </summary>
internal sealed class FseEncoder
{
    private readonly FseTable _table;
    private readonly int _size;
    private readonly byte[] _states;

    /// <summary>An encoder for a table of at most 256 states.</summary>
    public FseEncoder(FseTable table, int maxSymbol)
    {
        _table = table;
        _size = 1 << table.AccuracyLog;
        _states = new byte[(maxSymbol + 1) * _size];
        for (int state = 0; state < _size; state++)
        {
            int row = table.Symbol(state) * _size;
            for (int next = 0; next < 1 << table.Bits(state); next++)
                _states[row + table.Baseline(state) + next] = (byte)state;
        }
    }

    /// <summary>A state that gives a symbol, which is the last one.</summary>
    public int Last(int symbol) => _states[symbol * _size];

    /// <summary>The state that gives a symbol and leads to <paramref name="next"/>; writes the bits that do so.</summary>
    public int Encode(int symbol, int next, ref BitWriter bits)
    {
        int state = _states[(symbol * _size) + next];
        bits.Write((uint)(next - _table.Baseline(state)), _table.Bits(state));
        return state;
    }

    /// <summary>Writes the state that a reader begins with.</summary>
    public void Finish(int state, ref BitWriter bits) => bits.Write((uint)state, _table.AccuracyLog);
}
