using System.Collections.Immutable;

namespace Actors.Policy.Businesses;

/// <summary>What a strike is for. Stored and sent as numbers: never renumber.</summary>
public enum StrikeCause : byte
{
    /// <summary>Red for long enough, with enough delivered.</summary>
    SustainedRed = 1,

    /// <summary>Many reports within an hour.</summary>
    ReportBurst = 2,

    /// <summary>A violation that an operator recorded.</summary>
    Violation = 3,
}

/// <summary>How an appeal stands. Stored and sent as numbers: never renumber.</summary>
public enum AppealStatus : byte
{
    /// <summary>Filed; nobody has decided.</summary>
    Filed = 1,

    /// <summary>The strike stays.</summary>
    Upheld = 2,

    /// <summary>The strike is taken back.</summary>
    Reversed = 3,
}

/// <summary>What a restriction forbids, mildest first. Stored and sent as numbers: never renumber.</summary>
public enum Restriction : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Nothing, but a strike has been.</summary>
    Warning = 1,

    /// <summary>Marketing, also inside the window.</summary>
    NoMarketing = 2,

    /// <summary>Everything outside the window, and marketing.</summary>
    WindowOnly = 3,

    /// <summary>Everything.</summary>
    Nothing = 4,

    /// <summary>Everything, until an operator unlocks.</summary>
    Locked = 5,
}

/// <summary>A business's word against a strike; one for each.</summary>
/// <param name="At">When it was filed.</param>
/// <param name="Text">What the business says.</param>
/// <param name="Status">How it stands.</param>
/// <param name="DecidedAt">When it was decided; null before.</param>
/// <param name="Note">What the operator says to it.</param>
public sealed record Appeal(Instant At, string Text, AppealStatus Status = AppealStatus.Filed, Instant? DecidedAt = null, string Note = "");

/// <summary>One step up the ladder.</summary>
/// <param name="Number">1, 2, … in the business's life; never given twice.</param>
/// <param name="Cause">What for.</param>
/// <param name="At">When; never before the one before it.</param>
/// <param name="Note">What was measured, or what the operator says.</param>
/// <param name="Appeal">The business's word against it; null while there is none.</param>
public sealed record Strike(int Number, StrikeCause Cause, Instant At, string Note, Appeal? Appeal = null)
{
    /// <summary>Whether it was taken back: then it is as if it had never been.</summary>
    public bool IsReversed => Appeal?.Status == AppealStatus.Reversed;
}

/// <summary>An operator let a business out of tier 6.</summary>
/// <param name="At">When.</param>
/// <param name="Strikes">How many strikes there had been.</param>
public readonly record struct Unlock(Instant At, int Strikes);

/// <summary>What enforcement knows of a business; where it stands follows from it (<see cref="Enforcement.At"/>).</summary>
public sealed record EnforcementState
{
    /// <summary>All strikes, oldest first, those taken back among them.</summary>
    public ImmutableArray<Strike> Strikes { get; init; } = [];

    /// <summary>When operators let it out of tier 6, oldest first.</summary>
    public ImmutableArray<Unlock> Unlocks { get; init; } = [];

    /// <summary>When an operator locked it, whatever its tier; null when none did, or it was unlocked since.</summary>
    public Instant? LockedAt { get; init; }

    /// <summary>The newest instant in here: nothing is ever recorded before it.</summary>
    internal Instant LastAt
    {
        get
        {
            var strike = Strikes.IsEmpty ? default : Strikes[^1].At;
            return Unlocks.IsEmpty ? strike : Instant.Max(strike, Unlocks[^1].At);
        }
    }
}

/// <summary>Where a business stands at one instant.</summary>
/// <param name="Tier">0 to 6.</param>
/// <param name="Restriction">What runs.</param>
/// <param name="Until">When it ends by itself; null where nothing runs or an operator has to unlock.</param>
/// <param name="TierFallsAt">When the next tier comes off if there is no strike; null in tier 0 and 6.</param>
public readonly record struct Standing(int Tier, Restriction Restriction, Instant? Until, Instant? TierFallsAt)
{
    /// <summary>Whether something is forbidden, now or for longer, that <paramref name="other"/> of the same instant didn't forbid.</summary>
    public bool ForbidsMoreThan(Standing other) =>
        Restriction > Restriction.Warning
        && (Restriction > other.Restriction || (Restriction == other.Restriction && Until is { } until && until > other.Until));
}

/// <summary>A place on the ladder that was told.</summary>
/// <param name="Tier">0 to 6.</param>
/// <param name="Restriction">What ran.</param>
public readonly record struct ToldStanding(int Tier, Restriction Restriction);
