using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace StreamSQL.Storage.Files;

/// <summary>
/// libc calls whose errors matter. .NET 10's own flushes report success when fsync fails, so durability does not go through them. errno is
/// read at once, before another call can overwrite it.
/// </summary>
internal static partial class NativeFiles
{
    private const int Interrupted = 4; // EINTR
    private const int WouldBlock = 11; // EAGAIN
    private const int NotSupported = 95; // EOPNOTSUPP
    private const int OpenDirectoryFlags = 0x10000 | 0x80000; // O_RDONLY | O_DIRECTORY | O_CLOEXEC on x86-64
    private const int OpenDirectoryFlagsArm = 0x4000 | 0x80000;
    private const int OpenReadWriteCreate = 0x2 | 0x40 | 0x80000; // O_RDWR | O_CREAT | O_CLOEXEC
    private const int OwnerReadWrite = 0x180; // 0600
    private const int LockExclusiveNonBlocking = 2 | 4; // LOCK_EX | LOCK_NB

    /// <summary>fdatasync.</summary>
    public static void FlushData(SafeFileHandle file, string path)
    {
        while (FdataSync(file) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Interrupted)
                throw Failure("fdatasync", path, errno);
        }
    }

    /// <summary>open(O_DIRECTORY).</summary>
    public static SafeFileHandle OpenDirectory(string path)
    {
        var flags = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? OpenDirectoryFlagsArm : OpenDirectoryFlags;
        return Open(path, flags, "open directory");
    }

    /// <summary>open(O_RDWR | O_CREAT). .NET's own opening takes a shared flock, which is in the way of an exclusive one.</summary>
    public static SafeFileHandle OpenForLock(string path) => Open(path, OpenReadWriteCreate, "open");

    /// <summary>fsync of a directory.</summary>
    public static void FlushDirectory(string path)
    {
        using var directory = OpenDirectory(path);
        while (FSync(directory) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Interrupted)
                throw Failure("fsync", path, errno);
        }
    }

    /// <summary>syncfs of the file system that a directory is on.</summary>
    public static void FlushTree(SafeFileHandle directory, string path)
    {
        if (SyncFs(directory) != 0)
            throw Failure("syncfs", path, Marshal.GetLastPInvokeError());
    }

    /// <summary>posix_fallocate; a file system without it is left alone (space is then found as it is written).</summary>
    public static void Preallocate(SafeFileHandle file, long length, string path)
    {
        int errno;
        do
            errno = PosixFallocate(file, 0, length);
        while (errno == Interrupted);
        if (errno is not 0 and not NotSupported)
            throw Failure("fallocate", path, errno);
    }

    /// <summary>flock without waiting; false when another open file holds the lock.</summary>
    public static bool TryLock(SafeFileHandle file, string path)
    {
        if (Flock(file, LockExclusiveNonBlocking) == 0)
            return true;
        var errno = Marshal.GetLastPInvokeError();
        return errno == WouldBlock ? false : throw Failure("flock", path, errno);
    }

    private static SafeFileHandle Open(string path, int flags, string call)
    {
        var descriptor = OpenPath(path, flags, OwnerReadWrite);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw Failure(call, path, Marshal.GetLastPInvokeError());
    }

    private static IOException Failure(string call, string path, int errno) =>
        new($"{call} of '{path}' failed: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}).", errno);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FdataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(SafeFileHandle directory);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixFallocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);
}
