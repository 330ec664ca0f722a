using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;

namespace Actors.Grains;

/// <summary>
/// Where a business would stand by the shadow policy: begun as a copy of where it stands, then fed with the same events and acts, and judged by the shadow's
/// numbers. Nothing is ever told of it: no event, no audit, no epoch.
/// </summary>
/// <param name="SetAt">When the shadow was set.</param>
/// <param name="Conduct">How it behaves, and what that would have led to.</param>
/// <param name="Limit">Its messaging limit.</param>
internal sealed record TriedBusinessState(Instant SetAt, Conduct Conduct, LimitState Limit);

/// <summary>Keeps <see cref="BusinessState.Tried"/> beside what is real.</summary>
internal static class TriedBusinesses
{
    /// <summary>
    /// What is tried so far, of this shadow; the copy that it begins as where nothing has happened under it yet; null while nothing is tried.
    /// </summary>
    public static TriedBusinessState? TriedBy(this BusinessState state, ShadowPolicy? shadow) =>
        shadow is null ? null
        : state.Tried is { } tried && tried.SetAt == shadow.SetAt ? tried
        : new TriedBusinessState(shadow.SetAt, state.ConductSoFar, state.LimitSoFar);

    /// <summary>As a lease says it.</summary>
    /// <param name="isLocked">Whether it is locked though its conduct doesn't say so: an older build locked it.</param>
    public static TriedBusiness TriedView(this BusinessState state, ShadowPolicy shadow, bool isLocked, Instant now)
    {
        var tried = state.TriedBy(shadow)!;
        var standing = Enforcement.At(tried.Conduct.Enforcement, shadow.Numbers.Enforcement, now);
        return new TriedBusiness(
            shadow.Id,
            isLocked || standing.Restriction == Restriction.Locked,
            standing.Restriction,
            standing.Until,
            tried.Conduct.Band,
            tried.Limit.Tier);
    }

    /// <summary>Whether a lease would say something else of what is tried: then the holders are told, as of what is allowed.</summary>
    public static bool StandsOtherwise(this BusinessState state, BusinessState before, ShadowPolicy shadow, Instant now) =>
        state.TriedView(shadow, isLocked: false, now) != before.TriedView(shadow, isLocked: false, now);

    /// <summary>Judged by the shadow's numbers, as <see cref="JudgedBusiness.Of"/> judges by those that hold.</summary>
    public static TriedBusinessState JudgedBy(this TriedBusinessState tried, ShadowPolicy shadow, bool isVerified, Instant now)
    {
        var conduct = tried.Conduct.At(MessagingLimit.Users(tried.Limit.Tier), shadow.Numbers, now).Next;
        return tried with { Conduct = conduct, Limit = MessagingLimit.Raised(tried.Limit, conduct, isVerified, shadow.Numbers, now) };
    }

    /// <summary>After a step of enforcement that was really made.</summary>
    /// <param name="act">The step, on other strikes and by other numbers.</param>
    public static TriedBusinessState After(
        this TriedBusinessState tried, ShadowPolicy shadow, Func<EnforcementState, EnforcementNumbers, EnforcementState> act) =>
        tried with { Conduct = tried.Conduct with { Enforcement = act(tried.Conduct.Enforcement, shadow.Numbers.Enforcement) } };

    /// <summary>
    /// After a word was said about a strike: the same is said of the strike that was made for the same at the same instant, whatever its number. One that the
    /// shadow made at another instant, or didn't make, it doesn't concern.
    /// </summary>
    public static EnforcementState WithAppealOf(this EnforcementState state, Strike real)
    {
        var found = state.Strikes.FirstOrDefault(strike => strike.Cause == real.Cause && strike.At == real.At && strike.Note == real.Note);
        return found is null ? state : state with { Strikes = state.Strikes.SetItem(found.Number - 1, found with { Appeal = real.Appeal }) };
    }
}
