using StreamSQL.Storage.Files;

namespace StreamSQL.UnitTests.Storage.Crashes;

/// <summary>
/// Work on a simulated disk that can be cut off at any of its file operations. It keeps a book of what it was told is durable, and judges
/// by that what a recovery finds. Everything in it follows from its seed.
/// </summary>
internal abstract class CrashScenario
{
    /// <summary>How it is called in messages.</summary>
    public abstract string Name { get; }

    /// <summary>Does the work. Failures of files are answered as the product answers them; the scenario then ends early.</summary>
    public abstract void Run(MemoryFileSystem disk, Random random);

    /// <summary>What must be there now, and what may.</summary>
    public abstract IExpectation Expect();
}

/// <summary>What a recovery has to find, as it was known at one moment.</summary>
internal interface IExpectation
{
    /// <summary>How much was acknowledged: two crashes with the same disk differ by it.</summary>
    long Acknowledged { get; }

    /// <summary>Recovers a disk and compares. Throws what is wrong.</summary>
    void Check(MemoryFileSystem disk);

    /// <summary>Recovers a disk, compares, and shows that it can be worked with. Throws what is wrong.</summary>
    void CheckAndGoOn(MemoryFileSystem disk);
}
