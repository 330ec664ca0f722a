using Actors.Api.Auth;
using Actors.Contracts;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>The answer to something that only had to be done.</summary>
/// <param name="Changed">False when it already was so.</param>
internal sealed record ActionResponse(bool Changed);

/// <summary>What the caller of <c>/v1</c> hears when it is refused.</summary>
internal static class Refusals
{
    public static Problem BusinessUnknown { get; } = new(404, "business_unknown", "There is no such business.");

    public static Problem NumberUnknown { get; } = new(404, "number_unknown", "There is no such number.");

    public static Problem MessageUnknown { get; } = new(404, "message_unknown", "There is no such message.");

    public static Problem TemplateUnknown { get; } = new(404, "template_unknown", "There is no such template.");

    /// <summary>Everything that is wrong with a request.</summary>
    public static Problem Of(Checks checks) =>
        Problems.Invalid(string.Join("; ", checks.Faults.Select(f => f.Field.Length == 0 ? f.Rule : $"{f.Field}: {f.Rule}")), checks.Faults);

    private static Problem Wrong(string field, string rule)
    {
        var checks = new Checks();
        checks.Add(field, rule);
        return Of(checks);
    }

    /// <summary>The answer to an action.</summary>
    public static IResult Answer(ActionReply reply, CallerRole role) =>
        reply.Refusal is { } refusal ? Of(refusal, role) : TypedResults.Ok(new ActionResponse(reply.Changed));

    /// <summary>Why an action is refused. A business can't tell a block from an opt-out: both are the user's word.</summary>
    public static Problem Of(ActionRefusal refusal, CallerRole role) => refusal switch
    {
        ActionRefusal.Blocked when role != CallerRole.Business =>
            new(409, "blocked", "You have blocked this business, or turned all businesses off. Undo that first."),
        ActionRefusal.Blocked or ActionRefusal.TakenAwayByUser =>
            new(409, "taken_away_by_user", "The user's own word took this consent away. Only the user can give it again."),
        ActionRefusal.InFuture => new(400, "opt_in_in_future", "at: an opt-in can't lie in the future."),
        ActionRefusal.OlderThanWithdrawal => new(409, "opt_in_older_than_withdrawal", "The opt-in is older than a withdrawal of the same consent."),
        ActionRefusal.MessageUnknown => MessageUnknown,
        ActionRefusal.MessageMismatch => new(409, "message_mismatch", "The message goes the other way, or belongs to another business."),
        ActionRefusal.StatusBackwards => new(409, "status_backwards", "A message's status never goes backwards, and nothing comes after failed or expired."),
        ActionRefusal.NotMarketing => new(409, "not_marketing", "Only marketing messages take feedback."),
        ActionRefusal.TooManyDevices => new(409, "too_many_devices", $"A user has at most {UserState.DevicesMax} devices. Remove one first."),
        ActionRefusal.DeviceUnknown => new(404, "device_unknown", "There is no such device."),
        ActionRefusal.KeyReused => new(422, "client_id_reused", "client_id: it was used with another message."),
        ActionRefusal.NoRecentMessage => new(409, "no_recent_message", "The user has not written to the business within the last 24 hours."),
        ActionRefusal.NothingThere => new(404, "nothing_there", "There is nothing of that kind to take back."),
        ActionRefusal.NumberTooHigh => Wrong("marketing_per_day", "it must not be above the platform's number, as it stands for you now"),
        ActionRefusal.TimeZoneUnknown => Wrong("quiet_hours.time_zone", "it must be the name of a zone of the IANA database, such as Europe/Berlin, or UTC"),
        ActionRefusal.Undecided => throw new InvalidOperationException("An action was refused without a reason."),
    };
}
