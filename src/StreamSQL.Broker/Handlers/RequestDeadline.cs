using StreamSQL.Kafka;

namespace StreamSQL.Broker.Handlers;

/// <summary>The time that is given to the changes that a request asks for.</summary>
/// <param name="time">Measures it.</param>
/// <param name="timeoutMs">The time in milliseconds, from now; 0 or less for as long as it takes.</param>
internal sealed class RequestDeadline(TimeProvider time, int timeoutMs)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>
    /// For requests that say no time of their own: they wait for the disk as long as those to coordinators do
    /// (<c>offsets.commit.timeout.ms</c>).
    /// </summary>
    public static RequestDeadline Of(BrokerServices services) =>
        new(services.Time, (int)services.Host.Options.Groups.WriteTimeout.TotalMilliseconds);

    /// <summary>Whether it has passed.</summary>
    public bool HasPassed => timeoutMs > 0 && Left == TimeSpan.Zero;

    /// <summary>The result of a change. One that is late goes on, and may have its effect later.</summary>
    /// <exception cref="KafkaException"><see cref="ErrorCode.RequestTimedOut"/>, or what the change throws.</exception>
    public async ValueTask<T> AwaitAsync<T>(Task<T> change)
    {
        if (timeoutMs > 0 && !change.IsCompleted && !await BoundedWait.EndsWithinAsync(change, Left, time))
            throw Late();
        return await change;
    }

    /// <inheritdoc cref="AwaitAsync{T}"/>
    public async ValueTask AwaitAsync(Task change)
    {
        if (timeoutMs > 0 && !change.IsCompleted && !await BoundedWait.EndsWithinAsync(change, Left, time))
            throw Late();
        await change;
    }

    private KafkaException Late() =>
        new(ErrorCode.RequestTimedOut, $"The disk has not taken the change within {timeoutMs} ms; it may do so later.");

    private TimeSpan Left
    {
        get
        {
            TimeSpan left = TimeSpan.FromMilliseconds(timeoutMs) - time.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }
}
