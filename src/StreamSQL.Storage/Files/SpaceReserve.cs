namespace StreamSQL.Storage.Files;

/// <summary>
/// A file that takes room for nothing, so that there is some on a full disk for what frees more: deleting a topic is a write too. One
/// caller at a time.
/// </summary>
public sealed class SpaceReserve(IFileSystem fileSystem, string path)
{
    private const int Bytes = 1024 * 1024;

    /// <summary>Gives the room free.</summary>
    public void Release() => fileSystem.DeleteFile(path);

    /// <summary>Takes the room again if it is not held; when there is none, the next call tries again.</summary>
    /// <exception cref="IOException">The file cannot be written, other than for want of room.</exception>
    public void Refill()
    {
        try
        {
            using var file = fileSystem.Open(path, FileOpening.OpenOrCreate);
            if (file.Length == Bytes)
                return;
            file.Write(new byte[Bytes], 0); // really: a file that was only made longer holds no room
            file.FlushData();
        }
        catch (IOException e) when (StorageErrors.IsDiskFull(e))
        {
            Release();
        }
    }
}
