using Npgsql;
using StreamSQL.Data.Errors;
using StreamSQL.Engine.Catalog;
using StreamSQL.Sql.Binding;
using StreamSQL.Sql.Catalog;
using StreamSQL.Sql.Text;

namespace StreamSQL.Engine.Sessions.Sequences;

/// <summary>
/// Hands out the values of sequences. The catalog sets blocks of them aside, the first small, those behind it larger; so a value costs no
/// append, and none comes twice whenever the engine ends. Thread-safe.
/// </summary>
internal sealed class SequenceTable(CatalogChanges changes)
{
    // SQLSTATE sequence_generator_limit_exceeded, which the driver's list lacks.
    private const string GeneratorLimitExceeded = "2200H";

    private const long FirstBlock = 32;
    private const long LargestBlock = 16_384;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Block> _blocks = new(StringComparer.Ordinal);

    /// <summary>The next value.</summary>
    /// <exception cref="SqlException">42P01: there is no such sequence; 2200H: it is at its end.</exception>
    public long Next(string name)
    {
        lock (_lock)
        {
            if (!_blocks.TryGetValue(name, out var block) || block.Left == 0)
                _blocks[name] = block = Reserve(name, block);
            var value = block.Next;
            block.Left--;
            if (block.Left > 0)
                block.Next += block.Increment;
            block.Last = value;
            return value;
        }
    }

    /// <summary>The last value that was handed out since the start; null for none.</summary>
    public long? LastOf(string name)
    {
        lock (_lock)
            return _blocks.GetValueOrDefault(name)?.Last;
    }

    /// <summary>setval.</summary>
    /// <exception cref="SqlException">42P01: there is no such sequence; 22003: the value is none of it.</exception>
    public void Set(string name, long value, bool isCalled)
    {
        lock (_lock)
        {
            Append(image => new SetSequenceRecord(SequencePlanner.Set(Find(image, name), value, isCalled)));
            _blocks.Remove(name);
        }
    }

    /// <summary>Forgets what is set aside of a sequence that was changed.</summary>
    public void Forget(string name)
    {
        lock (_lock)
            _blocks.Remove(name);
    }

    /// <summary>The sequence.</summary>
    /// <exception cref="SqlException">42P01: there is none.</exception>
    public static SequenceDefinition Find(CatalogImage image, string name) => image.Sequences.GetValueOrDefault(name)
        ?? throw new SqlException(
            PostgresErrorCodes.UndefinedTable, $"relation \"{DisplayName.Of(name)}\" does not exist");

    private Block Reserve(string name, Block? before)
    {
        var size = Math.Min(LargestBlock, before is null ? FirstBlock : before.Size * 2);
        var reserved = new Block();
        Append(image =>
        {
            var sequence = Find(image, name);
            var next = sequence.Next ?? throw AtItsEnd(sequence);
            var room = sequence.Increment > 0 ? ((Int128)sequence.Maximum - next) / sequence.Increment
                : ((Int128)next - sequence.Minimum) / -(Int128)sequence.Increment;
            var count = (long)Int128.Min(size, room + 1);
            reserved = new Block { Next = next, Left = count, Increment = sequence.Increment, Size = size };
            return new SetSequenceRecord(sequence with { Reserved = next + ((count - 1) * sequence.Increment) });
        });
        return reserved;
    }

    // Expressions are computed without waiting; this waits for one append, for which no thread of the caller is needed.
    private void Append(Func<CatalogImage, CatalogRecord> make) =>
        Task.Run(() => changes.AppendAsync(make, CancellationToken.None).AsTask()).GetAwaiter().GetResult();

    private static SqlException AtItsEnd(SequenceDefinition sequence) => new(
        GeneratorLimitExceeded, sequence.Increment > 0
            ? $"nextval: reached maximum value of sequence \"{DisplayName.Of(sequence.Name)}\" ({sequence.Maximum})"
            : $"nextval: reached minimum value of sequence \"{DisplayName.Of(sequence.Name)}\" ({sequence.Minimum})");

    private sealed class Block
    {
        public long Next { get; set; }

        public long Left { get; set; }

        public long Increment { get; init; }

        public long Size { get; init; }

        public long? Last { get; set; }
    }
}
