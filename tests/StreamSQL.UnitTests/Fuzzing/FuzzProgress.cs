using System.IO.MemoryMappedFiles;

namespace StreamSQL.UnitTests.Fuzzing;

/// <summary>Which input each thread of a fuzzing process is at, in a file that outlives the process.</summary>
internal sealed class FuzzProgress : IDisposable
{
    private const int SlotBytes = 16;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    /// <summary>Opens or makes the file.</summary>
    public FuzzProgress(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Environment.SystemPageSize);
        _view = _file.CreateViewAccessor();
    }

    /// <summary>Notes what a thread begins with: a target (from 1 on; 0 is none) and the number of its input.</summary>
    public void Note(int thread, int target, long number)
    {
        _view.Write(thread * SlotBytes, target);
        _view.Write((thread * SlotBytes) + 8, number);
    }

    /// <summary>What a thread was at last.</summary>
    public (int Target, long Number) Of(int thread) => (_view.ReadInt32(thread * SlotBytes), _view.ReadInt64((thread * SlotBytes) + 8));

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
