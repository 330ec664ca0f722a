using System.Globalization;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>What the platform holds of a user, as the user sees it.</summary>
/// <param name="User">The wa_id.</param>
/// <param name="Known">Whether anything was ever heard of this user.</param>
/// <param name="Businesses">Everyone with whom anything is left.</param>
/// <param name="MarketingCap">How much marketing may still come.</param>
/// <param name="Preferences">The user's word about all businesses.</param>
/// <param name="Devices">The user's devices.</param>
internal sealed record UserResponse(
    string User,
    bool Known,
    IReadOnlyList<UserBusiness> Businesses,
    MarketingCapShape MarketingCap,
    PreferencesShape Preferences,
    IReadOnlyList<DeviceShape> Devices)
{
    /// <param name="user">The wa_id.</param>
    /// <param name="view">What its grain says.</param>
    /// <param name="businesses">The businesses of its relations, as far as they are known.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="wamid">Encodes ids of messages; null to leave them out.</param>
    public static UserResponse From(
        long user, UserView view, IReadOnlyDictionary<long, BusinessView> businesses, PolicyNumbers numbers, Wamid? wamid = null) => new(
        user.ToString(CultureInfo.InvariantCulture),
        view.Version > 0,
        [.. view.State.Relations.Select(r => UserBusiness.From(r, businesses.GetValueOrDefault(r.Business), view, numbers))],
        MarketingCapShape.From(view.State, numbers.MarketingCap, view.Now),
        PreferencesShape.From(view.State.Preferences),
        [
            .. view.State.Devices.Select(d => new DeviceShape(
                d.Name,
                d.Since.ToString(),
                d.Acked == 0 ? null : wamid?.Encode(user, d.Acked),
                d.ReadUpTo == 0 ? null : wamid?.Encode(user, d.ReadUpTo))),
        ]);
}

/// <summary>The user's word about all businesses.</summary>
/// <param name="Businesses">Whether businesses may write at all.</param>
/// <param name="Marketing">Whether any business may send marketing.</param>
/// <param name="Languages">BCP 47 tags, best first.</param>
/// <param name="MarketingPerDay">The user's own number; missing where there is none.</param>
/// <param name="QuietHours">When no marketing may come; missing where there are none.</param>
internal sealed record PreferencesShape(
    bool Businesses, bool Marketing, IReadOnlyList<string> Languages, int? MarketingPerDay, QuietHoursShape? QuietHours)
{
    public static PreferencesShape From(Preferences preferences) => new(
        preferences.Businesses,
        preferences.Marketing,
        preferences.Languages,
        preferences.MarketingPerDay,
        preferences.QuietHours is { } quiet ? new QuietHoursShape(Time(quiet.Start), Time(quiet.End), quiet.TimeZone) : null);

    private static string Time(int minutes) => new TimeOnly(minutes / 60, minutes % 60).ToString("HH:mm", CultureInfo.InvariantCulture);
}

/// <summary>Quiet hours.</summary>
internal sealed record QuietHoursShape(string Start, string End, string TimeZone);

/// <summary>A device.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Since">When it was registered.</param>
/// <param name="Acknowledged">Id of the message up to which it says that it has everything; missing while it has said nothing.</param>
/// <param name="ReadUpTo">Id of the message up to which it says that everything was read on it; missing while it has said nothing.</param>
internal sealed record DeviceShape(string Name, string Since, string? Acknowledged, string? ReadUpTo);

/// <summary>What holds between the user and one business.</summary>
/// <param name="Id">The business's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Verified">Whether the platform verified it.</param>
/// <param name="Official">Whether it bears the official badge.</param>
/// <param name="Consents">By category.</param>
/// <param name="MarketingStopped">Whether the user stopped its marketing.</param>
/// <param name="MarketingRestsUntil">Until when its marketing rests, because the user isn't interested; missing where it doesn't.</param>
/// <param name="Block">The user's block; missing where there is none.</param>
/// <param name="Window">The customer-service window.</param>
internal sealed record UserBusiness(
    string Id,
    string? Name,
    bool Verified,
    bool Official,
    IReadOnlyList<ConsentShape> Consents,
    bool MarketingStopped,
    string? MarketingRestsUntil,
    BlockShape? Block,
    WindowShape Window)
{
    public static UserBusiness From(Relation relation, BusinessView? business, UserView view, PolicyNumbers numbers)
    {
        var until = relation.WindowFrom + numbers.Window.Length;
        return new UserBusiness(
            relation.Business.ToString(CultureInfo.InvariantCulture),
            business?.Registration.Name,
            business?.Verification == Verification.Verified,
            business?.Official == true,
            [.. ConsentCategories.Select(c => ConsentShape.From(c, relation.ConsentFor(c), view)).OfType<ConsentShape>()],
            relation.Stop != MarketingStop.None,
            relation.RestsUntil is { } rest && view.Now < rest ? rest.ToString() : null,
            relation.BlockedAt is { } at ? new BlockShape(at.ToString(), Words.Of(relation.BlockReason)) : null,
            until is { } end && view.Now < end ? new WindowShape(true, end.ToString()) : new WindowShape(false, null));
    }

    private static readonly Category[] ConsentCategories = [Category.Utility, Category.Authentication, Category.Marketing];
}

/// <summary>Consent to one category.</summary>
/// <param name="Category">utility, authentication or marketing.</param>
/// <param name="Status">granted, or who took it back and how.</param>
/// <param name="At">When it came to hold.</param>
/// <param name="Source">Where it was given.</param>
/// <param name="By">Who said so: user or business.</param>
/// <param name="Wording">The wording shown.</param>
/// <param name="Evidence">Reference to the evidence.</param>
internal sealed record ConsentShape(string Category, string Status, string At, string Source, string? By, string? Wording, string? Evidence)
{
    /// <summary>Null where nothing holds.</summary>
    public static ConsentShape? From(Category category, Consent consent, UserView view)
    {
        if (consent.Status == ConsentStatus.None)
        {
            return null;
        }

        var entry = view.Consents.LastOrDefault(e => e.Number == consent.Entry);
        return new ConsentShape(
            Words.Of(category),
            Words.Of(consent.Status),
            consent.At.ToString(),
            Words.Of(consent.Source),
            entry is null ? null : Words.Of(entry.By),
            entry?.Wording,
            entry?.Evidence);
    }
}

/// <summary>A block by the user.</summary>
internal sealed record BlockShape(string Since, string Reason);

/// <summary>A customer-service window.</summary>
/// <param name="Open">Whether it is open.</param>
/// <param name="ExpiresAt">When it ends; missing while closed.</param>
internal sealed record WindowShape(bool Open, string? ExpiresAt);

/// <summary>How much marketing may still come, over all businesses; both must hold.</summary>
/// <param name="Day">In any 24 hours.</param>
/// <param name="DayBasis">Why that limit is what it is: standard; engaged or unengaged, by what the user reads; own, where the user's number is lower.</param>
/// <param name="Week">In any 7 days.</param>
/// <param name="PerBusinessPerDay">At most so many of one business in any 24 hours.</param>
internal sealed record MarketingCapShape(CapShape Day, string DayBasis, CapShape Week, int PerBusinessPerDay)
{
    public static MarketingCapShape From(UserState state, MarketingCapNumbers numbers, Instant now) => new(
        CapShape.From(CapStanding.Day(state, numbers, now)),
        Words.Of(CapStanding.PerDay(state, numbers, now).Basis),
        CapShape.From(CapStanding.Week(state, numbers, now)),
        numbers.PerBusinessPerDay);
}

/// <summary>One of the cap's numbers.</summary>
/// <param name="Limit">Messages in the period, as it stands now.</param>
/// <param name="Used">Counted in the period that ends now.</param>
/// <param name="Left">What may still come now.</param>
/// <param name="NextFreeAt">When a place comes free; missing while one is free, and where waiting doesn't help.</param>
internal sealed record CapShape(int Limit, int Used, int Left, string? NextFreeAt)
{
    public static CapShape From(CapStanding standing) => new(standing.Limit, standing.Used, standing.Left, standing.FreeAt?.ToString());
}
