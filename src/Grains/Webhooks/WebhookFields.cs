using Actors.Ledger;
using Actors.Policy.Users;

namespace Actors.Grains.Webhooks;

/// <summary>The fields of the Cloud API that a webhook can be subscribed to here, and which events each has.</summary>
internal static class WebhookFields
{
    public const string Messages = "messages";
    public const string UserPreferences = "user_preferences";
    public const string TemplateStatus = "message_template_status_update";
    public const string TemplateQuality = "message_template_quality_update";
    public const string NumberQuality = "phone_number_quality_update";
    public const string Account = "account_update";
    public const string Alerts = "account_alerts";
    public const string Capability = "business_capability_update";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Messages, UserPreferences, TemplateStatus, TemplateQuality, NumberQuality, Account, Alerts, Capability];

    /// <summary>The field that an event is told in: as exactly one update. Null where it is told in none: of somebody erased nobody can be told.</summary>
    public static string? Of(LedgerEvent line) => line.User < 0 ? null : OfAnybody(line);

    /// <summary>The field of an event, also where its user was erased and it is told no longer.</summary>
    public static string? OfAnybody(LedgerEvent line) => line.Event.Kind switch
    {
        EventKind.Accepted or EventKind.Delivered or EventKind.Read or EventKind.Failed or EventKind.Expired or EventKind.Inbound => Messages,

        EventKind.Stopped or EventKind.Resumed => UserPreferences,

        // What the business did itself it knows. A block is told as the opt-out that it is, like one by call: see UserActions.Block.
        EventKind.OptedIn or EventKind.OptedOut => (ConsentActor)line.Event.Detail == ConsentActor.Business ? null : UserPreferences,

        EventKind.TemplateChanged => TemplateStatus,
        EventKind.QualityChanged => line.Event.Template == 0 ? NumberQuality : TemplateQuality,
        EventKind.ThroughputChanged => NumberQuality,
        EventKind.Restricted => Account,
        EventKind.RestrictionLifted => AccountUpdates.IsTierOnly(line.Text) ? null : Account,

        // Of all that changes at a business, the Cloud API has a word for its verification only.
        EventKind.BusinessChanged => AccountUpdates.IsVerification(line.Text) ? Account : null,
        EventKind.EarlyWarning => Alerts,
        EventKind.LimitChanged => Capability,

        // Never shown person by person.
        EventKind.Blocked or EventKind.Unblocked or EventKind.Reported or EventKind.FeedbackGiven => null,

        // The user's own, and of no business.
        EventKind.PreferencesChanged or EventKind.DeviceChanged => null,

        // The business's own acts.
        EventKind.BlockListChanged or EventKind.ReadByBusiness => null,

        // The Cloud API has no webhook for the click on a button that opens an address or calls a number; a quick reply is a message of the user.
        EventKind.Clicked => null,

        // No field has appeals: what one changes is a restriction lifted, and that is told.
        EventKind.AppealChanged => null,
    };
}
