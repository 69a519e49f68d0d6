using Microsoft.Win32.SafeHandles;

namespace StreamSQL.Storage.Files;

/// <summary>A file on disk. Never memory-mapped for writing: on a full disk that ends the process, where a write throws.</summary>
internal sealed class DiskFile(string path, SafeFileHandle handle) : IStorageFile
{
    private Exception? _lost;

    public string Path { get; } = path;

    public long Length => RandomAccess.GetLength(handle);

    public int Read(Span<byte> buffer, long offset)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(handle, buffer[total..], offset + total);
            if (read == 0)
                break;
            total += read;
        }

        return total;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(handle, bytes, offset);

    public void SetLength(long length) => RandomAccess.SetLength(handle, length);

    public void Preallocate(long length) => NativeFiles.Preallocate(handle, length, Path);

    public void FlushData()
    {
#if PLANTED_BUGS
        if (Planted.IsAwake(PlantedBug.RetryFailedSync))
            _lost = null;
#endif
        if (_lost is not null)
            throw new StorageFailedException($"'{Path}' was lost by an earlier failed flush.", _lost);
        try
        {
            NativeFiles.FlushData(handle, Path);
        }
        catch (IOException e)
        {
            _lost = e;
            throw;
        }
    }

    public void Dispose() => handle.Dispose();
}
