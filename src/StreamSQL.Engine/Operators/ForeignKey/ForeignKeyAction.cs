namespace StreamSQL.Engine.Operators.ForeignKey;

/// <summary>What a subscription asks for. The numbers stand in internal topics.</summary>
internal enum ForeignKeyAction
{
    /// <summary>The left row refers to another key now: forget it.</summary>
    Forget = 0,

    /// <summary>The left row is gone: forget it, and answer that.</summary>
    Delete = 1,

    /// <summary>The left row refers to this key: answer in any case, since there may be an earlier result.</summary>
    Subscribe = 2,

    /// <summary>The left row refers to this key: answer if there is a right row.</summary>
    SubscribeIfFound = 3,
}
