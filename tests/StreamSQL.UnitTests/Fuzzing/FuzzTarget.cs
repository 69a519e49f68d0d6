namespace StreamSQL.UnitTests.Fuzzing;

/// <summary>
/// A decoder of bytes from outside or from disk, as the fuzzer drives it: valid inputs to begin with, what may be thrown, and how a mutated
/// input is made whole again, so that it gets past the checksum and reaches the decoder behind.
/// </summary>
/// <param name="name">What it is called on the command line and in reports.</param>
/// <param name="seeds">Makes valid inputs, by the product's own encoders.</param>
/// <param name="decode">Decodes one input. Called by one thread at a time.</param>
/// <param name="refusals">The exceptions by which it refuses; every other one is a crash.</param>
internal sealed class FuzzTarget(string name, Func<IEnumerable<byte[]>> seeds, Action<byte[]> decode, params Type[] refusals)
{
    private readonly Lazy<byte[][]> _seeds = new(() => [.. seeds()]);

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Valid inputs.</summary>
    public IReadOnlyList<byte[]> Seeds => _seeds.Value;

    /// <summary>How many of its inputs there are to one of a slow target: cheap decoders get more of them.</summary>
    public int Share { get; init; } = 8;

    /// <summary>How many bytes may be allocated for each byte of an input.</summary>
    public int AllocationFactor { get; init; } = 16;

    /// <summary>How many bytes may be allocated for any input.</summary>
    public long AllocationSlack { get; init; } = 1024 * 1024;

    /// <summary>Whether inputs are text: then words are exchanged too.</summary>
    public bool IsText { get; init; }

    /// <summary>Writes right lengths and checksums into a mutated input; done to most inputs, not to all.</summary>
    public Func<byte[], byte[]>? Repair { get; init; }

    /// <summary>How many bytes an input of a length may allocate.</summary>
    public long MayAllocate(int length) => ((long)AllocationFactor * length) + AllocationSlack;

    /// <summary>Decodes; true when the input was accepted.</summary>
    public bool Accepts(byte[] input)
    {
        try
        {
            decode(input);
            return true;
        }
        catch (Exception e) when (Refuses(e))
        {
            return false;
        }
    }

    private bool Refuses(Exception exception) => Array.Exists(refusals, type => type.IsInstanceOfType(exception));
}
