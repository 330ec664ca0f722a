namespace Actors.Policy.Businesses;

/// <summary>What a user does against a business's messages, lightest first. Stored and sent as numbers: never renumber.</summary>
public enum NegativeSignal : byte
{
    /// <summary>Told that a message doesn't interest them.</summary>
    NotInterested = 1,

    /// <summary>Opted out, or stopped the marketing, by call or word.</summary>
    OptOut = 2,

    /// <summary>Blocked the business.</summary>
    Block = 3,

    /// <summary>Reported it.</summary>
    Report = 4,
}
