using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamSQL.Benchmarks.Brokers;

/// <summary>What these benchmarks need of the distribution's librdkafka (apt-get install librdkafka1).</summary>
internal static unsafe partial class Librdkafka
{
    private const string Library = "librdkafka.so.1";
    private const int Producer = 0;
    private const int Consumer = 1;
    private const int ErrorBytes = 512;
    private static long _failedDeliveries;

    /// <summary>Whether it is installed.</summary>
    public static bool IsThere { get; } = NativeLibrary.TryLoad(Library, out _);

    /// <summary>Its version.</summary>
    public static string Version => Marshal.PtrToStringUTF8(rd_kafka_version_str())!;

    /// <summary>A client with settings; a topic handle for one topic.</summary>
    public sealed class Client : IDisposable
    {
        private readonly nint _client;
        private readonly nint _topic;

        public Client(bool isProducer, string topic, IEnumerable<(string Name, string Value)> settings)
        {
            var error = stackalloc byte[ErrorBytes];
            var conf = rd_kafka_conf_new();
            foreach (var (name, value) in settings.Prepend(("log_level", "3")))
            {
                if (rd_kafka_conf_set(conf, name, value, error, ErrorBytes) != 0)
                    throw new InvalidOperationException(Text(error));
            }

            if (isProducer)
                rd_kafka_conf_set_dr_msg_cb(conf, &OnDelivery);
            _client = rd_kafka_new(isProducer ? Producer : Consumer, conf, error, ErrorBytes);
            if (_client == 0)
                throw new InvalidOperationException(Text(error));
            if (rd_kafka_handle_mock_cluster(_client) is var mock and not 0)
                Check(rd_kafka_mock_topic_create(mock, topic, ClientTarget.Partitions, 1));
            _topic = rd_kafka_topic_new(_client, topic, 0);
        }

        /// <summary>Produces so many records, in turn to so many partitions, and waits until all are acknowledged.</summary>
        public void Produce(byte[] value, int records, int partitions)
        {
            const int Together = 1000;
            var pinned = GCHandle.Alloc(value, GCHandleType.Pinned);
            var messages = (Message*)NativeMemory.AllocZeroed(Together, (nuint)sizeof(Message));
            try
            {
                Volatile.Write(ref _failedDeliveries, 0);
                for (var sent = 0; sent < records; sent += Together)
                {
                    for (var i = 0; i < Together; i++)
                        messages[i] = new Message { Payload = pinned.AddrOfPinnedObject(), Length = (nuint)value.Length };
                    if (rd_kafka_produce_batch(_topic, sent / Together % partitions, 0, messages, Together) != Together)
                        throw new InvalidOperationException("librdkafka's queue is full.");
                }

                Check(rd_kafka_flush(_client, 60_000));
                if (Volatile.Read(ref _failedDeliveries) > 0)
                    throw new InvalidOperationException($"{_failedDeliveries} records were not acknowledged.");
            }
            finally
            {
                NativeMemory.Free(messages);
                pinned.Free();
            }
        }

        /// <summary>Reads so many records from the beginning of so many partitions; returns how many bytes their values had.</summary>
        public long Consume(int records, int partitions)
        {
            var queue = rd_kafka_queue_new(_client);
            for (var partition = 0; partition < partitions; partition++)
            {
                const long Beginning = -2;
                if (rd_kafka_consume_start_queue(_topic, partition, Beginning, queue) != 0)
                    throw new InvalidOperationException("The consumer cannot start.");
            }

            var seen = default(Seen);
            while (seen.Records < records)
                _ = rd_kafka_consume_callback_queue(queue, 1000, &OnMessage, &seen);
            for (var partition = 0; partition < partitions; partition++)
                _ = rd_kafka_consume_stop(_topic, partition);
            rd_kafka_queue_destroy(queue);
            return seen.Bytes;
        }

        public void Dispose()
        {
            rd_kafka_topic_destroy(_topic);
            rd_kafka_destroy(_client);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnDelivery(nint client, Message* message, nint opaque)
    {
        if (message->Error != 0)
            Interlocked.Increment(ref _failedDeliveries);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMessage(Message* message, void* opaque)
    {
        if (message->Error != 0)
            return; // the end of a partition
        var seen = (Seen*)opaque;
        seen->Records++;
        seen->Bytes += (long)message->Length;
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw new InvalidOperationException($"librdkafka: error {error}.");
    }

    private static string Text(byte* error) => Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(error));

    private struct Seen
    {
        public long Records;
        public long Bytes;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public int Error;
        public nint Topic;
        public int Partition;
        public nint Payload;
        public nuint Length;
        public nint Key;
        public nuint KeyLength;
        public long Offset;
        public nint Opaque;
    }

    [LibraryImport(Library)]
    private static partial nint rd_kafka_version_str();

    [LibraryImport(Library)]
    private static partial nint rd_kafka_conf_new();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rd_kafka_conf_set(nint conf, string name, string value, byte* error, nuint errorBytes);

    [LibraryImport(Library)]
    private static partial void rd_kafka_conf_set_dr_msg_cb(nint conf, delegate* unmanaged[Cdecl]<nint, Message*, nint, void> callback);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_new(int type, nint conf, byte* error, nuint errorBytes);

    [LibraryImport(Library)]
    private static partial void rd_kafka_destroy(nint client);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_handle_mock_cluster(nint client);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rd_kafka_mock_topic_create(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint rd_kafka_topic_new(nint client, string topic, nint conf);

    [LibraryImport(Library)]
    private static partial void rd_kafka_topic_destroy(nint topic);

    [LibraryImport(Library)]
    private static partial int rd_kafka_produce_batch(nint topic, int partition, int flags, Message* messages, int count);

    [LibraryImport(Library)]
    private static partial int rd_kafka_flush(nint client, int timeoutMs);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_queue_new(nint client);

    [LibraryImport(Library)]
    private static partial void rd_kafka_queue_destroy(nint queue);

    [LibraryImport(Library)]
    private static partial int rd_kafka_consume_start_queue(nint topic, int partition, long offset, nint queue);

    [LibraryImport(Library)]
    private static partial int rd_kafka_consume_stop(nint topic, int partition);

    [LibraryImport(Library)]
    private static partial int rd_kafka_consume_callback_queue(
        nint queue, int timeoutMs, delegate* unmanaged[Cdecl]<Message*, void*, void> callback, void* opaque);
}
