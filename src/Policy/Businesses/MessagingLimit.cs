namespace Actors.Policy.Businesses;

/// <summary>How many users a business may open in 24 hours. Stored and sent as numbers, lowest first: never renumber.</summary>
public enum LimitTier : byte
{
    /// <summary>250.</summary>
    First = 0,

    /// <summary>2,000.</summary>
    Second = 1,

    /// <summary>10,000.</summary>
    Third = 2,

    /// <summary>100,000.</summary>
    Fourth = 3,

    /// <summary>As many as it likes.</summary>
    Unlimited = 4,
}

/// <summary>Section <c>Policy:Limit</c>.</summary>
public sealed record LimitNumbers
{
    /// <summary>A limit goes up at most once in this time. Whole milliseconds, 1 hour to 30 days; default 24 hours.</summary>
    public TimeSpan RaiseInterval { get; init => field = Length("RaiseInterval", value, TimeSpan.FromDays(30)); } = TimeSpan.FromHours(24);

    /// <summary>In this time the limit has to be used, counted by whole hours. Whole milliseconds, 1 hour to 7 days; default 7 days.</summary>
    public TimeSpan UsePeriod { get; init => field = Length("UsePeriod", value, TimeSpan.FromDays(7)); } = TimeSpan.FromDays(7);

    /// <summary>So much of it has to be delivered, in percent. 1 to 1,000; default 50.</summary>
    public int UsePercent { get; init => field = Checked.Count("Policy:Limit:UsePercent", value, 1, 1_000); } = 50;

    private static TimeSpan Length(string name, TimeSpan value, TimeSpan max) => Checked.Length($"Policy:Limit:{name}", value, TimeSpan.FromHours(1), max);
}

/// <summary>A business's messaging limit and when it last moved.</summary>
/// <param name="Tier">The limit.</param>
/// <param name="MovedAt">When it last went up, or an operator set it; 0 when it never did.</param>
public readonly record struct LimitState(LimitTier Tier = LimitTier.First, Instant MovedAt = default);

/// <summary>The business messaging limit.</summary>
public static class MessagingLimit
{
    /// <summary>Users in any 24 hours; null where there is no limit.</summary>
    public static int? Users(LimitTier tier) => tier switch
    {
        LimitTier.First => 250,
        LimitTier.Second => 2_000,
        LimitTier.Third => 10_000,
        LimitTier.Fourth => 100_000,
        LimitTier.Unlimited => null,
    };

    /// <summary>What verification gives: at least 2,000. That is no move: what use has earned may follow at once.</summary>
    public static LimitState Verified(LimitState state) => state.Tier < LimitTier.Second ? state with { Tier = LimitTier.Second } : state;

    /// <summary>What an operator sets. It holds for one interval at least, then use can raise it.</summary>
    public static LimitState Set(LimitTier tier, Instant now) => new(tier, now);

    /// <summary>One tier up where everything for it is there, otherwise the same.</summary>
    /// <param name="state">The limit.</param>
    /// <param name="conduct">What was delivered, the band, and where the business stands.</param>
    /// <param name="verified">Whether the business is verified: above 2,000 nothing goes up without.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="now">The ledger's time.</param>
    /// <remarks>A warning runs for its time like any restriction: while one runs, nothing goes up.</remarks>
    public static LimitState Raised(LimitState state, Conduct conduct, bool verified, PolicyNumbers numbers, Instant now)
    {
        if (Users(state.Tier) is not { } users
            || conduct.Band is QualityBand.Unknown or QualityBand.Red
            || (state.Tier >= LimitTier.Second && !verified)
            || (state.MovedAt != default && now < state.MovedAt + numbers.Limit.RaiseInterval)
            || Enforcement.At(conduct.Enforcement, numbers.Enforcement, now).Restriction != Restriction.None)
        {
            return state;
        }

        var delivered = conduct.DeliveredWithin(numbers.Limit.UsePeriod, new Instant(0), now);
        return delivered * 100 >= (long)users * numbers.Limit.UsePercent ? new LimitState(state.Tier + 1, now) : state;
    }
}
