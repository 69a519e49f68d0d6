using StreamSQL.Kafka;

namespace StreamSQL.Broker.Handlers;

/// <summary>The time that a request gives to the changes that it asks for (its <c>timeout.ms</c>).</summary>
/// <param name="time">Measures it.</param>
/// <param name="timeoutMs">The time in milliseconds, from now; 0 or less for as long as it takes.</param>
internal sealed class RequestDeadline(TimeProvider time, int timeoutMs)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>The result of a change. One that is late goes on, and may have its effect later.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.RequestTimedOut"/>, or what the change throws.</exception>
    public async ValueTask<T> AwaitAsync<T>(Task<T> change)
    {
        if (timeoutMs > 0 && !change.IsCompleted && !await BoundedWait.EndsWithinAsync(change, Left, time))
            throw new KafkaException(ErrorCode.RequestTimedOut, $"The disk has not taken the change within {timeoutMs} ms; it may do so later.");
        return await change;
    }

    private TimeSpan Left
    {
        get
        {
            TimeSpan left = TimeSpan.FromMilliseconds(timeoutMs) - time.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }
}
