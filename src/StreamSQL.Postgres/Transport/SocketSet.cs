using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace StreamSQL.Postgres.Transport;

/// <summary>
/// Sockets that are waited for together: epoll(7), so on Linux only. Edge-triggered: a socket tells once that something has come.
/// Thread-safe.
/// </summary>
internal sealed partial class SocketSet : IDisposable
{
    private const int Interrupted = 4; // EINTR
    private const int CloseOnExec = 0x80000;
    private const int AddToSet = 1;
    private const int AtOnce = 0;
    private const int Forever = -1;
    private const EpollEvents All = EpollEvents.In | EpollEvents.Out | EpollEvents.PeerClosed | EpollEvents.EdgeTriggered;

    private readonly SafeFileHandle _set = new(Check(EpollCreate(CloseOnExec), "epoll_create1"), ownsHandle: true);
    private SafeFileHandle? _wake;

    /// <summary>Whether the operating system has it.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Adds a socket; it leaves when it is closed.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="number">What it is told by; not 0.</param>
    public void Add(SafeHandle socket, long number) => Add(socket, All, number);

    /// <summary>Takes what has happened to one socket, if there is anything; its number, or 0.</summary>
    public long Take(out EpollEvents events) => Take(AtOnce, out events);

    /// <summary>Waits until something happens to one socket; its number, or 0 when it has been woken.</summary>
    public long Wait(out EpollEvents events) => Take(Forever, out events);

    /// <summary>Wakes all who wait, now and later.</summary>
    public void Wake()
    {
        // A counter that is readable from the start, and not edge-triggered.
        _wake = new(Check(EventCounter(1, CloseOnExec), "eventfd"), ownsHandle: true);
        Add(_wake, EpollEvents.In, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _wake?.Dispose();
        _set.Dispose();
    }

    private void Add(SafeHandle file, EpollEvents events, long number)
    {
        Span<byte> entry = stackalloc byte[EpollEvent.Bytes];
        EpollEvent.Write(entry, events, number);
        Check(EpollControl(_set, AddToSet, file, ref MemoryMarshal.GetReference(entry)), "epoll_ctl");
    }

    private long Take(int timeoutMs, out EpollEvents events)
    {
        Span<byte> entry = stackalloc byte[EpollEvent.Bytes];
        var count = EpollWait(_set, ref MemoryMarshal.GetReference(entry), 1, timeoutMs);
        if (count > 0)
        {
            events = EpollEvent.EventsOf(entry);
            return EpollEvent.NumberOf(entry);
        }

        if (count < 0 && Marshal.GetLastPInvokeError() != Interrupted)
            Check(count, "epoll_wait");
        events = default;
        return 0;
    }

    private static int Check(int result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), call + " failed");

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(SafeHandle set, int operation, SafeHandle file, ref byte entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(SafeHandle set, ref byte entries, int count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventCounter(uint first, int flags);
}
