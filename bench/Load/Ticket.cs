namespace Actors.Bench.Load;

/// <summary>What a request asks for.</summary>
internal enum Kind : byte
{
    /// <summary>A utility template.</summary>
    Utility,

    /// <summary>A free-form text, mostly into an open window.</summary>
    Service,

    /// <summary>A marketing template.</summary>
    Marketing,

    /// <summary>A new user's opt-in, which the first send to them follows.</summary>
    OptIn,

    /// <summary>A device reports that it has got a message.</summary>
    Delivered,

    /// <summary>A device reports that a message was read.</summary>
    Read,
}

/// <summary>How a request relates to an earlier one.</summary>
internal enum Repeat : byte
{
    /// <summary>It doesn't.</summary>
    None,

    /// <summary>The same key and body as one that was accepted: must give the same message.</summary>
    Replay,

    /// <summary>The same key and body as one that is on its way: both must give the same message.</summary>
    Twin,

    /// <summary>The same key as one that was accepted, but another body: must be refused.</summary>
    Conflict,
}

/// <summary>One request on its way: all that is needed to write it, and to check its answer.</summary>
internal struct Ticket
{
    public int User;
    public int Business;
    public Kind Kind;
    public Repeat Repeat;

    /// <summary>Varies the body: the same serial, the same body.</summary>
    public uint Serial;

    /// <summary>The idempotency key; 0 for none.</summary>
    public ulong Key;

    /// <summary>For a replay: the message that it must give.</summary>
    public ulong Wamid;

    /// <summary>Whether another request with this key is on its way, too.</summary>
    public bool HasTwin;

    /// <summary>For an opt-in that was taken: the connection's next request is the first send to this user.</summary>
    public bool FirstSendIsDue;
}
