namespace Actors.Policy.Businesses;

/// <summary>Why something can't be done about a strike. Stored and sent as numbers: never renumber.</summary>
public enum AppealRefusal : byte
{
    /// <summary>There is no such strike.</summary>
    StrikeUnknown = 1,

    /// <summary>There was an appeal against it already.</summary>
    AppealedBefore = 2,

    /// <summary>The time for it is over.</summary>
    TooLate = 3,

    /// <summary>Nothing was filed that could be decided.</summary>
    NotAppealed = 4,

    /// <summary>It has been decided.</summary>
    Decided = 5,
}

/// <summary>What came of an appeal: the next state, or why not.</summary>
/// <param name="Next">The next state; null when refused.</param>
/// <param name="Refusal">Why not; null when done.</param>
public readonly record struct AppealResult(EnforcementState? Next, AppealRefusal? Refusal);

/// <summary>The enforcement ladder.</summary>
/// <remarks>
/// Where a business stands is never stored: it is the replay of its strikes that weren't taken back, and of the times that it was let out of tier 6.
/// So restrictions end and tiers fall by time alone, and taking a strike back needs no other rule. The newest strike's restriction replaces the one
/// before, and never ends before it: whatever the numbers, a strike makes nothing milder.
/// </remarks>
public static class Enforcement
{
    /// <summary>The highest tier: locked.</summary>
    public const int TierMax = 6;

    /// <summary>Where a business stands.</summary>
    public static Standing At(EnforcementState state, EnforcementNumbers numbers, Instant now)
    {
        var ladder = Replay(state, numbers).To(Instant.Max(now, state.LastAt));
        var fallsAt = ladder.Tier is 0 or TierMax ? (Instant?)null : ladder.Since + numbers.Decay;
        if (state.LockedAt is not null || ladder.Tier == TierMax)
        {
            return new Standing(ladder.Tier, Restriction.Locked, null, fallsAt);
        }

        return ladder.Until > now
            ? new Standing(ladder.Tier, RestrictionOf(ladder.Struck), ladder.Until, fallsAt)
            : new Standing(ladder.Tier, Restriction.None, null, fallsAt);
    }

    /// <summary>One strike more.</summary>
    /// <param name="state">The state.</param>
    /// <param name="cause">What for.</param>
    /// <param name="note">What was measured, or what the operator says.</param>
    /// <param name="now">The ledger's time; one before the newest strike counts as that strike's.</param>
    public static EnforcementState Strike(EnforcementState state, StrikeCause cause, string note, Instant now) =>
        state with { Strikes = state.Strikes.Add(new Strike(state.Strikes.Length + 1, cause, Instant.Max(now, state.LastAt), note)) };

    /// <summary>Locks at once, whatever the tier. Locking again changes nothing.</summary>
    public static EnforcementState Lock(EnforcementState state, Instant now) => state.LockedAt is null ? state with { LockedAt = now } : state;

    /// <summary>
    /// Takes back an operator's lock, and lets out of tier 6: into 5, without a restriction, and the next tier falls one decay from now. What the
    /// ladder restricts below tier 6 goes on. Changes nothing where nothing is locked.
    /// </summary>
    public static EnforcementState Unlock(EnforcementState state, EnforcementNumbers numbers, Instant now)
    {
        var at = Instant.Max(now, state.LastAt);
        return Replay(state, numbers).Tier == TierMax
            ? state with { LockedAt = null, Unlocks = state.Unlocks.Add(new Unlock(at, state.Strikes.Length)) }
            : state with { LockedAt = null };
    }

    /// <summary>The business's word against a strike: within the time for it, once for each.</summary>
    public static AppealResult Appeal(EnforcementState state, int strike, string text, EnforcementNumbers numbers, Instant now)
    {
        if (Find(state, strike) is not { } found)
        {
            return new AppealResult(null, AppealRefusal.StrikeUnknown);
        }

        return found switch
        {
            { Appeal: not null } => new AppealResult(null, AppealRefusal.AppealedBefore),
            _ when now >= found.At + numbers.AppealWithin => new AppealResult(null, AppealRefusal.TooLate),
            _ => Put(state, found with { Appeal = new Appeal(now, text) }),
        };
    }

    /// <summary>An operator decides an appeal: upheld, the strike stays; reversed, it is taken back and the remaining ones are replayed.</summary>
    public static AppealResult Decide(EnforcementState state, int strike, bool reversed, string note, Instant now)
    {
        if (Find(state, strike) is not { } found)
        {
            return new AppealResult(null, AppealRefusal.StrikeUnknown);
        }

        return found.Appeal switch
        {
            null => new AppealResult(null, AppealRefusal.NotAppealed),
            { Status: not AppealStatus.Filed } => new AppealResult(null, AppealRefusal.Decided),
            { } filed => Put(
                state,
                found with { Appeal = filed with { Status = reversed ? AppealStatus.Reversed : AppealStatus.Upheld, DecidedAt = now, Note = note } }),
        };
    }

    /// <summary>From when on what makes a strike of this cause is counted; null where it isn't, while locked.</summary>
    /// <remarks>
    /// Where this cause has struck before, its condition is needed anew from the end of the last restriction, whatever that was for. A strike of it
    /// that was taken back counts up to that decision: otherwise the same facts would strike again at once.
    /// </remarks>
    public static Instant? CountsFrom(EnforcementState state, StrikeCause cause, EnforcementNumbers numbers)
    {
        var ladder = Replay(state, numbers);
        if (state.LockedAt is not null || ladder.Tier == TierMax)
        {
            return null;
        }

        var from = new Instant(0);
        foreach (var strike in state.Strikes)
        {
            if (strike.Cause == cause)
            {
                from = Instant.Max(from, strike.IsReversed ? strike.Appeal?.DecidedAt ?? from : ladder.Until);
            }
        }

        return from;
    }

    private static Strike? Find(EnforcementState state, int strike) =>
        strike >= 1 && strike <= state.Strikes.Length ? state.Strikes[strike - 1] : null;

    private static AppealResult Put(EnforcementState state, Strike strike) =>
        new(state with { Strikes = state.Strikes.SetItem(strike.Number - 1, strike) }, null);

    private static Ladder Replay(EnforcementState state, EnforcementNumbers numbers)
    {
        var ladder = new Ladder(numbers);
        var unlocks = 0;
        foreach (var strike in state.Strikes)
        {
            for (; unlocks < state.Unlocks.Length && state.Unlocks[unlocks].Strikes < strike.Number; unlocks++)
            {
                ladder = ladder.Unlocked(state.Unlocks[unlocks].At);
            }

            ladder = strike.IsReversed ? ladder : ladder.Up(strike.At);
        }

        for (; unlocks < state.Unlocks.Length; unlocks++)
        {
            ladder = ladder.Unlocked(state.Unlocks[unlocks].At);
        }

        return ladder;
    }

    private static Restriction RestrictionOf(int tier) => tier switch
    {
        0 => Restriction.None,
        1 => Restriction.Warning,
        2 or 3 => Restriction.NoMarketing,
        4 => Restriction.WindowOnly,
        5 => Restriction.Nothing,
        _ => Restriction.Locked,
    };

    /// <summary>A place on the ladder.</summary>
    /// <param name="Numbers">Its numbers.</param>
    /// <param name="Tier">The tier, as it was at <paramref name="Since"/>.</param>
    /// <param name="Since">The last strike, or the unlock that led here, moved on by each tier that fell.</param>
    /// <param name="Struck">The tier that the last strike led to: what it restricts, even if tiers fell since.</param>
    /// <param name="Until">When the last restriction ends or ended; without meaning in tier 6.</param>
    private readonly record struct Ladder(EnforcementNumbers Numbers, int Tier = 0, Instant Since = default, int Struck = 0, Instant Until = default)
    {
        /// <summary>The same later: each whole decay takes one tier off, never out of 6.</summary>
        public Ladder To(Instant at)
        {
            if (Tier is 0 or TierMax)
            {
                return this;
            }

            var decay = (long)Numbers.Decay.TotalMilliseconds;
            var fallen = (int)Math.Min(Tier, (at.Milliseconds - Since.Milliseconds) / decay);
            return this with { Tier = Tier - fallen, Since = new Instant(Since.Milliseconds + (fallen * decay)) };
        }

        public Ladder Up(Instant at)
        {
            var tier = Math.Min(TierMax, To(at).Tier + 1);
            var until = at + (Numbers.LengthOf(tier) ?? TimeSpan.Zero);

            // A further strike never shortens what is forbidden; a warning forbids nothing.
            return new Ladder(Numbers, tier, at, tier, RestrictionOf(Struck) > Restriction.Warning ? Instant.Max(Until, until) : until);
        }

        /// <summary>
        /// Out of 6 where the replay is there; and where strikes taken back since mean that it never got there, what ran ends all the same: taking a
        /// strike back must not bring a restriction back.
        /// </summary>
        public Ladder Unlocked(Instant at)
        {
            var until = at < Until ? at : Until;
            return Tier == TierMax ? new Ladder(Numbers, TierMax - 1, at, TierMax - 1, at) : this with { Until = until };
        }
    }
}
