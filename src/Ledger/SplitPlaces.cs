namespace Actors.Ledger;

/// <summary>
/// How several servers number one log. Server k draws the places that are k modulo 64: so all are distinct, and can be compared. A round is a place's part
/// above that: 64 places, one of each server.
/// </summary>
internal static class SplitPlaces
{
    /// <summary>Most servers: the distance of two places of one of them.</summary>
    public const int Step = 1 << Bits;

    /// <summary>So many bits of a place are its server.</summary>
    public const int Bits = 6;

    /// <summary>The round that a place is of.</summary>
    public static long RoundOf(long place) => place >> Bits;

    /// <summary>The last place of a round, whosever it is.</summary>
    public static long LastOf(long round) => (round << Bits) + Step - 1;
}
