using Actors.Api.Sends;
using Actors.Policy.Businesses;
using Actors.Policy.Sends;

namespace Actors.Api.Graph.Messages;

/// <summary>The table from our reasons to the Cloud API's codes.</summary>
internal static class Refusals
{
    /// <summary>What the caller hears when a send was refused.</summary>
    public static GraphError From(SendResult result)
    {
        var error = result.PublicReason() is { } reason ? Of(reason, result.Facts) : GraphError.Internal;
        return error with { Decision = result.PublicTrace(), PolicyVersion = result.DecidedBy, RetryAt = result.PublicRetryAt() };
    }

    private static GraphError Of(Reason reason, AdmissionFacts? facts) => reason switch
    {
        Reason.Undecided => GraphError.Internal,
        Reason.BusinessLocked => new(131031, 403, "Account has been locked", "The business is locked until an operator unlocks it."),
        Reason.BusinessRestricted => new(368, 403, "Temporarily blocked for policies violations", Restricted(facts)),
        Reason.Throughput => new(
            130429, 400, "Rate limit hit", $"The number has made its {facts?.ThroughputLimit} decisions of this second; spread sends over time."),
        Reason.TemplateUnknown => new(
            132001, 404, "Template does not exist", "template: there is no approved template of this name in this language"),
        Reason.TemplatePaused => new(132015, 400, "Template is Paused", "template: it is paused because of its quality"),
        Reason.TemplateDisabled => new(132016, 400, "Template is Disabled", "template: it was paused too often and is disabled"),
        Reason.TemplateMismatch => Mismatch(facts),
        Reason.RecipientIsSender => new(131021, 400, "Recipient cannot be sender", "to: it is the sending number itself"),

        // One wording for all of them: which one it is, is the user's own business.
        Reason.NoRelation or Reason.BlockedByUser or Reason.BusinessesOff or Reason.BlockedByBusiness or Reason.TooManyUndelivered => new(
            131026, 400, "Message undeliverable", "This user can't be reached by this business: there is no opt-in and no message of theirs on record, "
            + "one side has blocked the other, or too much waits for them."),

        Reason.ConsentMissing => Consent("The user has not opted in to this category of messages."),
        Reason.ConsentWithdrawn => Consent("The opt-in to this category of messages was withdrawn."),
        Reason.MarketingStopped or Reason.MarketingOff => Consent("The user has stopped marketing messages."),
        Reason.WindowClosed => new(
            131047, 400, "Re-engagement message", "The user's last message is too long ago for anything but a template."),
        Reason.PairRate => new(
            131056, 400, "Pair rate limit hit", "Too many messages from this business to this user; wait before the next one."),
        Reason.QuietHours => Unhealthy("The user wants no marketing messages at this time of day; don't retry before the time given."),

        // The same words for a rest, should it come here: what one user said of a message isn't told.
        Reason.MarketingCap or Reason.MarketingRests => Unhealthy("This user gets no more marketing messages for now; don't retry before the time given."),
        Reason.MessagingLimit => new(
            131048, 400, "Spam rate limit hit", "The business has opened as many conversations in 24 hours as its messaging limit allows."),
    };

    private static string Restricted(AdmissionFacts? facts) => facts?.Restriction switch
    {
        Restriction.NoMarketing => "The business is restricted: no marketing messages for now.",
        Restriction.WindowOnly => "The business is restricted: only answers within 24 hours of a user's message, and no marketing, for now.",
        Restriction.Nothing => "The business is restricted: no messages at all for now.",
        Restriction.None or Restriction.Warning or Restriction.Locked or null => "The business is restricted for this kind of message.",
    };

    private static GraphError Mismatch(AdmissionFacts? facts)
    {
        var (code, details) = facts?.TemplateMismatch is { } mismatch ? (mismatch.Code, mismatch.Details) : (132018, "The parameters don't fit the template.");
        var title = code switch
        {
            132000 => "Template Param Count Mismatch",
            132005 => "Hydrated text too long",
            132012 => "Parameter format mismatch",
            _ => "Template validation error",
        };
        return new(code, 400, title, details);
    }

    private static GraphError Unhealthy(string details) => new(131049, 400, "Not delivered to keep engagement healthy", details);

    private static GraphError Consent(string details) => new(131050, 400, "User has stopped receipt of these messages", details);
}
