using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using StreamSQL.Kafka.Records;
using StreamSQL.Storage.Files;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>
/// What a produce of large batches cannot do without, by hand, on a thread of its own: receive a frame, check the checksum of its batch,
/// append it to a file, sync that if wanted, and answer.
/// </summary>
internal sealed class BlastLimit : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamsql-bench-");
    private readonly int _batchBytes;
    private readonly byte[] _answer;
    private readonly bool _isSynced;
    private readonly Thread _thread;

    /// <param name="batchBytes">The size of the batch at the end of each frame.</param>
    /// <param name="answer">What each is answered.</param>
    /// <param name="isSynced">Whether that waits for the disk.</param>
    public BlastLimit(int batchBytes, byte[] answer, bool isSynced)
    {
        (_batchBytes, _answer, _isSynced) = (batchBytes, answer, isSynced);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _thread = new Thread(Serve);
        _thread.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Dispose()
    {
        _thread.Join(); // its client has gone
        _listener.Dispose();
        _directory.Delete(recursive: true);
    }

    private void Serve()
    {
        using var client = _listener.Accept();
        client.NoDelay = true;
        using var file = new DiskFileSystem().Open(_directory.FullName + "/log", FileOpening.CreateNew);
        var frame = new byte[_batchBytes + 1024];
        var written = 0L;
        while (TryReceive(client, frame.AsSpan(0, sizeof(int))))
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(frame);
            if (!TryReceive(client, frame.AsSpan(0, length)))
                return;
            var batch = frame.AsSpan(BatchAt(length), _batchBytes);
            if (RecordBatchValidator.CheckIntact(batch, out _) != Kafka.ErrorCode.None)
                throw new InvalidOperationException("A batch arrived damaged.");
            file.Write(batch, written);
            written += batch.Length;
            if (_isSynced)
                file.FlushData();
            client.Send(_answer);
        }
    }

    // Behind it come three empty sections of tagged fields: of the partition, the topic and the request.
    private int BatchAt(int length) => length - 3 - _batchBytes;

    private static bool TryReceive(Socket socket, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            var count = socket.Receive(target);
            if (count == 0)
                return false;
            target = target[count..];
        }

        return true;
    }
}
