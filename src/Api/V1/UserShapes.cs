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
    public static UserResponse From(long user, UserView view, IReadOnlyDictionary<long, BusinessView> businesses, PolicyNumbers numbers) => new(
        user.ToString(CultureInfo.InvariantCulture),
        view.Version > 0,
        [.. view.State.Relations.Select(r => UserBusiness.From(r, businesses.GetValueOrDefault(r.Business), view, numbers))],
        MarketingCapShape.From(view, numbers.MarketingCap),
        new PreferencesShape(view.State.Preferences.Businesses, view.State.Preferences.Marketing, view.State.Preferences.Languages),
        [.. view.State.Devices.Select(d => new DeviceShape(d.Name, d.Since.ToString()))]);
}

/// <summary>The user's word about all businesses.</summary>
internal sealed record PreferencesShape(bool Businesses, bool Marketing, IReadOnlyList<string> Languages);

/// <summary>A device.</summary>
internal sealed record DeviceShape(string Name, string Since);

/// <summary>What holds between the user and one business.</summary>
/// <param name="Id">The business's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Verified">Whether the platform verified it.</param>
/// <param name="Official">Whether it bears the official badge.</param>
/// <param name="Consents">By category.</param>
/// <param name="MarketingStopped">Whether the user stopped its marketing.</param>
/// <param name="Block">The user's block; missing where there is none.</param>
/// <param name="Window">The customer-service window.</param>
internal sealed record UserBusiness(
    string Id,
    string? Name,
    bool Verified,
    bool Official,
    IReadOnlyList<ConsentShape> Consents,
    bool MarketingStopped,
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
/// <param name="Week">In any 7 days.</param>
/// <param name="PerBusinessPerDay">At most so many of one business in any 24 hours.</param>
internal sealed record MarketingCapShape(CapShape Day, CapShape Week, int PerBusinessPerDay)
{
    public static MarketingCapShape From(UserView view, MarketingCapNumbers numbers) => new(
        CapShape.From(view, numbers.PerDay, TimeSpan.FromDays(1)), CapShape.From(view, numbers.PerWeek, TimeSpan.FromDays(7)), numbers.PerBusinessPerDay);
}

/// <summary>One of the cap's numbers.</summary>
/// <param name="Limit">Messages in the period.</param>
/// <param name="Used">Counted in the period that ends now.</param>
/// <param name="Left">What may still come now.</param>
/// <param name="NextFreeAt">When a place comes free; missing while one is free, or where the limit is 0.</param>
internal sealed record CapShape(int Limit, int Used, int Left, string? NextFreeAt)
{
    public static CapShape From(UserView view, int limit, TimeSpan period)
    {
        var counted = view.State.Receipts.Where(r => view.Now < r.At + period).ToArray();
        var free = counted.Length >= limit && limit > 0 ? counted[^limit].At + period : (Instant?)null;
        return new CapShape(limit, counted.Length, Math.Max(0, limit - counted.Length), free?.ToString());
    }
}
