using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamSQL.Postgres.Transport;

/// <summary>What has happened to a socket: <c>EPOLL...</c> of Linux.</summary>
[Flags]
internal enum EpollEvents : uint
{
    /// <summary>EPOLLIN: bytes have come.</summary>
    In = 0x1,

    /// <summary>EPOLLOUT: bytes can be sent.</summary>
    Out = 0x4,

    /// <summary>EPOLLERR.</summary>
    Error = 0x8,

    /// <summary>EPOLLHUP: both sides are closed.</summary>
    HungUp = 0x10,

    /// <summary>EPOLLRDHUP: the peer sends no more.</summary>
    PeerClosed = 0x2000,

    /// <summary>EPOLLET.</summary>
    EdgeTriggered = 0x80000000,
}

/// <summary><c>struct epoll_event</c>: packed on x86 for the sake of its 32-bit programs, aligned elsewhere.</summary>
internal static class EpollEvent
{
    private static readonly int NumberAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary>Its size, or more.</summary>
    public const int Bytes = 16;

    public static void Write(Span<byte> entry, EpollEvents events, long number)
    {
        Unsafe.WriteUnaligned(ref entry[0], (uint)events);
        Unsafe.WriteUnaligned(ref entry[NumberAt], number);
    }

    public static EpollEvents EventsOf(ReadOnlySpan<byte> entry) => (EpollEvents)MemoryMarshal.Read<uint>(entry);

    public static long NumberOf(ReadOnlySpan<byte> entry) => MemoryMarshal.Read<long>(entry[NumberAt..]);
}
