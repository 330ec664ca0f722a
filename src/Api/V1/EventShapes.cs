using System.Globalization;
using System.Text.Json;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>A page of a business's events.</summary>
/// <param name="Events">In ledger order.</param>
/// <param name="Next">The cursor for <c>after</c>: everything before it has been seen, also where the page is empty.</param>
internal sealed record EventsResponse(IReadOnlyList<EventShape> Events, string Next);

/// <summary>One event of a business.</summary>
internal sealed record EventShape
{
    /// <summary>Its place in the ledger: ascending, with gaps.</summary>
    public required long Seq { get; init; }

    /// <summary>When it happened.</summary>
    public required string At { get; init; }

    /// <summary>What happened.</summary>
    public required string Kind { get; init; }

    /// <summary>The user's wa_id; missing where they were erased since.</summary>
    public string? User { get; init; }

    /// <summary>The message's id; missing where its user was erased since.</summary>
    public string? Message { get; init; }

    /// <summary>Id of the business's number.</summary>
    public string? Number { get; init; }

    /// <summary>Id of the template.</summary>
    public string? Template { get; init; }

    /// <summary>The message's category.</summary>
    public string? Category { get; init; }

    /// <summary>The categories that consent was given to or withdrawn from.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>For accepted: whether it counts against the user's marketing cap.</summary>
    public bool? Counted { get; init; }

    /// <summary>For accepted: whether the customer-service window was open.</summary>
    public bool? InWindow { get; init; }

    /// <summary>For clicked: the button's index.</summary>
    public int? Button { get; init; }

    /// <summary>For what concerns no user: what changed.</summary>
    public JsonElement? Detail { get; init; }
}

/// <summary>
/// What a business sees of the ledger. Blocks, reports and feedback are never shown person by person; preferences and devices are the user's own.
/// </summary>
internal static class EventRendering
{
    /// <summary>The event as the business sees it; null when it doesn't.</summary>
    public static EventShape? Render(EventLine line, Wamid wamid)
    {
        var e = line.Event;
        if (KindOf(e) is not { } kind)
        {
            return null;
        }

        var isMessage = e.Kind is EventKind.Accepted or EventKind.Delivered or EventKind.Read or EventKind.Failed or EventKind.Expired or EventKind.Clicked;
        return new EventShape
        {
            Seq = line.Seq,
            At = e.At.ToString(),
            Kind = kind,
            // Of somebody who was erased there is nothing to tell but that it happened.
            User = line.User <= 0 ? null : Digits(line.User),
            Message = e.Message == 0 || line.User <= 0 ? null : wamid.Encode(line.User, e.Message),
            Number = e.PhoneNumber == 0 ? null : Digits(e.PhoneNumber),
            Template = e.Template == 0 ? null : Digits(e.Template),
            Category = isMessage ? Words.Of(e.Category) : null,
            Categories = e.Categories == Categories.None ? null : Words.Of(e.Categories),
            Counted = e.Kind == EventKind.Accepted ? e.Counted : null,
            InWindow = e.Kind == EventKind.Accepted ? e.InWindow : null,
            Button = e.Kind == EventKind.Clicked ? e.Detail : null,
            Detail = Parse(line.Text),
        };
    }

    /// <summary>The kind's word; null for what a business doesn't see.</summary>
    private static string? KindOf(UserEvent e) => e.Kind switch
    {
        EventKind.Accepted => "accepted",
        EventKind.Delivered => "delivered",
        EventKind.Read => "read",
        EventKind.Failed => "failed",
        EventKind.Expired => "expired",
        EventKind.Inbound => "inbound",
        EventKind.OptedIn => "opted_in",
        EventKind.OptedOut => "opted_out",
        EventKind.Stopped => "stopped",
        EventKind.Resumed => "resumed",
        EventKind.Clicked => "clicked",
        EventKind.BlockListChanged => e.Detail == 1 ? "block_list_added" : "block_list_removed",
        EventKind.ReadByBusiness => "read_by_business",
        EventKind.BusinessChanged => "business_changed",
        EventKind.TemplateChanged => "template_changed",
        EventKind.QualityChanged => "quality_changed",
        EventKind.Restricted => "restricted",
        EventKind.RestrictionLifted => "restriction_lifted",
        EventKind.AppealChanged => "appeal_changed",
        EventKind.EarlyWarning => "early_warning",
        EventKind.LimitChanged => "limit_changed",
        EventKind.ThroughputChanged => "throughput_changed",
        EventKind.Blocked or EventKind.Unblocked or EventKind.Reported or EventKind.FeedbackGiven => null,
        EventKind.PreferencesChanged or EventKind.DeviceChanged => null,
    };

    private static JsonElement? Parse(string? text) => string.IsNullOrEmpty(text) ? null : JsonElement.Parse(text);

    private static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);
}
