namespace Actors.Bench.Scenarios.Checks;

/// <summary>A guarantee that didn't hold.</summary>
/// <param name="Guarantee">G1 to G7, as in ARCHITECTURE.md.</param>
/// <param name="What">What happened, in words.</param>
/// <param name="User">The user whom it happened to; 0 where it is about none.</param>
/// <param name="Message">The message; null where it is about none.</param>
internal sealed record Violation(string Guarantee, string What, long Business, long User, string? Message)
{
    public override string ToString() =>
        $"{Guarantee}: {What} (business {Business}{(User == 0 ? "" : $", user {User}")}{(Message is null ? "" : $", {Message}")})";
}

/// <summary>
/// Holds a run against the guarantees, from outside: a pure function of what was asked, what was answered, and what the log says afterwards. It never calls
/// a violation what some order of the calls explains.
/// </summary>
internal static class Checker
{
    /// <summary>What is proven, one check each, and how to call it.</summary>
    public static IReadOnlyList<(string Guarantee, string Proves, Func<History, IEnumerable<Violation>> Find)> All { get; } =
    [
        ("G1", "every accepted send is in the log once, and nothing that nobody asked for", Messages.Lost),
        ("G2", "no user has had more counted marketing, over all businesses, in any 24 hours or 7 days than the cap allows", Caps.Exceeded),
        ("G3", "nothing was accepted that an answered opt-out, stop or block forbids, or that lacked opt-in and window", Consents.Ignored),
        ("G5", "one key gave one message, and no second body", Messages.Doubled),
        ("G6", "no business has opened more users than its limit in any 24 hours", Openings.Exceeded),
        ("G7", "each status of a message was told once, in order, and none that a device reported is missing", Statuses.Wrong),
    ];

    /// <summary>All that didn't hold; one violation for each guarantee and message.</summary>
    public static IReadOnlyList<Violation> Check(History history) =>
    [
        .. All.SelectMany(check => check.Find(history).DistinctBy(violation => (violation.Message ?? violation.What, violation.User, violation.Business))),
    ];
}
