using StreamSQL.Broker.Fetching;
using StreamSQL.Broker.Network;
using StreamSQL.Kafka;
using StreamSQL.Kafka.Messages;
using StreamSQL.Kafka.Protocol;

namespace StreamSQL.Broker.Handlers;

/// <summary>Reads record batches, and waits for them when there are too few; in fetch sessions where clients want it (KIP-227).</summary>
internal sealed class FetchHandler(BrokerServices services) : ApiHandler<FetchRequest, FetchResponse>(Apis.Fetch)
{
    private const int StarvedThrottleMs = 100;

    private readonly BrokerHost _host = services.Host;
    private readonly FetchMemory _memory = services.FetchMemory;
    private readonly FetchSessionCache _sessions = services.FetchSessions;
    private readonly int _maxBytes = services.Listener.MaxFetchBytes;
    private readonly TimeProvider _time = services.Time;

    public override short MaxVersion => 17;

    protected override async ValueTask<FetchResponse?> HandleAsync(FetchRequest request, RequestContext context)
    {
        ErrorCode error = _sessions.Begin(request, context.Header.Version, out FetchSession? session);
        if (error != ErrorCode.None)
            return new FetchResponse { ErrorCode = error };
        bool isNew = session!.Id == FetchSessionCache.NoSession;
        var pass = new FetchPass(services, session, request, context, _maxBytes);
        int epoch = isNew ? FetchSessionCache.FirstEpoch : FetchSessionCache.NextEpoch(request.SessionEpoch);
        FetchResponse response = await ReadAsync(pass, session, epoch, request.MaxWaitMs, context);
        if (!isNew)
            return response;
        if (!session.MayStay || !_sessions.TryKeep(session))
        {
            lock (session.Gate)
                session.Close();
        }
        response.SessionId = session.Id;
        return response;
    }

    private async ValueTask<FetchResponse> ReadAsync(FetchPass pass, FetchSession session, int epoch, int maxWaitMs, RequestContext context)
    {
        long start = _time.GetTimestamp();
        bool watches = session.MayStay;
        bool mayWait = maxWaitMs > 0;
        while (true)
        {
            lock (session.Gate)
            {
                if (session.IsClosed)
                    return new FetchResponse { ErrorCode = ErrorCode.FetchSessionIdNotFound };
                if (session.Epoch != epoch)
                    return new FetchResponse { ErrorCode = ErrorCode.InvalidFetchSessionEpoch, SessionId = session.Id };
                pass.Run(watches);
                if (pass.IsEnough || !mayWait)
                    return Answer(pass, session);
            }
            TimeSpan left = TimeSpan.FromMilliseconds(maxWaitMs) - _time.GetElapsedTime(start);
            if (pass.IsStarved)
            {
                mayWait = left > TimeSpan.Zero && await _memory.WaitAsync(left, _time, context.Stopping);
                continue;
            }
            // Who must wait reads again once the partitions are watched, so that nothing comes between.
            if (watches)
                mayWait = left > TimeSpan.Zero && await session.WaitAsync(epoch, left, _time, context.Stopping);
            watches = true;
        }
    }

    private static FetchResponse Answer(FetchPass pass, FetchSession session)
    {
        FetchResponse response = pass.Answer();
        response.SessionId = session.Id;
        response.ThrottleTimeMs = pass.IsStarved ? StarvedThrottleMs : 0;
        return response;
    }
}
