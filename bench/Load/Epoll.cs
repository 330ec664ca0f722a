using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Actors.Bench.Load;

/// <summary>
/// Waits for many sockets in one system call, on Linux. The generator shares the machine with what it measures: asynchronous sockets would cost it
/// twice as much for each request.
/// </summary>
internal sealed unsafe partial class Epoll : IDisposable
{
    private const int Add = 1;
    private const uint Readable = 1;
    private const int EventsMax = 512;

    /// <summary>The kernel packs its event on x86-64 only.</summary>
    private static readonly int s_tagAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int s_eventSize = s_tagAt + 8;

    private readonly byte[] _events = GC.AllocateArray<byte>(EventsMax * s_eventSize, pinned: true);
    private readonly int _handle;

    public Epoll()
    {
        _handle = epoll_create1(0);
        ThrowIfNegative(_handle);
    }

    /// <summary>Watches a socket for answers.</summary>
    /// <param name="tag">What <see cref="Tag"/> gives for it.</param>
    public void Watch(Socket socket, int tag)
    {
        var change = stackalloc byte[16];
        *(uint*)change = Readable;
        *(long*)(change + s_tagAt) = tag;
        ThrowIfNegative(epoll_ctl(_handle, Add, (int)socket.Handle, change));
    }

    /// <summary>Waits until a socket is readable or the time is over.</summary>
    /// <returns>How many are readable.</returns>
    public int Wait(long nanoseconds)
    {
        var timeout = stackalloc long[] { nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000 };
        fixed (byte* events = _events)
        {
            var count = epoll_pwait2(_handle, events, EventsMax, timeout, null);
            if (count < 0 && Marshal.GetLastPInvokeError() == 4)
            {
                return 0; // interrupted by a signal
            }

            ThrowIfNegative(count);
            return count;
        }
    }

    /// <summary>The tag of one of the sockets that the last wait found.</summary>
    public int Tag(int index) => BitConverter.ToInt32(_events, (index * s_eventSize) + s_tagAt);

    public void Dispose() => _ = close(_handle);

    private static void ThrowIfNegative(int result)
    {
        if (result < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* change);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_pwait2(int epoll, byte* events, int eventsMax, long* timeout, void* signals);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
